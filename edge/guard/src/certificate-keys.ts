/** Keys from certificates that an operator imported, where no key set is fetched (RFC 5280). */
import { X509Certificate } from 'node:crypto'
import { fail, ok, type Result } from '@mintmark/protocol/result'
import type { LoadedKeys } from './key-source.ts'
import { algorithmsOf, keysMax, type VerifyingKey } from './verifying-key.ts'

const certificateOf = (text: string): X509Certificate | null => {
  try {
    const isPem = text.includes('-----BEGIN')
    return new X509Certificate(isPem ? text : Buffer.from(text, 'base64'))
  } catch {
    return null
  }
}

/** RFC 7515 §4.1.8: SHA-256 of the DER, as tokens name their certificate. */
const thumbprintOf = (certificate: X509Certificate): string =>
  Buffer.from(certificate.fingerprint256.replaceAll(':', ''), 'hex').toString('base64url')

/**
 * The keys of certificates that hold at an instant. Whoever imported them has said that they are
 * the issuer's, so no chain is built; one that is no longer valid gives no key.
 * @param texts each PEM or the base64 of DER
 * @param nowMs milliseconds since 1970
 * @returns the operator's message for a text that is no certificate, or when none is valid
 */
export const readCertificateKeys = (
  texts: readonly string[],
  nowMs: number,
): Result<LoadedKeys, string> => {
  if (texts.length > keysMax) return fail(`more than ${keysMax} signing certificates`)
  const keys: VerifyingKey[] = []
  for (const [index, text] of texts.entries()) {
    const certificate = certificateOf(text)
    if (certificate === null) return fail(`signing certificate ${index + 1} cannot be read`)
    const { validFromDate, validToDate, publicKey } = certificate
    if (nowMs < validFromDate.getTime() || nowMs > validToDate.getTime()) continue
    const algorithms = algorithmsOf(publicKey)
    if (algorithms.length === 0) continue
    const thumbprint = thumbprintOf(certificate)
    keys.push({ kid: null, thumbprint, algorithms, key: publicKey, anyKid: true })
  }
  if (keys.length === 0) return fail('no signing certificate is valid now; import the present ones')
  return ok({ keys, maxAgeSeconds: null })
}
