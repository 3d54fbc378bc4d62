/** The certificate of a caller: of the TLS handshake, or in the form in which a proxy tells it. */
import { createHash } from 'node:crypto'
import { parseClientCertificateHeader } from '@mintmark/protocol/rfc9440-client-certificate-header'
import type { GuardRequest } from './guard-request.ts'
import { networkMatcher } from './network-matcher.ts'
import type { CertificateForm, CertificateOptions } from './sender-options.ts'

/** The SHA-256 of the caller's certificate, base64url; null: it shows none that counts. */
export type FindThumbprint = (request: GuardRequest) => string | null

const fieldCharsMax = 32_768
const base64 = /^[A-Za-z0-9+/]+={0,2}$/
const pem = /^-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*$/

const thumbprint = (der: Uint8Array): string => createHash('sha256').update(der).digest('base64url')

const unescaped = (text: string): string | null => {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

const ofBase64 = (text: string | undefined): string | null =>
  text !== undefined && base64.test(text) ? thumbprint(Buffer.from(text, 'base64')) : null

/** `$ssl_client_escaped_cert`, and `Cert` of Envoy: one PEM, percent-encoded. */
const ofEscapedPem = (text: string): string | null =>
  ofBase64(pem.exec(unescaped(text) ?? '')?.[1]?.replaceAll(/\s/g, ''))

/** One element, as SANITIZE_SET writes it: more of them would be the word of somebody before. */
const ofEnvoy = (text: string): string | null => {
  const pairs = [...text.matchAll(/([A-Za-z]+)=("(?:[^"\\]|\\.)*"|[^",;]*)(;|$)/g)]
  if (pairs.map(([whole]) => whole).join('') !== text) return null
  const values = (name: string) =>
    pairs.filter((pair) => pair[1]?.toLowerCase() === name).map((pair) => pair[2] ?? '')
  const [hash, ...hashes] = values('hash')
  const [certificate, ...certificates] = values('cert')
  if (hashes.length > 0 || certificates.length > 0) return null
  if (certificate !== undefined) return ofEscapedPem(certificate.replaceAll('"', ''))
  return hash !== undefined && /^[0-9a-f]{64}$/i.test(hash)
    ? Buffer.from(hash, 'hex').toString('base64url')
    : null
}

/** PEM without its frame and line ends, percent-encoded by some versions; the leaf comes first. */
const ofTraefik = (text: string): string | null => {
  const plain = text.includes('%') ? unescaped(text) : text
  return ofBase64(plain?.split(',', 1)[0])
}

const ofRfc9440 = (text: string): string | null => {
  const der = parseClientCertificateHeader(text)
  return der.ok ? thumbprint(der.value) : null
}

interface FieldForm {
  readonly field: string
  readonly read: (text: string) => string | null
}

const fieldForms: Readonly<Record<Exclude<CertificateForm, 'handshake'>, FieldForm>> = {
  rfc9440: { field: 'client-cert', read: ofRfc9440 },
  nginx: { field: 'x-ssl-client-cert', read: ofEscapedPem },
  envoy: { field: 'x-forwarded-client-cert', read: ofEnvoy },
  haproxy: { field: 'x-ssl-client-der', read: ofBase64 },
  traefik: { field: 'x-forwarded-tls-client-cert', read: ofTraefik },
}

const ofHandshake: FindThumbprint = (request) => {
  const der = request.connection?.()?.certificate ?? null
  return der === null ? null : thumbprint(der)
}

/** @param options where the certificate is; without them, in the handshake of this process */
export const certificateFinder = (options: CertificateOptions | undefined): FindThumbprint => {
  if (options === undefined || options.from === 'handshake') return ofHandshake
  const form = fieldForms[options.from]
  const name = (options.field ?? form.field).toLowerCase()
  const isTrusted = networkMatcher(options.trustedProxies ?? [])
  return (request) => {
    const connection = request.connection?.() ?? null
    if (connection === null || !isTrusted(connection.address)) return null
    const [text, ...more] = request.fields(name)
    if (text === undefined || more.length > 0 || text.length > fieldCharsMax) return null
    return form.read(text)
  }
}
