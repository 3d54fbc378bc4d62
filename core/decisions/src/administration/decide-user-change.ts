import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import type { User, UserEmail } from '@mintmark/registry/user'
import { type Change, difference, noChange, type Stamp, sameValue, signedBy } from './change.ts'
import { decideReach } from './decide-access.ts'
import { refuseOwnEnd } from './refuse-lock-out.ts'

export const userNameCharsMax = 255
export const personNameCharsMax = 255
export const emailsMax = 20
/** RFC 5321 §4.5.3.1: a path without its angle brackets. */
export const emailCharsMax = 254

/** What an administrator wants a user to be. */
export interface UserWish {
  readonly userName: string
  readonly displayName: string | null
  readonly externalId: string | null
  /** null: active on creation, unchanged on replacement. */
  readonly active: boolean | null
  readonly givenName: string | null
  readonly familyName: string | null
  readonly emails: readonly UserEmail[]
  readonly attributes: Readonly<Record<string, unknown>>
}

/** What a change of a user looks at. */
export interface UserView {
  /** Another user with the wished name, whatever its case. */
  readonly sameUserName: User | null
  /** Names of the built-in roles that the user holds, by itself or through a group. */
  readonly heldBuiltInRoles: readonly string[]
}

type Check = Result<null, AdministrationRefusal>
type Made = Result<{ readonly user: User; readonly change: Change }, AdministrationRefusal>

const checkUserName = (userName: string, view: UserView): Check => {
  const at = 'userName'
  if (userName.trim() !== userName || userName === '' || /\p{Cc}/u.test(userName)) {
    return refuseChange('VALUE_INVALID', 'userName must be a readable name.', {
      why: 'It has no space at its ends and no control characters.',
      at,
    })
  }
  if (userName.length > userNameCharsMax) {
    return refuseChange('VALUE_TOO_LONG', `userName has at most ${userNameCharsMax} characters.`, {
      at,
    })
  }
  if (view.sameUserName === null) return ok(null)
  return refuseChange('VALUE_TAKEN', `There is a user "${view.sameUserName.userName}" already.`, {
    why: `Its id is ${view.sameUserName.id}; the case of a user name says nothing.`,
    at,
  })
}

const checkNames = (wish: UserWish): Check => {
  for (const name of ['displayName', 'externalId', 'givenName', 'familyName'] as const) {
    const value = wish[name] ?? ''
    if (value.length > personNameCharsMax) {
      const what = `${name} has at most ${personNameCharsMax} characters.`
      return refuseChange('VALUE_TOO_LONG', what, { at: name })
    }
    if (/\p{Cc}/u.test(value)) {
      return refuseChange('VALUE_INVALID', `${name} has no control characters.`, { at: name })
    }
  }
  return ok(null)
}

const emailForm = /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u

const checkEmails = (emails: readonly UserEmail[]): Check => {
  const at = 'emails'
  if (emails.length > emailsMax) {
    return refuseChange('LIMIT_REACHED', `A user has at most ${emailsMax} emails.`, { at })
  }
  const seen = new Set<string>()
  for (const [index, { value, type }] of emails.entries()) {
    if (value.length > emailCharsMax || !emailForm.test(value)) {
      const what = `emails[${index}].value is no e-mail address.`
      return refuseChange('VALUE_INVALID', what, { at: `${at}[${index}].value` })
    }
    const key = `${value.toLowerCase()} ${type ?? ''}`
    if (seen.has(key)) {
      return refuseChange('VALUE_INVALID', `"${value}" is there twice with the same type.`, { at })
    }
    seen.add(key)
  }
  if (emails.filter((each) => each.primary).length <= 1) return ok(null)
  return refuseChange('VALUE_INVALID', 'Only one of emails can be the primary one.', { at })
}

const checkWish = (wish: UserWish, view: UserView): Check => {
  for (const check of [
    () => checkUserName(wish.userName, view),
    () => checkNames(wish),
    () => checkEmails(wish.emails),
  ]) {
    const result = check()
    if (!result.ok) return result
  }
  return ok(null)
}

const objectOf = ({ id, userName }: User): string => `${id} ${userName}`

/** A new user: a local account that holds roles and memberships. */
export const decideUserCreation = (wish: UserWish, view: UserView, stamp: Stamp): Made => {
  const fits = checkWish(wish, view)
  if (!fits.ok) return fits
  const { active, attributes, ...members } = wish
  const user: User = {
    domain: stamp.domain,
    id: stamp.id,
    ...members,
    active: active ?? true,
    attributes: signedBy(attributes, null, stamp),
    version: 1,
    createdAtMs: stamp.nowMs,
    modifiedAtMs: stamp.nowMs,
  }
  const { attributes: _, ...told } = user
  const change: Change = {
    steps: [{ step: 'put-user', user }],
    action: 'user.create',
    object: objectOf(user),
    before: null,
    after: told,
  }
  return ok({ user, change })
}

/** Nobody changes a user that may more than itself: it could come to act as that user. */
const checkTouchable = (present: User, view: UserView, stamp: Stamp): Check =>
  decideReach(stamp.administrator, { displayName: present.userName }, view.heldBuiltInRoles)

/** A user as a whole by another; what is already so changes nothing. */
export const decideUserReplacement = (
  present: User,
  wish: UserWish,
  view: UserView,
  stamp: Stamp,
): Made => {
  const touchable = checkTouchable(present, view, stamp)
  if (!touchable.ok) return touchable
  const fits = checkWish(wish, view)
  if (!fits.ok) return fits
  const action = 'user.replace'
  const active = wish.active ?? present.active
  if (present.active && !active) {
    const own = refuseOwnEnd(stamp.administrator, present.id, 'deactivate')
    if (!own.ok) return own
  }
  const { idcsCreatedBy, idcsLastModifiedBy: _, ...attributes } = present.attributes
  const wished: User = { ...present, ...wish, active }
  if (sameValue(wished, { ...present, attributes })) {
    return ok({ user: present, change: noChange(action, objectOf(present)) })
  }
  const user: User = {
    ...wished,
    attributes: signedBy(wish.attributes, idcsCreatedBy, stamp),
    version: present.version + 1,
    modifiedAtMs: stamp.nowMs,
  }
  const told = difference(present, user)
  const steps = [{ step: 'put-user' as const, user }]
  return ok({ user, change: { steps, action, object: objectOf(present), ...told } })
}

/** Deletes a user, its memberships and the grants that it holds. */
export const decideUserDeletion = (
  present: User,
  view: Pick<UserView, 'heldBuiltInRoles'>,
  stamp: Stamp,
): Result<Change, AdministrationRefusal> => {
  const touchable = checkTouchable(present, { ...view, sameUserName: null }, stamp)
  if (!touchable.ok) return touchable
  const own = refuseOwnEnd(stamp.administrator, present.id, 'delete')
  if (!own.ok) return own
  const { attributes: _, ...told } = present
  return ok({
    steps: [{ step: 'delete-user', id: present.id }],
    action: 'user.delete',
    object: objectOf(present),
    before: told,
    after: null,
  })
}
