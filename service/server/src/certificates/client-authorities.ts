import { readFileSync } from 'node:fs'
import { readClientAuthorities } from '../http/tls-door.ts'

/** The authorities that client certificates may chain to, as files say; read again on a reload. */
export interface ClientAuthorities {
  /** DER. */
  now(): readonly Uint8Array[]
  pems(): readonly string[]
  /** @throws Error when a file is missing or holds something else; the old ones then stay */
  reload(): void
}

export const openClientAuthorities = (files: readonly string[]): ClientAuthorities => {
  let pems: readonly string[] = []
  let authorities: readonly Uint8Array[] = []
  const reload = (): void => {
    const read = files.map((file) => readFileSync(file, 'utf8'))
    authorities = readClientAuthorities(read)
    pems = read
  }
  reload()
  return { now: () => authorities, pems: () => pems, reload }
}
