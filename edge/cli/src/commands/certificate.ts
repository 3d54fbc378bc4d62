import { readFileSync } from 'node:fs'
import { listAll, type Send, textOf } from '../domain-file/present-state.ts'
import { exitCodes } from '../exit-codes.ts'
import { pickNamed } from '../nouns/find.ts'
import { CommandFault, expectSuccess, runCommand } from '../session/command-fault.ts'
import { confirmName } from '../session/confirm.ts'
import { openSession } from '../session/open-session.ts'
import { readForm, show, tableOf } from '../session/output.ts'
import { processTerminal } from '../session/terminal.ts'
import type { NounFlags } from './app.ts'

export interface CertificateFlags extends NounFlags {
  /** Of an authority that vouches for clients; otherwise of clients. */
  readonly authority?: boolean
}

const resourceOf = ({ authority }: CertificateFlags): string =>
  authority === true ? 'OAuthPartnerCertificate' : 'OAuthClientCertificate'

const readStored = async (send: Send, flags: CertificateFlags) =>
  (await listAll(send, `/${resourceOf(flags)}s`)).toSorted((a, b) =>
    textOf(a, 'certEndDate').localeCompare(textOf(b, 'certEndDate')),
  )

/** `mintmark certificate list`: those that end first come first. */
export const certificateList = (flags: CertificateFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const form = readForm(flags.output)
    const { send } = await openSession(flags, terminal)
    const data = (await readStored(send, flags)).map((each) => ({
      alias: textOf(each, 'certificateAlias'),
      id: textOf(each, 'id'),
      thumbprint: textOf(each, 'sha256Thumbprint'),
      from: textOf(each, 'certStartDate'),
      until: textOf(each, 'certEndDate'),
    }))
    const rows = data.map(({ alias, until, thumbprint }) => [alias, until, thumbprint])
    const table = tableOf(['ALIAS', 'UNTIL', 'SHA-256'], rows)
    await show(terminal, form, { table, data, names: data.map(({ alias }) => alias) })
    return undefined
  }, terminal)

/** `mintmark certificate add`: into the store of the domain, under an alias. */
export const certificateAdd = (
  alias: string,
  file: string,
  flags: CertificateFlags,
  terminal = processTerminal(),
) =>
  runCommand(async () => {
    const pem = readFileSync(file, 'utf8').trim()
    if (pem.includes('PRIVATE KEY')) {
      const message = `${file} holds a private key: keep it where it is, and give the certificate.`
      throw new CommandFault(exitCodes.invalidInput, message)
    }
    const { send } = await openSession(flags, terminal)
    const resource = resourceOf(flags)
    const body = {
      schemas: [`urn:ietf:params:scim:schemas:oracle:idcs:${resource}`],
      certificateAlias: alias,
      x509Base64Certificate: pem,
    }
    expectSuccess(await send({ method: 'POST', path: `/${resource}s`, body }))
    const next =
      flags.authority === true
        ? 'Clients can show certificates that it issued.'
        : 'Applications can name it.'
    terminal.writeError(`✔ The certificate ${alias} is stored. ${next}\n`)
    return undefined
  }, terminal)

/** `mintmark certificate remove`: refused while an application names it. */
export const certificateRemove = (
  name: string,
  flags: CertificateFlags,
  terminal = processTerminal(),
) =>
  runCommand(async () => {
    const { send } = await openSession(flags, terminal)
    const stored = await readStored(send, flags)
    const found = pickNamed(stored, 'certificateAlias', name, 'certificate')
    const alias = textOf(found, 'certificateAlias')
    await confirmName(`Removing the certificate ${alias}`, alias, flags.yes, terminal)
    const path = `/${resourceOf(flags)}s/${textOf(found, 'id')}`
    expectSuccess(await send({ method: 'DELETE', path }))
    terminal.writeError(`✔ The certificate ${alias} is removed.\n`)
    return undefined
  }, terminal)
