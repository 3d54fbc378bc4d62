/** Finding and judging the way from a client certificate to an anchor (RFC 5280 §6.1). */
import type { X509Certificate } from 'node:crypto'
import { type Refusal, refuse } from '@mintmark/protocol/refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import { type ReadCertificate, readCertificate } from './rfc5280-certificate.ts'
import { satisfiesNameConstraints } from './rfc5280-name-constraints.ts'

/** Leaf first, anchor last, and the time in which all of it is valid. */
export interface CertificationPath {
  readonly certificates: readonly ReadCertificate[]
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

export interface PathSearch {
  readonly leaf: ReadCertificate
  /** DER of what the client sent along, in any order: hints, believed in nothing. */
  readonly intermediates: readonly Uint8Array[]
  /** DER of the authorities that are believed, self-signed or not. */
  readonly anchors: readonly Uint8Array[]
  readonly nowMs: number
}

const intermediatesMax = 8
/** Bounds what same-named certificates can make of the search. */
const signatureChecksMax = 32
const clientAuth = '1.3.6.1.5.5.7.3.2'

/**
 * Finds a valid path from the leaf to one of the anchors for TLS client authentication.
 * @returns CERTIFICATE_UNTRUSTED or CERTIFICATE_OUTSIDE_VALIDITY with the reason for the operator
 */
export const findCertificationPath = (search: PathSearch): Result<CertificationPath, Refusal> => {
  const leafFault = findLeafFault(search.leaf, search.nowMs)
  if (leafFault !== null) return { ok: false, failure: leafFault }
  const read = (ders: readonly Uint8Array[]) =>
    ders.map(readCertificate).filter((each) => each !== null)
  return searchFrom([search.leaf], {
    intermediates: read(search.intermediates.slice(0, intermediatesMax)),
    anchors: read(search.anchors),
    nowMs: search.nowMs,
    signatureChecksLeft: signatureChecksMax,
  })
}

/** Faults of a leaf that no authority can heal; null when there is none. */
export const findLeafFault = (leaf: ReadCertificate, nowMs: number): Refusal | null => {
  // A certificate that may sign others is not a client's: whoever holds it can be anybody.
  if (leaf.isAuthority) return untrusted(leaf, 'is an authority')
  if (leaf.keyUsage?.digitalSignature === false) return untrusted(leaf, 'may not sign')
  return findFault(leaf, nowMs) ?? findSignatureFault(leaf)
}

interface SearchState {
  readonly intermediates: readonly ReadCertificate[]
  readonly anchors: readonly ReadCertificate[]
  readonly nowMs: number
  signatureChecksLeft: number
}

const searchFrom = (
  below: readonly ReadCertificate[],
  state: SearchState,
): Result<CertificationPath, Refusal> => {
  const last = below.at(-1)!
  let failure = untrusted(last, 'has no issuer among what is trusted')
  let isFirst = true
  const note = (refusal: Refusal): void => {
    if (isFirst) failure = refusal
    isFirst = false
  }
  for (const anchor of state.anchors) {
    const fault = findIssuerFault(anchor, below, state)
    if (fault === 'not the issuer') continue
    if (fault === null) return ok(toPath([...below, anchor]))
    note(fault)
  }
  for (const issuer of state.intermediates) {
    if (below.includes(issuer) || below.length > intermediatesMax) continue
    const fault = findIssuerFault(issuer, below, state)
    if (fault === 'not the issuer') continue
    const weak = fault ?? findSignatureFault(issuer)
    if (weak !== null) {
      note(weak)
      continue
    }
    const found = searchFrom([...below, issuer], state)
    if (found.ok) return found
    note(found.failure)
  }
  return { ok: false, failure }
}

/** Whether this authority issued the last certificate, and may stand above all of them. */
const findIssuerFault = (
  issuer: ReadCertificate,
  below: readonly ReadCertificate[],
  state: SearchState,
): Refusal | 'not the issuer' | null => {
  const last = below.at(-1)!
  // Names, key identifiers and keyCertSign first: they cost nothing.
  if (!last.x509.checkIssued(issuer.x509)) return 'not the issuer'
  const fault = findAuthorityFault(issuer, below) ?? findFault(issuer, state.nowMs)
  if (fault !== null) return fault
  if (state.signatureChecksLeft === 0) return untrusted(last, 'has too many possible issuers')
  state.signatureChecksLeft -= 1
  return last.x509.verify(issuer.x509.publicKey) ? null : untrusted(last, 'has a false signature')
}

const findAuthorityFault = (
  issuer: ReadCertificate,
  below: readonly ReadCertificate[],
): Refusal | null => {
  if (!issuer.isAuthority) return untrusted(issuer, 'is no authority') // §6.1.4 (k)
  if (issuer.keyUsage?.keyCertSign === false) return untrusted(issuer, 'may not sign certificates')
  // §6.1.4 (l), (m): self-issued ones do not count, and the leaf is not an intermediate.
  const length = below.slice(1).filter(({ isSelfIssued }) => !isSelfIssued).length
  if (issuer.pathLengthMax !== null && length > issuer.pathLengthMax) {
    return untrusted(issuer, 'stands above a longer path than it may')
  }
  const constraints = issuer.nameConstraints
  if (constraints === null) return null
  // §6.1.3 (b), (c): a self-issued intermediate is free, the leaf never is.
  const outside = below.find(
    (each, at) =>
      (at === 0 || !each.isSelfIssued) &&
      !satisfiesNameConstraints(constraints, {
        subject: each.names.subject,
        alternativeNames: each.alternativeNames,
      }),
  )
  return outside === undefined ? null : untrusted(outside, 'lies outside its name constraints')
}

/** What every certificate of a path must satisfy, the anchor included. */
const findFault = (certificate: ReadCertificate, nowMs: number): Refusal | null => {
  const unknown = certificate.unknownCriticalExtension
  if (unknown !== null) return untrusted(certificate, `has the critical extension ${unknown}`)
  // Stated purposes of an authority bound those of what it issues, as every TLS library has it.
  // `anyExtendedKeyUsage` does not name ours: RFC 5280 §4.2.1.12 lets us ask for the name.
  if (certificate.extendedKeyUsages?.has(clientAuth) === false) {
    return untrusted(certificate, 'is not for client authentication')
  }
  if (!certificate.hasStrongKey) return untrusted(certificate, 'has a weak key')
  return isWithinValidity(certificate, nowMs) ? null : outsideValidity(certificate)
}

/** Not asked of anchors: nobody but us vouches for them. */
const findSignatureFault = (certificate: ReadCertificate): Refusal | null =>
  certificate.signatureWeakness === null
    ? null
    : untrusted(certificate, `is weakly signed: ${certificate.signatureWeakness}`)

/** §4.1.2.5: both ends belong to it, and the last one to its whole second. */
export const isWithinValidity = (
  { notBeforeMs, notAfterMs }: { readonly notBeforeMs: number; readonly notAfterMs: number },
  nowMs: number,
): boolean => nowMs >= notBeforeMs && nowMs < notAfterMs + 1000

const toPath = (certificates: readonly ReadCertificate[]): CertificationPath => ({
  certificates,
  notBeforeMs: Math.max(...certificates.map((each) => each.notBeforeMs)),
  notAfterMs: Math.min(...certificates.map((each) => each.notAfterMs)),
})

const nameOf = ({ x509 }: { readonly x509: X509Certificate }): string =>
  (x509.subject ?? '').replaceAll('\n', ', ').slice(0, 200)

const untrusted = (certificate: ReadCertificate, what: string): Refusal =>
  refuse('CERTIFICATE_UNTRUSTED', { operator: `“${nameOf(certificate)}” ${what}.` }).failure

/** The refusal of a certificate that has ended or not yet begun. */
export const outsideValidity = (certificate: { readonly x509: X509Certificate }): Refusal => {
  const { validFrom, validTo } = certificate.x509
  return refuse('CERTIFICATE_OUTSIDE_VALIDITY', {
    operator: `“${nameOf(certificate)}” is valid from ${validFrom} to ${validTo}.`,
  }).failure
}
