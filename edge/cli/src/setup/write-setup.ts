import { randomBytes } from 'node:crypto'
import { existsSync, linkSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, isAbsolute, join, relative } from 'node:path'
import { renderWarning } from '@mintmark/server/configuration/configuration-fault'
import { readConfiguration } from '@mintmark/server/configuration/read-configuration'
import { MasterKeyFault, openMasterKey } from '@mintmark/server/signing/master-key'
import { Document } from 'yaml'
import { issueFrom, makeAuthority } from '../authority/authority-folder.ts'
import { exitCodes } from '../exit-codes.ts'
import { CommandFault, configurationRefused } from '../session/command-fault.ts'
import type { Answers } from './answers.ts'
import { makeFolder } from './check-place.ts'

/** One file, and whether it is new. */
export interface WrittenFile {
  readonly path: string
  readonly mode: string
  readonly isNew: boolean
  readonly note: string
}

const secretFile = 'admin.secret'
export const administratorId = 'admin'

/** Beside the configuration as the configuration names it; elsewhere in full. */
const from = (folder: string, path: string): string => {
  const short = relative(folder, path)
  return short.startsWith('..') || isAbsolute(short) ? path : short
}

/** What the answers say, as settings. */
const settingsOf = (answers: Answers, files: { readonly cert: string; readonly key: string }) => {
  const { issuer, data, tls, listen, tlsListen, config, databaseUrlFile } = answers
  const here = (path: string): string => from(dirname(config), path)
  const { origin } = new URL(issuer)
  return {
    url: origin,
    issuer,
    data: here(data),
    ...(databaseUrlFile === null ? {} : { databaseUrlFile: here(databaseUrlFile) }),
    masterKeyFile: 'master.key',
    listen,
    ...(tls.by === 'proxy' ? { trustedProxies: tls.trusted } : {}),
    ...(tlsListen === null
      ? {}
      : {
          secureUrl: origin,
          tls: { listen: tlsListen, cert: here(files.cert), key: here(files.key) },
        }),
    ...(tls.by === 'development' ? { clientCa: [join('ca', 'ca.crt')] } : {}),
    bootstrap: { clientId: administratorId, clientSecretFile: secretFile },
  }
}

const heading = ` Made by mintmark init. Start: mintmark serve --config with the path of this file.
 Every setting: mintmark serve --help. Paths begin beside this file.`

const textOf = (settings: object): string => {
  const document = new Document(settings)
  document.commentBefore = heading
  return document.toString({ lineWidth: 100 })
}

/** A secret, for its owner alone; kept when it is there. */
const writeSecret = (path: string): boolean => {
  try {
    writeFileSync(path, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  }
}

const makeMasterKey = (path: string): boolean => {
  const isNew = !existsSync(path)
  try {
    openMasterKey(path, true)
  } catch (error) {
    if (!(error instanceof MasterKeyFault)) throw error
    throw new CommandFault(exitCodes.invalidInput, error.message)
  }
  return isNew
}

/** Names that callers may use for this server. */
const serverNames = (issuer: string) => {
  const host = new URL(issuer).hostname.replace(/^\[|\]$/g, '')
  const isAddress = /^[\d.]+$/.test(host) || host.includes(':')
  const names = [
    { type: isAddress ? 'ip' : 'dns', value: host },
    { type: 'dns', value: 'localhost' },
    { type: 'ip', value: '127.0.0.1' },
    { type: 'ip', value: '::1' },
  ] as const
  return names.filter(({ value }, at) => names.findIndex((each) => each.value === value) === at)
}

/** A certificate of an authority of its own, for an inner network or a trial. */
const makeCertificate = async (folder: string, issuer: string, nowMs: number) => {
  const directory = join(folder, 'ca')
  const files = { cert: join(directory, 'server.crt'), key: join(directory, 'server.key') }
  if (!existsSync(join(directory, 'ca.crt'))) await makeAuthority(directory, nowMs)
  if (existsSync(files.cert)) return files
  const names = serverNames(issuer)
  const commonName = names[0]?.value ?? 'localhost'
  await issueFrom(directory, 'server', { purpose: 'server', commonName, names }, nowMs)
  return files
}

/** Reads the file as `serve` will; it takes its place only when nothing is wrong with it. */
const placeChecked = (path: string, text: string): readonly string[] => {
  const draft = `${path}.new-${process.pid}`
  writeFileSync(draft, text, { mode: 0o640, flag: 'wx' })
  try {
    const read = readConfiguration({ file: draft, environment: {}, flags: {} })
    if (!read.ok) throw configurationRefused(read.failure)
    linkSync(draft, path)
    return read.value.warnings.map(renderWarning)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw alreadyThere(path)
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

export const alreadyThere = (path: string) =>
  new CommandFault(
    exitCodes.conflict,
    `${path} is there already, and nothing is overwritten. Edit it, or choose another: --config`,
  )

/**
 * Writes the configuration and what it names. Keys and secrets that are there are kept, a
 * configuration that is there is refused.
 */
export const writeSetup = async (
  answers: Answers,
  nowMs: number,
): Promise<{ readonly files: readonly WrittenFile[]; readonly warnings: readonly string[] }> => {
  const { config, data, tls, issuer } = answers
  const folder = dirname(config)
  makeFolder(folder, 0o755)
  makeFolder(data, 0o700)
  const masterKey = join(folder, 'master.key')
  const secret = join(folder, secretFile)
  const files: WrittenFile[] = []
  const note = (path: string, mode: string, isNew: boolean, said: string) =>
    files.push({ path, mode, isNew, note: said })
  const isNewKey = makeMasterKey(masterKey)
  const backUp = 'back this up: without it signing keys cannot be read'
  note(masterKey, '0600', isNewKey, backUp)
  note(secret, '0600', writeSecret(secret), 'secret of the first administrator')
  const pair =
    tls.by === 'development'
      ? await makeCertificate(folder, issuer, nowMs)
      : tls.by === 'files'
        ? tls
        : { cert: '', key: '' }
  if (tls.by === 'development') {
    note(join(folder, 'ca', 'ca.crt'), '0644', true, 'callers must trust this authority')
  }
  const warnings = placeChecked(config, textOf(settingsOf(answers, pair)))
  files.unshift({ path: config, mode: '0640', isNew: true, note: '' })
  return { files, warnings }
}
