/**
 * The `Client-Cert` field, in which a trusted proxy that ends TLS hands on the certificate of the
 * caller (RFC 9440 §2.2). Who may send it is not decided here.
 */
import { type Refusal, refuse } from './refusal.ts'
import { ok, type Result } from './result.ts'
import { derTags, readDer } from './x690-der.ts'

export const clientCertificateHeaderCharsMax = 16_384

/**
 * RFC 9440 §2.1, RFC 8941 §3.3.5: a byte sequence between colons, in base64 with its padding and
 * with zero bits left over. Parameters behind it, and a list of two, are none.
 */
const byteSequence =
  /^:((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?):$/

/**
 * Reads the field value.
 * @param value of the only `Client-Cert` field of the request
 * @returns the DER of the certificate, which is one SEQUENCE to its last byte and otherwise unread;
 * CERTIFICATE_HEADER_MALFORMED for everything else
 */
export const parseClientCertificateHeader = (value: string): Result<Uint8Array, Refusal> => {
  const encoded =
    value.length <= clientCertificateHeaderCharsMax ? byteSequence.exec(value)?.[1] : undefined
  if (encoded === undefined) {
    return refuse('CERTIFICATE_HEADER_MALFORMED', { operator: 'Client-Cert is not :base64:.' })
  }
  const der = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0))
  if (readDer(der)?.tag !== derTags.sequence) {
    return refuse('CERTIFICATE_HEADER_MALFORMED', { operator: 'Client-Cert does not hold DER.' })
  }
  return ok(der)
}
