/** What an API demands of the senders of tokens that are bound to a key or a certificate. */
import { normalizeDpopUrl } from '@mintmark/protocol/rfc9449-dpop-proof'
import { networkMatcher } from './network-matcher.ts'

/** Tokens bound to a key (RFC 9449). Without these options, none is taken. */
export interface DpopOptions {
  /**
   * How callers reach this API: what stands before the path that the program sees, such as
   * `https://api.example.com`. Proofs are for an address; it is never taken from the Host field.
   */
  readonly url?: string
  /**
   * In place of `url`: proxies (addresses or CIDR ranges) whose X-Forwarded-Proto and
   * X-Forwarded-Host are believed. They must set both and pass on none from outside.
   */
  readonly trustedProxies?: readonly string[]
  /** True: a token that is bound to no key is refused, however good it is. */
  readonly required?: boolean
  /**
   * True: a proof must carry a nonce of this guard (§9). Several processes behind one address need
   * a secret in common, of 32 characters at least, so that each takes the nonces of the others.
   */
  readonly nonces?: boolean | string
  /** Proofs remembered so that none is used twice: 200000. When they are more, all are refused. */
  readonly proofsMax?: number
  /**
   * Remembers proofs for several processes, such as in Redis: true for the first who brings a key,
   * false for everybody after. It may forget a key at that second since 1970.
   */
  readonly claimProof?: (key: string, endsAtSeconds: number) => boolean | Promise<boolean>
}

/** Who hands on the certificate of the caller, and in which form. */
export type CertificateForm = 'handshake' | 'rfc9440' | 'nginx' | 'envoy' | 'haproxy' | 'traefik'

/** Tokens bound to a certificate (RFC 8705 §3). Without these options: of the TLS handshake. */
export interface CertificateOptions {
  /**
   * `handshake`: this process ends TLS itself. `rfc9440`: Client-Cert. `nginx`: the escaped PEM of
   * `$ssl_client_escaped_cert` in X-SSL-Client-Cert. `envoy`: X-Forwarded-Client-Cert with Hash or
   * Cert. `haproxy`: the base64 of `ssl_c_der,base64` in X-SSL-Client-DER. `traefik`: the PEM of
   * passTLSClientCert in X-Forwarded-Tls-Client-Cert.
   */
  readonly from: CertificateForm
  /** Another name for that field. */
  readonly field?: string
  /** Proxies (addresses or CIDR ranges) that may send it; from anybody else it is not looked at. */
  readonly trustedProxies?: readonly string[]
  /** True: a token that is bound to no certificate is refused, however good it is. */
  readonly required?: boolean
}

const forms: readonly string[] = [
  'handshake',
  'rfc9440',
  'nginx',
  'envoy',
  'haproxy',
  'traefik',
] satisfies CertificateForm[]

const nonceSecretCharsMin = 32

const refuse = (what: string): never => {
  throw new TypeError(`guard(): ${what}`)
}

const checkNetworks = (name: string, ranges: readonly string[] | undefined): void => {
  try {
    networkMatcher(ranges ?? [])
  } catch (error) {
    refuse(`${name}: ${(error as Error).message}`)
  }
}

/** @throws TypeError naming the option and what it must be */
export const checkDpopOptions = (options: DpopOptions | undefined): void => {
  if (options === undefined) return
  const { url, trustedProxies, nonces, proofsMax } = options
  if ((url === undefined) === (trustedProxies === undefined)) {
    refuse('dpop needs url, how callers reach this API, or else trustedProxies.')
  }
  if (url !== undefined && (normalizeDpopUrl(url) === null || /[?#]/.test(url))) {
    refuse('dpop.url must be an http or https URL without query and fragment.')
  }
  checkNetworks('dpop.trustedProxies', trustedProxies)
  if (typeof nonces === 'string' && nonces.length < nonceSecretCharsMin) {
    refuse(`dpop.nonces must be a secret of ${nonceSecretCharsMin} characters at least, or true.`)
  }
  if (proofsMax !== undefined && !(proofsMax >= 1 && proofsMax <= 10_000_000)) {
    refuse('dpop.proofsMax must be a number from 1 to 10000000.')
  }
}

/** @throws TypeError naming the option and what it must be */
export const checkCertificateOptions = (options: CertificateOptions | undefined): void => {
  if (options === undefined) return
  const { from, trustedProxies, field } = options
  if (!forms.includes(from)) refuse(`certificates.from is one of ${forms.join(', ')}.`)
  const isHandshake = from === 'handshake'
  if (isHandshake && (trustedProxies ?? field) !== undefined) {
    refuse("certificates.from 'handshake' takes neither field nor trustedProxies.")
  }
  if (!isHandshake && (trustedProxies ?? []).length === 0) {
    refuse(`certificates.from '${from}' needs trustedProxies: whose word about callers counts.`)
  }
  checkNetworks('certificates.trustedProxies', trustedProxies)
}
