import { constants, createPrivateKey, X509Certificate } from 'node:crypto'
import { unwatchFile, watchFile } from 'node:fs'
import {
  createSecureContext,
  type SecureContextOptions,
  type Server,
  type TlsOptions,
} from 'node:tls'

/** PEM texts of a TLS door. */
export interface TlsMaterial {
  readonly certPem: string
  readonly keyPem: string
  /** Authorities that client certificates may chain to; none: only registered ones count. */
  readonly clientCaPem: readonly string[]
  /**
   * Whether the handshake names these authorities and OpenSSL judges by them (default). Java, Go
   * and browsers then show only certificates issued by one of them: false lets clients with a
   * self-signed certificate, or with an authority of their own, show theirs.
   */
  readonly announceClientAuthorities?: boolean
}

// RFC 9325 §4.2: ephemeral key exchange and authenticated encryption only. TLS 1.3 has its own.
const suites = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':')

/** A handshake takes round trips, not thought: who needs longer is holding a socket. */
const handshakeTimeoutMs = 10_000
const sessionTimeoutSeconds = 300

const contextOptions = (material: TlsMaterial): SecureContextOptions => {
  readClientAuthorities(material.clientCaPem)
  const isAnnounced = material.announceClientAuthorities ?? true
  return {
    cert: material.certPem,
    key: material.keyPem,
    // Never left out: without `ca` every authority of the web would vouch for clients.
    ca: isAnnounced ? [...material.clientCaPem] : [],
    minVersion: 'TLSv1.2', // RFC 9325 §3.1.1
    ciphers: suites,
    honorCipherOrder: true,
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION, // RFC 9325 §3.5
    sessionTimeout: sessionTimeoutSeconds,
  }
}

const checkedContextOptions = (material: TlsMaterial): SecureContextOptions => {
  const options = contextOptions(material)
  // OpenSSL takes an empty text for none, and the door would then refuse every handshake.
  const certificate = new X509Certificate(material.certPem)
  if (!certificate.checkPrivateKey(createPrivateKey(material.keyPem))) {
    throw new Error('The TLS certificate and the TLS key do not belong together.')
  }
  createSecureContext(options)
  return options
}

/**
 * TLS of the secure door: a client certificate is requested and never required (decision 1); what
 * it proves is judged with the request.
 * @throws Error when certificate and key do not fit together, or an authority cannot be read
 */
export const buildTlsOptions = (material: TlsMaterial): SecureContextOptions & TlsOptions => ({
  ...checkedContextOptions(material),
  requestCert: true,
  rejectUnauthorized: false,
  handshakeTimeout: handshakeTimeoutMs,
})

/**
 * Puts new certificates and client authorities into a running door; connections under way keep the
 * old ones. Sessions from before are not resumed: what they proved may no longer hold.
 * @throws Error when the new material is unusable; the door then goes on with the old
 */
export const reloadTls = (server: Server, material: TlsMaterial): void => {
  server.setSecureContext(checkedContextOptions(material))
}

const pemBlock = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END [A-Z0-9 ]+-----/g

/**
 * The authorities in PEM texts of one or more certificates each, as DER.
 * @throws Error when a text holds none or a broken one: OpenSSL would pass over it in silence
 */
export const readClientAuthorities = (pems: readonly string[]): readonly Uint8Array[] =>
  pems.flatMap((pem) => {
    const blocks = pem.match(pemBlock)
    if (blocks === null || blocks.length !== pem.split('-----BEGIN ').length - 1) {
      throw new Error('A client authority file holds something else than certificates.')
    }
    return blocks.map((block) => new Uint8Array(new X509Certificate(block).raw))
  })

const pollMs = 2000
const settleMs = 250

/**
 * Calls `reload` when one of the files has changed and rests. They are polled, by path: what
 * replaces a certificate is usually a renamed file or a moved symbolic link, which watching a file
 * misses. Between the renames of a certificate and its key the two do not fit: that fails, and is
 * repeated when the second one comes.
 * @param onFault told when reloading fails; the old certificates then stay
 * @returns a function that ends the watch
 */
export const watchTlsFiles = (
  files: readonly string[],
  reload: () => void,
  onFault: (fault: unknown) => void,
  intervalMs: number = pollMs,
): (() => void) => {
  let timer: NodeJS.Timeout | null = null
  const settle = (): void => {
    if (timer !== null) clearTimeout(timer)
    timer = setTimeout(
      () => {
        try {
          reload()
        } catch (fault) {
          onFault(fault)
        }
      },
      Math.min(settleMs, intervalMs),
    )
    timer.unref()
  }
  for (const file of files) watchFile(file, { persistent: false, interval: intervalMs }, settle)
  return () => {
    if (timer !== null) clearTimeout(timer)
    for (const file of files) unwatchFile(file, settle)
  }
}
