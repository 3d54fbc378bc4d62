import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import type { DomainSettings } from '@mintmark/registry/identity-domain'
import { type Change, difference } from './change.ts'

export type SettingsWish = Pick<DomainSettings, 'issuer' | 'signingCertPublicAccess'>

/** RFC 7519 §2 StringOrURI: a text with a colon in it is a URI. */
const isIssuer = (issuer: string): boolean =>
  issuer.length <= 500 &&
  /^[\x21-\x7e]+$/.test(issuer) &&
  (!issuer.includes(':') || URL.canParse(issuer))

/**
 * What holds for the whole domain.
 * @param issuerPinned the configuration sets the issuer, so it cannot be set here (decision 6)
 */
export const decideSettingsChange = (
  present: DomainSettings,
  wish: SettingsWish,
  issuerPinned: boolean,
): Result<
  { readonly settings: DomainSettings; readonly change: Change },
  AdministrationRefusal
> => {
  if (wish.issuer !== present.issuer && issuerPinned) {
    return refuseChange('ISSUER_PINNED', 'The issuer is set by the configuration of the server.', {
      fix: 'Take MINTMARK_ISSUER out of the configuration first.',
      at: 'issuer',
    })
  }
  if (wish.issuer !== null && !isIssuer(wish.issuer)) {
    return refuseChange('VALUE_INVALID', `"${wish.issuer.slice(0, 100)}" cannot be an issuer.`, {
      why: 'It is a URL, or a printable word without a colon.',
      at: 'issuer',
    })
  }
  const action = 'settings.replace'
  const told = difference(present, { ...present, ...wish })
  if (Object.keys(told.after ?? {}).length === 0) {
    const change: Change = { steps: [], action, object: 'Settings', before: null, after: null }
    return ok({ settings: present, change })
  }
  const settings: DomainSettings = { ...present, ...wish, version: present.version + 1 }
  const steps = [{ step: 'put-settings' as const, settings }]
  return ok({ settings, change: { steps, action, object: 'Settings', ...told } })
}
