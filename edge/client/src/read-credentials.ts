import { readFile } from 'node:fs/promises'
import { ClientError } from './client-error.ts'
import type { ClientKey } from './client-key.ts'
import type { ClientSettings, TextSource } from './read-settings.ts'

/** A secret or key is a few kilobytes; more is another file. */
const fileCharsMax = 1_000_000

/** What the client proves itself by, as it is now. */
export interface Credentials {
  readonly secret: string | null
  readonly key: ClientKey | null
  /** PEM, both. */
  readonly certificate: { readonly chain: string; readonly key: string } | null
  /** PEM of the authorities that sign the servers' certificates; null: the usual ones. */
  readonly authority: string | null
}

const readText = async (source: TextSource, name: string): Promise<string> => {
  if ('text' in source) return source.text
  const unreadable = (why: string, cause?: unknown): ClientError =>
    new ClientError('credential_unreadable', `${name} ${source.file}: ${why}`, { cause })
  let text: string
  try {
    text = await readFile(source.file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw unreadable(code === 'ENOENT' ? 'there is no such file.' : `${code}.`, error)
  }
  if (text.length > fileCharsMax) throw unreadable('it is too large.')
  // Editors and `echo` end a file with a line feed that is no part of the secret.
  const content = text.replace(/\r?\n$/, '')
  if (content === '') throw unreadable('it is empty.')
  return content
}

const readKey = async (source: ClientSettings['key']): Promise<ClientKey | null> => {
  if (source === null) return null
  return 'key' in source ? source.key : readText(source, 'The private key')
}

/**
 * Reads what the settings name.
 * @throws ClientError `credential_unreadable` with the file's name and never its content
 */
export const readCredentials = async (settings: ClientSettings): Promise<Credentials> => {
  const { secret, certificate, authority } = settings
  return {
    secret: secret && (await readText(secret, 'The client secret')),
    key: await readKey(settings.key),
    certificate: certificate && {
      chain: await readText(certificate.chain, 'The certificate'),
      key: await readText(certificate.key, 'The key of the certificate'),
    },
    authority: authority && (await readText(authority, 'The authority')),
  }
}

/** Whether both prove the same: nothing was exchanged in between. */
export const isSameCredentials = (a: Credentials, b: Credentials): boolean =>
  a.secret === b.secret &&
  a.key === b.key &&
  a.certificate?.chain === b.certificate?.chain &&
  a.certificate?.key === b.certificate?.key &&
  a.authority === b.authority
