import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import type { LeafName } from '@mintmark/server/certificates/issue-development-certificate'
import {
  issueFrom,
  listFolder,
  makeAuthority,
  subjectOf,
  thumbprintOf,
} from '../authority/authority-folder.ts'
import { exitCodes } from '../exit-codes.ts'
import { CommandFault, runCommand } from '../session/command-fault.ts'
import { processTerminal } from '../session/terminal.ts'

export interface AuthorityFlags {
  readonly directory: string
}

export interface IssueFlags extends AuthorityFlags {
  readonly server?: boolean
  readonly dns?: readonly string[]
  readonly ip?: readonly string[]
  readonly uri?: readonly string[]
  readonly days?: string
}

export interface ListFlags extends AuthorityFlags {
  readonly output: string
}

const usage = (message: string) => new CommandFault(exitCodes.usage, message)

const endOf = (certificate: X509Certificate): string =>
  certificate.validToDate.toISOString().slice(0, 10)

/** `mintmark ca init`. @returns the exit code */
export const caInit = (flags: AuthorityFlags, terminal = processTerminal()): Promise<number> =>
  runCommand(async () => {
    const { certificate, key, pem } = await makeAuthority(flags.directory, terminal.nowMs)
    const made = new X509Certificate(pem.certPem)
    terminal.writeOutput(
      `✔ ${certificate}  ${subjectOf(made)}  until ${endOf(made)}\n` +
        `✔ ${key}  readable by you alone: who has it can vouch for anybody\n\n` +
        `  Let the server trust it:  clientCa: [${certificate}]\n` +
        '  A client certificate:     mintmark ca issue nightly-billing\n',
    )
    return exitCodes.ok
  }, terminal)

const namesOf = (flags: IssueFlags, name: string): readonly LeafName[] => {
  for (const ip of flags.ip ?? []) if (isIP(ip) === 0) throw usage(`--ip ${ip} is no IP address.`)
  for (const uri of flags.uri ?? []) if (!URL.canParse(uri)) throw usage(`--uri ${uri} is no URI.`)
  const all: readonly LeafName[] = [
    ...(flags.dns ?? []).map((value) => ({ type: 'dns', value }) as const),
    ...(flags.ip ?? []).map((value) => ({ type: 'ip', value }) as const),
    ...(flags.uri ?? []).map((value) => ({ type: 'url', value }) as const),
  ]
  // Servers are found by these names alone (RFC 9525 §2).
  return flags.server === true && all.length === 0 ? [{ type: 'dns', value: name }] : all
}

const lifetimeOf = (days: string | undefined): { readonly lifetimeMs?: number } => {
  if (days === undefined) return {}
  const count = Number(days)
  if (!Number.isInteger(count) || count < 1 || count > 397) throw usage('--days is 1 to 397.')
  return { lifetimeMs: count * 86_400_000 }
}

/** `mintmark ca issue`. @returns the exit code */
export const caIssue = (
  name: string,
  flags: IssueFlags,
  terminal = processTerminal(),
): Promise<number> =>
  runCommand(async () => {
    if (!/^[A-Za-z0-9_.-]{1,64}$/.test(name) || name === 'ca') {
      throw usage(`"${name}" cannot be a name: 1 to 64 of A-Z a-z 0-9 _ . - and not "ca".`)
    }
    const purpose = flags.server === true ? 'server' : 'client'
    const wish = { purpose, commonName: name, names: namesOf(flags, name) } as const
    const { certificate, key, pem } = await issueFrom(
      flags.directory,
      name,
      { ...wish, ...lifetimeOf(flags.days) },
      terminal.nowMs,
    )
    const made = new X509Certificate(pem.certPem)
    const use =
      purpose === 'server'
        ? `  Use it:       tls: { cert: ${certificate}, key: ${key} }\n`
        : `  Register it:  authentication: { tlsSubject: "${subjectOf(made)}" }\n` +
          `            or  authentication: { certificate: ${certificate} }\n` +
          `  Use it:       curl --cert ${certificate} --key ${key} …\n`
    terminal.writeOutput(
      `✔ ${certificate}  ${subjectOf(made)}  until ${endOf(made)}\n` +
        `✔ ${key}  readable by you alone\n\n  x5t#S256      ${thumbprintOf(made)}\n${use}`,
    )
    return exitCodes.ok
  }, terminal)

/** `mintmark ca list`. @returns the exit code */
export const caList = (flags: ListFlags, terminal = processTerminal()): Promise<number> =>
  runCommand(async () => {
    if (flags.output !== 'table' && flags.output !== 'json') {
      throw usage(`--output is table or json, not "${flags.output}".`)
    }
    const listed = listFolder(flags.directory, terminal.nowMs)
    if (flags.output === 'json') {
      terminal.writeOutput(`${JSON.stringify(listed, null, 2)}\n`)
      return exitCodes.ok
    }
    const rows = listed.map(({ name, kind, subject, expires, daysLeft, isOurs }) => {
      const left = daysLeft < 0 ? 'expired' : `${daysLeft} days left`
      const note = isOurs ? '' : '  of another authority'
      const first = `${name.padEnd(24)}  ${kind.padEnd(9)}  ${expires.slice(0, 10)}`
      return `${first}  ${left}  ${subject}${note}\n`
    })
    terminal.writeOutput(rows.join(''))
    return exitCodes.ok
  }, terminal)
