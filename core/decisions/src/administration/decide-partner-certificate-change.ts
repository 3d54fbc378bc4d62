import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import type { PartnerCertificate } from '@mintmark/registry/partner-certificate'
import type { Change, Stamp } from './change.ts'
import type { CertificateWish } from './decide-credential-change.ts'

/** Each handshake may try them all. */
export const partnerCertificatesMax = 100

/** What a new authority looks at. */
export interface PartnerCertificateView {
  readonly sameAlias: PartnerCertificate | null
  readonly sameBytes: PartnerCertificate | null
  /** How many there are. */
  readonly count: number
}

type Check = Result<null, AdministrationRefusal>

const checkNew = (alias: string, view: PartnerCertificateView): Check => {
  if (alias.trim() === '' || alias.length > 125 || /\p{Cc}/u.test(alias)) {
    const what = 'certificateAlias must be a name of 1 to 125 characters.'
    return refuseChange('VALUE_INVALID', what, { at: 'certificateAlias' })
  }
  if (view.sameAlias !== null) {
    return refuseChange('VALUE_TAKEN', `There is a partner certificate "${alias}" already.`, {
      fix: 'Take another alias: a certificate cannot be replaced.',
      at: 'certificateAlias',
    })
  }
  if (view.sameBytes !== null) {
    return refuseChange('VALUE_TAKEN', `This certificate is stored as "${view.sameBytes.alias}".`, {
      at: 'x509Base64Certificate',
    })
  }
  if (view.count < partnerCertificatesMax) return ok(null)
  const what = `A domain has at most ${partnerCertificatesMax} partner certificates.`
  return refuseChange('LIMIT_REACHED', what, { fix: 'Delete one that is not needed any more.' })
}

/**
 * A new authority that the domain trusts for client certificates. Whoever holds its key can make
 * certificates in the name of clients: that is why only Identity Domain Administrators may.
 */
export const decidePartnerCertificateCreation = (
  wish: CertificateWish & { readonly isAuthority: boolean },
  view: PartnerCertificateView,
  stamp: Stamp,
): Result<
  { readonly certificate: PartnerCertificate; readonly change: Change },
  AdministrationRefusal
> => {
  const fits = checkNew(wish.alias, view)
  if (!fits.ok) return fits
  const at = 'x509Base64Certificate'
  const { isAuthority, ...members } = wish
  if (!isAuthority) {
    return refuseChange('CERTIFICATE_UNREADABLE', 'This is not the certificate of an authority.', {
      why: 'Its basic constraints do not say so, so nothing it signed could be trusted.',
      fix: 'Register the certificate of a single client with OAuthClientCertificates instead.',
      at,
    })
  }
  if (wish.notAfterMs <= stamp.nowMs) {
    return refuseChange('CERTIFICATE_UNREADABLE', 'This certificate has expired.', { at })
  }
  const certificate: PartnerCertificate = {
    domain: stamp.domain,
    id: stamp.id,
    ...members,
    version: 1,
    createdAtMs: stamp.nowMs,
  }
  const { alias, x5tS256, notBeforeMs, notAfterMs } = wish
  const change: Change = {
    steps: [{ step: 'put-partner-certificate', certificate }],
    action: 'partner-certificate.create',
    object: `${stamp.id} ${alias}`,
    before: null,
    after: { alias, x5tS256, notBeforeMs, notAfterMs },
  }
  return ok({ certificate, change })
}

/** Trusts an authority no longer: clients with its certificates only are locked out at once. */
export const decidePartnerCertificateDeletion = (present: PartnerCertificate): Change => {
  const { id, alias, x5tS256 } = present
  return {
    steps: [{ step: 'delete-partner-certificate', id }],
    action: 'partner-certificate.delete',
    object: `${id} ${alias}`,
    before: { alias, x5tS256 },
    after: null,
  }
}
