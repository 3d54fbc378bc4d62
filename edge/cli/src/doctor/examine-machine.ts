import { X509Certificate } from 'node:crypto'
import { accessSync, constants, existsSync, readFileSync, type Stats, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type DataStanding, inspectData } from '@mintmark/server/composition/inspect-data'
import type { Configuration } from '@mintmark/server/configuration/configuration'
import {
  type ConfigurationFault,
  describeSource,
} from '@mintmark/server/configuration/configuration-fault'
import { readConfiguration } from '@mintmark/server/configuration/read-configuration'
import { parse } from 'yaml'
import { isObject } from '../domain-file/present-state.ts'
import { createExamination, type Examination, type Examined } from './finding.ts'

const dayMs = 86_400_000
const othersWrite = 0o022
const othersAtAll = 0o077

const statOf = (path: string): Stats | undefined => statSync(path, { throwIfNoEntry: false })

const examineFaults = (
  { error, warning }: Examination,
  faults: readonly ConfigurationFault[],
  level: 'error' | 'warning',
): void => {
  const tell = level === 'error' ? error : warning
  for (const fault of faults) {
    const place = `${describeSource(fault.source)}${fault.key === null ? '' : ` ${fault.key}`}`
    const usual = level === 'error' ? 'The server does not start with it.' : 'It is rarely meant.'
    tell('configuration', `${place}: ${fault.what}.`, fault.why ?? usual, fault.fix)
  }
}

/** Every `…File` that the configuration names. */
const filesNamedIn = (value: unknown): readonly string[] =>
  isObject(value)
    ? Object.entries(value).flatMap(([name, inside]) =>
        name.endsWith('File') && typeof inside === 'string' ? [inside] : filesNamedIn(inside),
      )
    : []

const examineRights = ({ error, warning }: Examination, file: string): void => {
  const mode = statOf(file)?.mode ?? 0
  if ((mode & othersWrite) !== 0) {
    const why = 'Whoever changes it decides whom the server trusts.'
    const rights = { path: file, mode: mode & 0o777 & ~othersWrite }
    error('rights', `Others can change ${file}.`, why, `chmod go-w ${file}`, rights)
  }
  const text = readFileSync(file, 'utf8')
  if ((mode & 0o004) !== 0 && /^\s*(?:clientSecret|databaseUrl|expiryWebhookUrl):/m.test(text)) {
    const fix = `chmod o-r ${file}, or name a file for it: clientSecretFile`
    const rights = { path: file, mode: mode & 0o777 & ~0o007 & ~othersWrite }
    error('rights', `Everybody can read ${file}.`, 'There is a secret in it.', fix, rights)
  }
  for (const named of filesNamedIn(parse(text))) {
    const path = resolve(dirname(file), named)
    if (((statOf(path)?.mode ?? 0) & othersAtAll) === 0) continue
    const rights = { path, mode: 0o600 }
    warning('rights', `Others can read ${path}.`, 'It holds a secret.', `chmod 600 ${path}`, rights)
  }
}

const examineData = async (
  examination: Examination,
  configuration: Configuration,
): Promise<void> => {
  const { error, warning, skip } = examination
  const { data, masterKeyFile, databaseUrl } = configuration
  if (databaseUrl !== null) return skip('schema: not looked at in PostgreSQL')
  if (!existsSync(data)) return skip(`data: ${data} is not there yet; the first start makes it`)
  try {
    accessSync(data, constants.W_OK | constants.X_OK)
  } catch {
    const why = 'This user may not write it. If the server runs as another one, ask as that one.'
    error('data', `${data} cannot be written.`, why, `Give it to the user of the server: chown`)
  }
  const database = join(data, 'mintmark.db')
  const isOpen = (path: string, rights: number) => ((statOf(path)?.mode ?? 0) & rights) !== 0
  if (isOpen(data, 0o001) && isOpen(database, 0o006)) {
    const why = 'It holds every client, and hashes of their secrets.'
    const rights = { path: data, mode: 0o700 }
    warning('rights', `Everybody can read ${database}.`, why, `chmod 700 ${data}`, rights)
  }
  try {
    const standing = await inspectData(data)
    if (standing === null) return skip('schema: there is no database yet')
    examineSchema(examination, standing)
  } catch (fault) {
    const fix = 'Restore a backup, and look at the disk.'
    error('data', `${database} cannot be read.`, (fault as Error).message, fix)
  }
  if (existsSync(masterKeyFile)) return
  const why = 'Without it the signing keys in the database cannot be opened.'
  error('master-key', `The master key ${masterKeyFile} is gone.`, why, 'Restore it.')
}

const examineSchema = (
  { error, warning, isWell }: Examination,
  { file, schema, known, worksHere }: DataStanding,
): void => {
  if (!worksHere) {
    const what = `The database has schema ${schema}; this mintmark knows ${known}.`
    error('schema', what, 'A newer version wrote it.', 'Start that version, or restore a backup.')
  } else if (schema < known) {
    const what = `The database has schema ${schema} of ${known}.`
    warning('schema', what, 'The next start brings it up to date.', 'Make a backup before.')
  } else isWell(`database ${file}, schema ${schema}`)
}

/** The most addresses that one range of trusted proxies should have. */
const proxyBitsMax = 8

const examineProxies = ({ warning }: Examination, { trustedProxies }: Configuration): void => {
  for (const range of trustedProxies) {
    const [address = '', prefix = '0'] = range.split('/')
    const bits = (address.includes(':') ? 128 : 32) - Number(prefix)
    if (bits <= proxyBitsMax) continue
    const why = 'Each address in it can claim any caller and any client certificate.'
    warning(
      'proxies',
      `trustedProxies has ${range}: 2^${bits} addresses.`,
      why,
      'Name the proxies.',
    )
  }
}

const examineCertificate = ({ error, warning }: Examination, { tls }: Configuration): void => {
  if (tls.certFile === null || !existsSync(tls.certFile)) return
  const { validToDate } = new X509Certificate(readFileSync(tls.certFile))
  const left = Math.floor((validToDate.getTime() - Date.now()) / dayMs)
  if (left >= 30) return
  const tell = left < 0 ? error : warning
  const what =
    left < 0 ? `${tls.certFile} has expired.` : `${tls.certFile} expires in ${left} days.`
  tell('tls-expiry', what, 'Then no caller connects.', 'Renew it; the server reads it by itself.')
}

/** Looks at the configuration and at what lies on the disk of this machine. */
export const examineMachine = async (
  file: string,
): Promise<{ readonly examined: Examined; readonly configuration: Configuration | null }> => {
  const examination = createExamination()
  const path = resolve(file)
  const read = readConfiguration({ file: path, environment: {}, flags: {} })
  if (existsSync(path) && statSync(path).isFile()) examineRights(examination, path)
  if (!read.ok) {
    examineFaults(examination, read.failure, 'error')
    return { examined: examination.examined, configuration: null }
  }
  const configuration = read.value
  examination.isWell(`configuration ${file}`)
  examineFaults(examination, configuration.warnings, 'warning')
  examineProxies(examination, configuration)
  examineCertificate(examination, configuration)
  await examineData(examination, configuration)
  return { examined: examination.examined, configuration }
}
