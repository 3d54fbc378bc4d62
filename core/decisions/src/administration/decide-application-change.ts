import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import type { Application, ClientFacet } from '@mintmark/registry/application'
import type { ClientSecret } from '@mintmark/registry/client-credential'
import {
  type ApplicationView,
  type ApplicationWish,
  canAct,
  type NewSecret,
} from './application-wish.ts'
import {
  type Change,
  type ChangeStep,
  difference,
  type Stamp,
  sameValue,
  signedBy,
} from './change.ts'
import { decideReach } from './decide-access.ts'
import { checkApplicationWish } from './decide-application-wish.ts'
import { endAccess, endTokensBy, endTokensFor, endTokensForApi, endTokensOf } from './end-tokens.ts'
import { audiencesEnded, audiencesLost, credentialsLost } from './narrowed-access.ts'
import { refuseLastAdministrator, refuseOwnEnd } from './refuse-lock-out.ts'

type Check = Result<null, AdministrationRefusal>

const attach = (wish: ApplicationWish, view: ApplicationView): readonly string[] => [
  ...new Set(
    wish.certificateAliases.map((alias) => view.certificatesByAlias.get(alias)?.id as string),
  ),
]

const storedSecret = (secret: NewSecret, stamp: Stamp): ClientSecret => ({
  kind: 'secret',
  domain: stamp.domain,
  applicationId: stamp.id,
  createdAtMs: stamp.nowMs,
  endsAtMs: null,
  ...secret,
})

/** What a replacement can say of the record: not the client id, nor what else is decided apart. */
const replaceable = ({
  certificateAliases: _,
  clientId: __,
  clientIdImported: ___,
  revokeTokens: ____,
  ...members
}: ApplicationWish) => members

/**
 * A new application.
 * @param wish with its client id: the chosen one, or a generated one
 * @param secret what `needsSecret` asked for, or an imported one; null: it starts without
 */
export const decideApplicationCreation = (
  wish: ApplicationWish & { readonly clientId: string },
  view: ApplicationView,
  secret: NewSecret | null,
  stamp: Stamp,
): Result<
  { readonly application: Application; readonly change: Change },
  AdministrationRefusal
> => {
  const fits = checkApplicationWish(wish, view, null)
  if (!fits.ok) return fits
  const { active, attributes, ...members } = replaceable(wish)
  const application: Application = {
    domain: stamp.domain,
    id: stamp.id,
    active: active ?? false,
    builtIn: false,
    clientId: wish.clientId,
    ...members,
    attributes: signedBy(attributes, null, stamp),
    version: 1,
    createdAtMs: stamp.nowMs,
    modifiedAtMs: stamp.nowMs,
  }
  const steps: ChangeStep[] = [{ step: 'put-application', application }]
  if (secret !== null) steps.push({ step: 'put-secret', secret: storedSecret(secret, stamp) })
  const certificateIds = attach(wish, view)
  if (certificateIds.length > 0) {
    steps.push({ step: 'attach-certificates', applicationId: application.id, certificateIds })
  }
  const { attributes: _, ...told } = application
  const change: Change = {
    steps,
    action: 'application.create',
    object: `${application.id} ${application.displayName}`,
    before: null,
    after: { ...told, certificates: certificateIds },
  }
  return ok({ application, change })
}

/** Scopes that somebody still uses do not vanish under them. */
const refuseScopesInUse = (
  present: Application,
  kept: ReadonlySet<string>,
  view: ApplicationView,
): Check => {
  const conferring = view.ownRoles.find((role) =>
    role.conferredScopes.some((each) => !kept.has(each)),
  )
  if (conferring !== undefined) {
    const scope = conferring.conferredScopes.find((each) => !kept.has(each))
    return refuseChange(
      'SCOPE_IN_USE',
      `The app role '${conferring.displayName}' confers "${scope}".`,
      {
        fix: 'Take the scope out of the role first.',
        at: 'scopes',
      },
    )
  }
  if (view.scopeUsers.length === 0) return ok(null)
  const users = view.scopeUsers.slice(0, 10).map((user) => `'${user.displayName}' (${user.uses})`)
  const more = view.scopeUsers.length > 10 ? ` and ${view.scopeUsers.length - 10} more` : ''
  return refuseChange(
    'SCOPE_IN_USE',
    `Applications still use scopes of '${present.displayName}'.`,
    {
      why: `They are: ${users.join(', ')}${more}.`,
      fix: 'Take the scopes from them first.',
      at: 'scopes',
    },
  )
}

const refuseBuiltIn = (present: Application): Check =>
  present.builtIn
    ? refuseChange('BUILT_IN', `'${present.displayName}' is part of the identity domain.`, {
        why: 'It can be neither changed nor deleted.',
      })
    : ok(null)

const refuseNewClientId = (present: Application, wish: ApplicationWish): Check =>
  wish.clientId === null || wish.clientId === present.clientId
    ? ok(null)
    : refuseChange('ATTRIBUTE_IMMUTABLE', 'name (the client id) cannot be changed.', {
        why: `It is "${present.clientId}".`,
        at: 'name',
      })

/** Whoever could act and no longer will must be neither who asks nor the last administrator. */
const refuseLockOut = (
  present: Application,
  wish: ApplicationWish,
  view: ApplicationView,
  stamp: Stamp,
): Check => {
  const after = { active: wish.active ?? present.active, client: wish.client }
  if (!canAct(present) || canAct(after)) return ok(null)
  const own = refuseOwnEnd(stamp.administrator, present.id, 'deactivate')
  return own.ok ? refuseLastAdministrator(present.displayName, view) : own
}

const checkReplaceable = (
  present: Application,
  wish: ApplicationWish,
  view: ApplicationView,
  stamp: Stamp,
): Check => {
  const kept = new Set(wish.resourceServer?.scopes.map((scope) => scope.value) ?? [])
  for (const check of [
    () => refuseBuiltIn(present),
    () => decideReach(stamp.administrator, present, view.heldBuiltInRoles),
    () => refuseLockOut(present, wish, view, stamp),
    () => refuseNewClientId(present, wish),
    () =>
      checkApplicationWish(
        { ...wish, clientId: null },
        { ...view, sameClientId: null },
        present.id,
      ),
    () => refuseScopesInUse(present, kept, view),
  ]) {
    const result = check()
    if (!result.ok) return result
  }
  return ok(null)
}

interface Replacement {
  readonly present: Application
  readonly application: Application
  readonly view: ApplicationView
  readonly wish: ApplicationWish
}

/**
 * Decision 20: tokens end with what they rest on, the client or the API; and those that say more
 * than is granted now. What a lost credential has obtained ends where that is wished.
 */
const endedBy = (replacement: Replacement, stamp: Stamp): readonly ChangeStep[] => {
  const { present, application } = replacement
  const steps = [...endTokensFor(audiencesEnded(present, application), stamp)]
  if (present.client === null) return steps
  const isSwitchedOff = present.active && !application.active
  if (application.client === null || isSwitchedOff) {
    return [...steps, endTokensOf(present, stamp.nowMs)]
  }
  return [...steps, ...endedOfClient(replacement, present.client, application.client, stamp)]
}

const endedOfClient = (
  { present, view, wish }: Replacement,
  before: ClientFacet,
  after: ClientFacet,
  stamp: Stamp,
): readonly ChangeStep[] => {
  const audiences = audiencesLost(before, after, view.resourceServers)
  const kept = wish.certificateAliases.flatMap((alias) => view.certificatesByAlias.get(alias) ?? [])
  const credentials =
    wish.revokeTokens === true
      ? credentialsLost(
          { client: before, certificates: view.attachedCertificates },
          { client: after, certificates: kept },
        )
      : []
  if (audiences === 'all' || credentials === 'all') return [endTokensOf(present, stamp.nowMs)]
  return [
    ...endAccess({ audiences, clientIds: [present.clientId] }, stamp),
    ...endTokensBy(present, credentials, stamp),
  ]
}

/** An application as a whole by another; what is already so changes nothing. */
export const decideApplicationReplacement = (
  present: Application,
  wish: ApplicationWish,
  view: ApplicationView,
  stamp: Stamp,
): Result<
  { readonly application: Application; readonly change: Change },
  AdministrationRefusal
> => {
  const fits = checkReplaceable(present, wish, view, stamp)
  if (!fits.ok) return fits
  const { active, attributes, ...members } = replaceable(wish)
  const { idcsCreatedBy, idcsLastModifiedBy, ...presentAttributes } = present.attributes
  const wished: Application = {
    ...present,
    ...members,
    active: active ?? present.active,
    attributes,
  }
  const same = sameValue(wished, { ...present, attributes: presentAttributes })
  const certificateIds = attach(wish, view)
  const attachedIds = view.attachedCertificates.map(({ id }) => id)
  const sameCertificates =
    certificateIds.length === attachedIds.length &&
    certificateIds.every((id) => attachedIds.includes(id))
  const object = `${present.id} ${present.displayName}`
  const action = 'application.replace'
  if (same && sameCertificates) {
    return ok({
      application: present,
      change: { steps: [], action, object, before: null, after: null },
    })
  }
  const application: Application = {
    ...wished,
    attributes: signedBy(attributes, idcsCreatedBy, stamp),
    version: present.version + 1,
    modifiedAtMs: stamp.nowMs,
  }
  const steps: ChangeStep[] = [{ step: 'put-application', application }]
  if (!sameCertificates) {
    steps.push({ step: 'attach-certificates', applicationId: present.id, certificateIds })
  }
  steps.push(...endedBy({ present, application, view, wish }, stamp))
  const told = difference(
    { ...present, certificates: attachedIds },
    { ...application, certificates: certificateIds },
  )
  return ok({ application, change: { steps, action, object, ...told } })
}

/** Deletes an application that is deactivated and whose scopes nobody uses. */
export const decideApplicationDeletion = (
  present: Application,
  view: Pick<ApplicationView, 'heldBuiltInRoles' | 'scopeUsers'>,
  stamp: Stamp,
): Result<Change, AdministrationRefusal> => {
  const builtIn = refuseBuiltIn(present)
  if (!builtIn.ok) return builtIn
  const reach = decideReach(stamp.administrator, present, view.heldBuiltInRoles)
  if (!reach.ok) return reach
  const own = refuseOwnEnd(stamp.administrator, present.id, 'delete')
  if (!own.ok) return own
  if (present.active) {
    return refuseChange('APPLICATION_ACTIVE', `'${present.displayName}' is active.`, {
      why: 'An active application cannot be deleted, also not with forceDelete.',
      fix: `Deactivate it first: PUT /admin/v1/AppStatusChanger/${present.id} {"active": false}.`,
      at: 'active',
    })
  }
  const users = view.scopeUsers.map((user) => `'${user.displayName}' (${user.uses})`)
  if (users.length > 0) {
    return refuseChange('SCOPE_IN_USE', `Applications still use '${present.displayName}'.`, {
      why: `They are: ${users.slice(0, 10).join(', ')}.`,
      fix: 'Take its scopes from them first.',
    })
  }
  const steps: ChangeStep[] = [{ step: 'delete-application', id: present.id }]
  if (present.client !== null) steps.push(endTokensOf(present, stamp.nowMs))
  steps.push(...endTokensForApi(present, stamp))
  const { attributes: _, ...told } = present
  return ok({
    steps,
    action: 'application.delete',
    object: `${present.id} ${present.displayName}`,
    before: told,
    after: null,
  })
}
