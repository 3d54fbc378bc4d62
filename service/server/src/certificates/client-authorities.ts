import { readFileSync } from 'node:fs'
import type { PartnerCertificate } from '@mintmark/registry/partner-certificate'
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

interface Joined {
  readonly own: readonly Uint8Array[]
  readonly all: readonly Uint8Array[]
}

const joined = new WeakMap<readonly PartnerCertificate[], Joined>()

/**
 * The server's own list and what administrators have added to it: whom clients without anchors of
 * their own may have their certificates from. One list for as long as neither changes, so that
 * verdicts about certificates can be kept.
 */
export const withPartnerCertificates = (
  own: readonly Uint8Array[],
  partners: readonly PartnerCertificate[],
): readonly Uint8Array[] => {
  if (partners.length === 0) return own
  const known = joined.get(partners)
  if (known?.own === own) return known.all
  const all = [...own, ...partners.map(({ der }) => new Uint8Array(Buffer.from(der, 'base64')))]
  joined.set(partners, { own, all })
  return all
}
