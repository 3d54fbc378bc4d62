import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { didYouMean } from '@mintmark/protocol/closest-name'
import { ok, type Result } from '@mintmark/protocol/result'
import type { CustomClaim } from '@mintmark/registry/custom-claim'
import { isReservedClaim } from '../token/reserved-claims.ts'
import { type Change, difference, noChange, type Stamp, sameValue } from './change.ts'
import type { ResourceServerIndex } from './resource-server-index.ts'

export const claimCharsMax = 100
export const claimsMax = 50
export const claimScopesMax = 100
/** Of all claims together: tokens travel in a header, and many servers end one at 8 KiB. */
export const claimsBytesMax = 4096

/** What an administrator wants a claim to be. */
export type CustomClaimWish = Pick<
  CustomClaim,
  'name' | 'value' | 'mode' | 'tokenType' | 'allScopes' | 'scopes'
> & {
  /** Whether the value is a formula over a user; refused. */
  readonly expression: boolean
}

/** What a change of a claim looks at. */
export interface CustomClaimView {
  /** All claims of the domain. */
  readonly present: readonly CustomClaim[]
  readonly resourceServers: Pick<ResourceServerIndex, 'byFullyQualifiedScope'>
}

type Check = Result<null, AdministrationRefusal>
type Made = Result<{ readonly claim: CustomClaim; readonly change: Change }, AdministrationRefusal>

const checkName = (name: string, others: readonly CustomClaim[]): Check => {
  const at = 'name'
  if (name.length > claimCharsMax) {
    return refuseChange('VALUE_TOO_LONG', `name has at most ${claimCharsMax} characters.`, { at })
  }
  if (!/^[A-Za-z_][A-Za-z0-9_.:/-]*$/.test(name)) {
    return refuseChange('VALUE_INVALID', `"${name}" cannot be the name of a claim.`, {
      why: 'It begins with a letter or _, and goes on with A-Z a-z 0-9 _ . : / and -.',
      at,
    })
  }
  if (isReservedClaim(name)) {
    return refuseChange('VALUE_RESERVED', `The claim "${name}" is not for administrators to set.`, {
      why: 'The server sets it, or APIs rely on what a standard says of it.',
      fix: 'Take a name of your own, e.g. with a prefix.',
      at,
    })
  }
  if (!others.some((each) => each.name === name)) return ok(null)
  return refuseChange('VALUE_TAKEN', `There is a custom claim "${name}" already.`, { at })
}

const checkValue = (wish: CustomClaimWish): Check => {
  if (wish.expression) {
    return refuseChange('VALUE_INVALID', 'expression cannot be true.', {
      why: 'An expression reads a user who signs in; tokens here are of clients alone.',
      fix: 'Set expression to false and value to the text itself.',
      at: 'expression',
    })
  }
  if (wish.value.length <= claimCharsMax && wish.value !== '') return ok(null)
  return refuseChange('VALUE_TOO_LONG', `value has 1 to ${claimCharsMax} characters.`, {
    at: 'value',
  })
}

const checkScopes = (wish: CustomClaimWish, view: CustomClaimView): Check => {
  const at = 'scopes'
  if (wish.allScopes && wish.scopes.length > 0) {
    return refuseChange('VALUE_INVALID', 'allScopes is true, so scopes must be left out.', { at })
  }
  if (!wish.allScopes && wish.scopes.length === 0) {
    return refuseChange('ATTRIBUTE_MISSING', 'A claim is for some scopes, or for all.', {
      fix: 'Name them in scopes, or set allScopes to true.',
      at,
    })
  }
  if (wish.scopes.length > claimScopesMax) {
    return refuseChange('LIMIT_REACHED', `A claim has at most ${claimScopesMax} scopes.`, { at })
  }
  const known = view.resourceServers.byFullyQualifiedScope
  const strange = wish.scopes.find((fqs) => !known.has(fqs))
  if (strange === undefined) return ok(null)
  const fix = didYouMean(strange, known.keys())
  return refuseChange('REFERENCE_UNKNOWN', `No API has the scope "${strange}".`, {
    fix: fix ?? 'Write the audience and the scope as one string.',
    at,
  })
}

const sizeOf = (claims: readonly Pick<CustomClaim, 'name' | 'value'>[]): number =>
  new TextEncoder().encode(JSON.stringify(claims.map(({ name, value }) => [name, value]))).length

const checkRoom = (wish: CustomClaimWish, others: readonly CustomClaim[]): Check => {
  if (others.length + 1 > claimsMax) {
    return refuseChange('LIMIT_REACHED', `A domain has at most ${claimsMax} custom claims.`)
  }
  if (sizeOf([...others, wish]) <= claimsBytesMax) return ok(null)
  return refuseChange('LIMIT_REACHED', `All claims together are over ${claimsBytesMax} bytes.`, {
    why: 'A token that is too large for a header is of no use to anybody.',
    at: 'value',
  })
}

const checkWish = (wish: CustomClaimWish, view: CustomClaimView, ownId: string | null): Check => {
  const others = view.present.filter((each) => each.id !== ownId)
  for (const check of [
    () => checkName(wish.name, others),
    () => checkValue(wish),
    () => checkScopes(wish, view),
    () => checkRoom(wish, others),
  ]) {
    const result = check()
    if (!result.ok) return result
  }
  return ok(null)
}

const objectOf = ({ id, name }: CustomClaim): string => `${id} ${name}`

const membersOf = ({ expression: _, ...wish }: CustomClaimWish) => ({
  ...wish,
  scopes: [...new Set(wish.scopes)],
})

/** A new claim of access tokens. */
export const decideCustomClaimCreation = (
  wish: CustomClaimWish,
  view: CustomClaimView,
  stamp: Stamp,
): Made => {
  const fits = checkWish(wish, view, null)
  if (!fits.ok) return fits
  const claim: CustomClaim = {
    domain: stamp.domain,
    id: stamp.id,
    ...membersOf(wish),
    version: 1,
    createdAtMs: stamp.nowMs,
    modifiedAtMs: stamp.nowMs,
  }
  const change: Change = {
    steps: [{ step: 'put-custom-claim', claim }],
    action: 'claim.create',
    object: objectOf(claim),
    before: null,
    after: { ...claim },
  }
  return ok({ claim, change })
}

/** A claim as a whole by another. */
export const decideCustomClaimReplacement = (
  present: CustomClaim,
  wish: CustomClaimWish,
  view: CustomClaimView,
  stamp: Stamp,
): Made => {
  const fits = checkWish(wish, view, present.id)
  if (!fits.ok) return fits
  const action = 'claim.replace'
  const wished: CustomClaim = { ...present, ...membersOf(wish) }
  if (sameValue(wished, present)) {
    return ok({ claim: present, change: noChange(action, objectOf(present)) })
  }
  const claim = { ...wished, version: present.version + 1, modifiedAtMs: stamp.nowMs }
  const steps = [{ step: 'put-custom-claim' as const, claim }]
  const told = difference(present, claim)
  return ok({ claim, change: { steps, action, object: objectOf(present), ...told } })
}

/** Takes a claim out of all tokens to come. */
export const decideCustomClaimDeletion = (present: CustomClaim): Change => ({
  steps: [{ step: 'delete-custom-claim', id: present.id }],
  action: 'claim.delete',
  object: objectOf(present),
  before: { ...present },
  after: null,
})
