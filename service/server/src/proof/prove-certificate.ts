import { hash, X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { type Refusal, refuse } from '@mintmark/protocol/refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import {
  type CertificateSubjectMatcher,
  matchCertificateSubject,
} from '@mintmark/protocol/rfc8705-certificate-subject'
import { parseClientCertificateHeader } from '@mintmark/protocol/rfc9440-client-certificate-header'
import { LRUCache } from 'lru-cache'
import { type ReadCertificate, readCertificate } from '../certificates/rfc5280-certificate.ts'
import {
  findCertificationPath,
  findLeafFault,
  isWithinValidity,
  outsideValidity,
} from '../certificates/rfc5280-certification-path.ts'

/**
 * A client certificate, its key proven to be held by the handshake or by a trusted proxy's word.
 */
export interface PresentedCertificate {
  readonly der: Uint8Array
  /** Base64url SHA-256 of the DER: the value of `cnf` (RFC 8705 §3.1). */
  readonly x5tS256: string
  /** DER of what the client sent along; hints for the way to an anchor, believed in nothing. */
  readonly chain: readonly Uint8Array[]
  /** By the TLS stack, against the client authorities of the door. */
  readonly verified: boolean
  readonly verificationError: string | null
  readonly source: 'handshake' | 'header'
}

/** More than any real chain has; the TLS stack bounds their bytes. */
const chainMax = 8

const ofSocket = new WeakMap<TLSSocket, PresentedCertificate>()

/**
 * Certificates that have proven a client, by all that the handshake showed: one who connects anew
 * for each request is read and judged once. Others are not kept, so that strangers cannot push
 * these out.
 */
const ofHandshake = new LRUCache<string, PresentedCertificate>({ max: 2_000 })
const handshakeKeys = new WeakMap<PresentedCertificate, string>()

const keepProven = (certificate: PresentedCertificate): void => {
  const key = handshakeKeys.get(certificate)
  if (key !== undefined) ofHandshake.set(key, certificate)
}

const thumbprint = (der: Uint8Array): string => hash('sha256', der, 'base64url')

/**
 * The certificate of the handshake, read once a connection; null when the client showed none. A
 * resumed session keeps the leaf that it began with and nothing else of the chain (RFC 8446
 * §4.6.1).
 */
export const readHandshakeCertificate = (socket: TLSSocket): PresentedCertificate | null => {
  const known = ofSocket.get(socket)
  if (known !== undefined) return known
  const leaf = socket.getPeerX509Certificate()
  if (leaf === undefined) return null
  const fresh: PresentedCertificate = {
    der: leaf.raw,
    x5tS256: thumbprint(leaf.raw),
    chain: readChain(leaf),
    verified: socket.authorized,
    verificationError: socket.authorized ? null : String(socket.authorizationError),
    source: 'handshake',
  }
  const { x5tS256, verificationError, chain } = fresh
  const key = [verificationError, x5tS256, ...chain.map(thumbprint)].join(' ')
  handshakeKeys.set(fresh, key)
  const presented = ofHandshake.get(key) ?? fresh
  ofSocket.set(socket, presented)
  return presented
}

const readChain = (leaf: X509Certificate): readonly Uint8Array[] => {
  const chain: Uint8Array[] = []
  let next = leaf.issuerCertificate
  while (next !== undefined && chain.length < chainMax) {
    chain.push(next.raw)
    next = next.issuerCertificate
  }
  return chain
}

/** One entry for each certificate that proxies hand on: judged once, not at each request. */
const ofHeader = new LRUCache<string, PresentedCertificate>({ max: 1000 })

/**
 * The certificate that a proxy hands on in `Client-Cert`, with the chain in `Client-Cert-Chain`
 * (RFC 9440 §2.2, §2.3). Only for requests whose peer is a trusted proxy: the caller decides that.
 * @returns null without the header; CERTIFICATE_HEADER_MALFORMED when it is not exactly one
 */
export const readHeaderCertificate = (
  request: Pick<IncomingMessage, 'headers'>,
): Result<PresentedCertificate | null, Refusal> => {
  // Node joins repeated fields with a comma, which no single byte sequence contains.
  const field = request.headers['client-cert']
  if (field === undefined) return ok(null)
  const chainField = String(request.headers['client-cert-chain'] ?? '')
  const key = `${String(field)} ${chainField}`
  const known = ofHeader.get(key)
  if (known !== undefined) return ok(known)
  const leaf = parseClientCertificateHeader(String(field))
  if (!leaf.ok) return leaf
  const chain = parseChainField(chainField)
  if (!chain.ok) return chain
  const presented: PresentedCertificate = {
    der: leaf.value,
    x5tS256: thumbprint(leaf.value),
    chain: chain.value,
    // Proxies can be told to hand on what they have not verified, and the field does not say so.
    verified: false,
    verificationError: 'a proxy handed it on',
    source: 'header',
  }
  ofHeader.set(key, presented)
  return ok(presented)
}

/** RFC 9440 §2.3, RFC 8941 §3.1: a list of byte sequences without parameters. */
const parseChainField = (field: string): Result<readonly Uint8Array[], Refusal> => {
  const chain: Uint8Array[] = []
  if (field === '') return ok(chain)
  for (const member of field.split(',')) {
    const parsed = parseClientCertificateHeader(member.replace(/^[ \t]+|[ \t]+$/g, ''))
    if (!parsed.ok) return parsed
    if (chain.length === chainMax) {
      return refuse('CERTIFICATE_HEADER_MALFORMED', { operator: 'Client-Cert-Chain is too long.' })
    }
    chain.push(parsed.value)
  }
  return ok(chain)
}

export interface ProvenCertificate {
  readonly x5tS256: string
}

/**
 * RFC 8705 §2.1: a certificate proves the client whose registered name it carries, if it chains to
 * an authority that is trusted for this client.
 * @param input.anchors DER of the authorities; null: the TLS stack's own verdict counts
 * @returns refusals CERTIFICATE_MISSING, _UNTRUSTED, _OUTSIDE_VALIDITY, _SUBJECT_MISMATCH
 */
export const provePkiCertificate = (input: {
  readonly certificate: PresentedCertificate | null
  readonly matcher: CertificateSubjectMatcher
  readonly anchors: readonly Uint8Array[] | null
  readonly nowMs: number
}): Result<ProvenCertificate, Refusal> => {
  const { certificate, matcher, anchors, nowMs } = input
  if (certificate === null) return refuse('CERTIFICATE_MISSING')
  const leaf = readPresented(certificate)
  if (leaf === null) return unreadable()
  const fault =
    anchors === null
      ? (findVerificationFault(certificate) ?? findLeafFault(leaf, nowMs))
      : findPathFault(certificate, leaf, { anchors, nowMs })
  if (fault !== null) return { ok: false, failure: fault }
  if (!matchCertificateSubject(matcher, leaf.names)) {
    return refuse('CERTIFICATE_SUBJECT_MISMATCH', {
      operator: `The certificate does not carry the registered ${matcher.kind}.`,
    })
  }
  keepProven(certificate)
  return ok({ x5tS256: certificate.x5tS256 })
}

const findVerificationFault = ({
  verified,
  verificationError,
}: PresentedCertificate): Refusal | null =>
  verified
    ? null
    : refuse('CERTIFICATE_UNTRUSTED', { operator: `Not verified: ${verificationError}.` }).failure

/**
 * RFC 8705 §2.2: the very certificate is registered for the client. Who signed it means nothing;
 * the time that it states for itself does.
 * @param input.registeredX5tS256 base64url SHA-256 of each registered DER
 * @returns refusals CERTIFICATE_MISSING, _NOT_REGISTERED, _OUTSIDE_VALIDITY
 */
export const proveRegisteredCertificate = (input: {
  readonly certificate: PresentedCertificate | null
  readonly registeredX5tS256: readonly string[]
  readonly nowMs: number
}): Result<ProvenCertificate, Refusal> => {
  const { certificate, registeredX5tS256, nowMs } = input
  if (certificate === null) return refuse('CERTIFICATE_MISSING')
  if (!registeredX5tS256.includes(certificate.x5tS256)) return refuse('CERTIFICATE_NOT_REGISTERED')
  const x509 = readPlainly(certificate.der)
  if (x509 === null) return unreadable()
  const [notBeforeMs, notAfterMs] = [x509.validFromDate.getTime(), x509.validToDate.getTime()]
  return isWithinValidity({ notBeforeMs, notAfterMs }, nowMs)
    ? ok({ x5tS256: certificate.x5tS256 })
    : { ok: false, failure: outsideValidity({ x509 }) }
}

/** Without our own reading of names and limits: what is registered may be of any make. */
const readPlainly = (der: Uint8Array): X509Certificate | null => {
  try {
    return new X509Certificate(der)
  } catch {
    return null
  }
}

const unreadable = () =>
  refuse('CERTIFICATE_UNTRUSTED', { operator: 'The certificate cannot be read.' })

const read = new WeakMap<PresentedCertificate, ReadCertificate | null>()

const readPresented = (certificate: PresentedCertificate): ReadCertificate | null => {
  const known = read.get(certificate)
  if (known !== undefined) return known
  const leaf = readCertificate(certificate.der)
  read.set(certificate, leaf)
  return leaf
}

/** What is known of a certificate under certain anchors, and in which time it holds. */
interface PathVerdict {
  readonly anchors: readonly Uint8Array[]
  readonly fault: Refusal | null
  readonly fromMs: number
  readonly untilMs: number
}

const verdicts = new WeakMap<PresentedCertificate, PathVerdict>()
/** Long enough that asking again and again costs nothing, short enough for a clock put right. */
const faultLifetimeMs = 10_000

/**
 * Chains that led to an anchor, by the leaf's thumbprint: a resumed session has lost them. Only
 * what was proven is kept, so that strangers cannot push it out; it is judged anew each time.
 */
const provenChains = new LRUCache<string, readonly Uint8Array[]>({ max: 2_000 })

const findPathFault = (
  certificate: PresentedCertificate,
  leaf: ReadCertificate,
  { anchors, nowMs }: { readonly anchors: readonly Uint8Array[]; readonly nowMs: number },
): Refusal | null => {
  const known = verdicts.get(certificate)
  if (
    known !== undefined &&
    nowMs >= known.fromMs &&
    nowMs < known.untilMs &&
    areSame(known.anchors, anchors)
  ) {
    return known.fault
  }
  const { x5tS256, chain } = certificate
  const intermediates = chain.length > 0 ? chain : (provenChains.get(x5tS256) ?? [])
  const found = findCertificationPath({ leaf, intermediates, anchors, nowMs })
  if (found.ok && chain.length > 0) {
    const above = found.value.certificates.slice(1, -1)
    if (above.length > 0)
      provenChains.set(
        x5tS256,
        above.map(({ der }) => der),
      )
  }
  const fault = found.ok ? null : found.failure
  verdicts.set(certificate, {
    anchors,
    fault,
    fromMs: found.ok ? found.value.notBeforeMs : nowMs,
    untilMs: found.ok ? found.value.notAfterMs : nowMs + faultLifetimeMs,
  })
  return fault
}

const areSame = (some: readonly Uint8Array[], others: readonly Uint8Array[]): boolean =>
  some === others ||
  (some.length === others.length &&
    some.every((bytes, at) => Buffer.compare(bytes, others[at]!) === 0))
