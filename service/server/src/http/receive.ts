import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { type Refusal, refuse } from '@mintmark/protocol/refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import {
  type PresentedCredential,
  readPresentedCredential,
} from '@mintmark/protocol/rfc6749-client-authentication'
import { checkRepeats, type Form, parseForm } from '@mintmark/protocol/rfc6749-form-encoding'
import { type PeekedAssertion, peekAssertion } from '@mintmark/protocol/rfc7523-client-assertion'
import { type Charset, isUncoded, readContentType } from '@mintmark/protocol/rfc9110-content'
import type { PresentedCertificate } from '../proof/prove-certificate.ts'
import { readHandshakeCertificate, readHeaderCertificate } from '../proof/prove-certificate.ts'
import type { TrustedProxies } from './trusted-proxies.ts'

/** An OAuth request as bytes turned into values: well formed, and nothing more. */
export interface Received {
  readonly form: Form
  readonly credential: PresentedCredential
  /** Read once; what it says is claimed, not proven. */
  readonly assertion: PeekedAssertion | null
  readonly certificate: PresentedCertificate | null
  /** Of two fields both, with a comma between, which is in no proof. */
  readonly dpop: string | undefined
}

/** RFC 6749 §3.2: parameters of these endpoints that must not come twice. */
const singleParameters: ReadonlySet<string> = new Set([
  'grant_type',
  'scope',
  'client_id',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
  'assertion',
  'token',
  'token_type_hint',
  'subject_token',
  'all_tokens',
])

/** Header fields of which a second one would be dropped or joined silently. */
const singleHeaders: readonly string[] = ['authorization', 'content-type', 'client-cert']

const formMediaType = 'application/x-www-form-urlencoded'

/** As nearly all send it: compared as it stands, because this path must cost little. */
const isUsualForm = (contentType: string | undefined): boolean =>
  contentType === formMediaType ||
  contentType === 'application/x-www-form-urlencoded;charset=UTF-8' ||
  contentType === 'application/x-www-form-urlencoded; charset=UTF-8' ||
  contentType === 'application/x-www-form-urlencoded;charset=utf-8' ||
  contentType === 'application/x-www-form-urlencoded; charset=utf-8'

/** Reads headers, body and certificate of one POST to an OAuth endpoint. */
export const receive = (
  request: IncomingMessage,
  body: Buffer,
  proxies: TrustedProxies,
): Result<Received, Refusal> => {
  if (hasRepeatedHeader(request)) return refuse('HEADER_REPEATED')
  const form = readForm(request.headers, body)
  if (!form.ok) return form
  const repeated = checkRepeats(form.value, singleParameters)
  if (repeated !== null) return { ok: false, failure: repeated }
  const credential = readPresentedCredential({
    authorization: request.headers.authorization,
    form: form.value,
  })
  if (!credential.ok) return credential
  const certificate = receiveCertificate(request, proxies)
  if (!certificate.ok) return certificate
  const assertion = readAssertion(credential.value)
  if (!assertion.ok) return assertion
  return ok({
    form: form.value,
    credential: credential.value,
    assertion: assertion.value,
    certificate: certificate.value,
    dpop: request.headers['dpop'] as string | undefined,
  })
}

/** A body is what its header fields say that it is, or it is not read. */
const readForm = (headers: IncomingHttpHeaders, body: Buffer): Result<Form, Refusal> => {
  const contentType = headers['content-type']
  const charset = isUsualForm(contentType) ? 'utf-8' : charsetOfForm(contentType, body)
  if (charset === null) return refuse('BODY_NOT_FORM')
  if (charset === 'other') return refuse('BODY_CHARSET_UNSUPPORTED')
  if (!isUncoded(headers['content-encoding'])) return refuse('BODY_CODING_UNSUPPORTED')
  const read = parseForm(body)
  if (read.ok && charset === 'latin-1' && !isAscii(read.value)) {
    return refuse('BODY_CHARSET_UNSUPPORTED')
  }
  return read
}

/** RFC 9110 §8.3: in any case and with parameters; null: it is no form. */
const charsetOfForm = (contentType: string | undefined, body: Buffer): Charset | null => {
  // A request without body and type is an empty form: what is missing is said by name later.
  if (contentType === undefined) return body.length > 0 ? null : 'utf-8'
  const read = readContentType(contentType)
  return read?.mediaType === formMediaType ? read.charset : null
}

/** HTTP clients of Java name ISO-8859-1 unless told otherwise, and send what is ASCII anyway. */
const isAscii = ({ names, all }: Form): boolean =>
  names.every((name) => [name, ...all(name)].every((text) => /^\p{ASCII}*$/u.test(text)))

const readAssertion = (credential: PresentedCredential) =>
  credential.method === 'assertion' ? peekAssertion(credential.assertion) : ok(null)

/** RFC 9110 §5.3: Node keeps the first of two fields, so they are counted in the raw list. */
const hasRepeatedHeader = ({ rawHeaders }: IncomingMessage): boolean => {
  let seen = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string
    // Only these lengths can be one of the names; the comparison is spared for all others.
    if (name.length !== 13 && name.length !== 12 && name.length !== 11) continue
    const which = singleHeaders.indexOf(name.toLowerCase())
    if (which === -1) continue
    if ((seen & (1 << which)) !== 0) return true
    seen |= 1 << which
  }
  return false
}

/** The certificate of the handshake; behind a trusted proxy, the one it forwards (RFC 9440). */
export const receiveCertificate = (
  request: IncomingMessage,
  proxies: TrustedProxies,
): Result<PresentedCertificate | null, Refusal> => {
  const socket = request.socket as TLSSocket
  if (socket.encrypted === true) {
    const shown = readHandshakeCertificate(socket)
    if (shown !== null) return ok(shown)
  }
  if (request.headers['client-cert'] === undefined) return ok(null)
  if (!proxies.trusts(socket.remoteAddress ?? '')) return ok(null)
  return readHeaderCertificate(request)
}
