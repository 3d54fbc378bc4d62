import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { didYouMean } from '@mintmark/protocol/closest-name'
import { ok, type Result } from '@mintmark/protocol/result'
import type { AppRole } from '@mintmark/registry/app-role'
import type { Application } from '@mintmark/registry/application'
import { type Change, type ChangeStep, difference, type Stamp, sameValue } from './change.ts'
import { type AccessLost, endAccess } from './end-tokens.ts'

export const roleNameCharsMax = 125

/** What an administrator wants an app role to be. */
export type RoleWish = Pick<
  AppRole,
  | 'displayName'
  | 'description'
  | 'conferredScopes'
  | 'adminRole'
  | 'availableToClients'
  | 'availableToUsers'
  | 'availableToGroups'
  | 'public'
>

/** What a change of a role looks at. */
export interface RoleView {
  /** The application that defines the role. */
  readonly application: Application
  /** Another role of it with the wished name. */
  readonly sameName: AppRole | null
  /** What those who hold the role can do with it. */
  readonly held: AccessLost
}

type Check = Result<null, AdministrationRefusal>

const checkScopes = (wish: RoleWish, application: Application): Check => {
  const known = application.resourceServer?.scopes.map((scope) => scope.value) ?? []
  const strange = wish.conferredScopes.find((value) => !known.includes(value))
  if (strange === undefined) return ok(null)
  const fix =
    didYouMean(strange, known) ??
    (known.length > 0 ? `It has: ${known.slice(0, 20).join(', ')}.` : 'It defines no scopes yet.')
  return refuseChange(
    'REFERENCE_UNKNOWN',
    `'${application.displayName}' has no scope "${strange}".`,
    {
      why: 'A role confers scopes of the application that defines it.',
      fix,
      at: 'scopes',
    },
  )
}

const checkWish = (wish: RoleWish, view: Omit<RoleView, 'held'>): Check => {
  const { displayName, description } = wish
  if (displayName.trim() === '' || /\p{Cc}/u.test(displayName)) {
    return refuseChange('VALUE_INVALID', 'displayName must be a readable name.', {
      at: 'displayName',
    })
  }
  if (displayName.length > roleNameCharsMax || (description?.length ?? 0) > 1000) {
    const at = displayName.length > roleNameCharsMax ? 'displayName' : 'description'
    return refuseChange('VALUE_TOO_LONG', `${at} is too long.`, { at })
  }
  if (view.sameName !== null) {
    const owner = view.application.displayName
    return refuseChange('VALUE_TAKEN', `'${owner}' has an app role "${displayName}" already.`, {
      at: 'displayName',
    })
  }
  return checkScopes(wish, view.application)
}

const refuseBuiltIn = (builtIn: boolean): Check =>
  builtIn
    ? refuseChange('BUILT_IN', 'Roles of the IDCS Application are part of the identity domain.', {
        why: 'They can be granted, but neither made, changed nor deleted.',
      })
    : ok(null)

/** A new role of an application: nobody holds it yet. */
export const decideRoleCreation = (
  wish: RoleWish,
  view: Omit<RoleView, 'held'>,
  stamp: Stamp,
): Result<{ readonly role: AppRole; readonly change: Change }, AdministrationRefusal> => {
  const builtIn = refuseBuiltIn(view.application.builtIn)
  if (!builtIn.ok) return builtIn
  const fits = checkWish(wish, view)
  if (!fits.ok) return fits
  const role: AppRole = {
    domain: stamp.domain,
    id: stamp.id,
    applicationId: view.application.id,
    ...wish,
    conferredScopes: [...new Set(wish.conferredScopes)],
    builtIn: false,
    version: 1,
    createdAtMs: stamp.nowMs,
    modifiedAtMs: stamp.nowMs,
  }
  const change: Change = {
    steps: [{ step: 'put-role', role }],
    action: 'role.create',
    object: `${role.id} ${role.displayName}`,
    before: null,
    after: { ...role },
  }
  return ok({ role, change })
}

const immutables = [
  'displayName',
  'adminRole',
  'availableToClients',
  'availableToUsers',
  'availableToGroups',
] as const

/** A role by another: only its description, its visibility and its scopes can differ. */
export const decideRoleReplacement = (
  present: AppRole,
  wish: RoleWish,
  view: RoleView,
  stamp: Stamp,
): Result<{ readonly role: AppRole; readonly change: Change }, AdministrationRefusal> => {
  const builtIn = refuseBuiltIn(present.builtIn)
  if (!builtIn.ok) return builtIn
  const changed = immutables.find((name) => wish[name] !== present[name])
  if (changed !== undefined) {
    return refuseChange('ATTRIBUTE_IMMUTABLE', `${changed} of an app role cannot be changed.`, {
      why: `It is ${JSON.stringify(present[changed])}.`,
      at: changed,
    })
  }
  const fits = checkWish(wish, view)
  if (!fits.ok) return fits
  const wished: AppRole = {
    ...present,
    ...wish,
    conferredScopes: [...new Set(wish.conferredScopes)],
  }
  const action = 'role.replace'
  const object = `${present.id} ${present.displayName}`
  if (sameValue(wished, present)) {
    return ok({ role: present, change: { steps: [], action, object, before: null, after: null } })
  }
  const role: AppRole = { ...wished, version: present.version + 1, modifiedAtMs: stamp.nowMs }
  const told = difference(present, role)
  const confersLess = present.conferredScopes.some((each) => !role.conferredScopes.includes(each))
  const ended = confersLess ? endAccess(view.held, stamp) : []
  const steps: readonly ChangeStep[] = [{ step: 'put-role', role }, ...ended]
  return ok({ role, change: { steps, action, object, ...told } })
}

/** Deletes a role, and with it the grants of it; tokens that have it end. */
export const decideRoleDeletion = (
  present: AppRole,
  held: AccessLost,
  stamp: Stamp,
): Result<Change, AdministrationRefusal> => {
  const builtIn = refuseBuiltIn(present.builtIn)
  if (!builtIn.ok) return builtIn
  return ok({
    steps: [{ step: 'delete-role', id: present.id }, ...endAccess(held, stamp)],
    action: 'role.delete',
    object: `${present.id} ${present.displayName}`,
    before: { ...present },
    after: null,
  })
}
