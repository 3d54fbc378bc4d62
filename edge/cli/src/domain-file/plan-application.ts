import { didYouMean } from '@mintmark/protocol/closest-name'
import { applicationBody } from './app-body.ts'
import { appExtension, differences, type Names, viewApp } from './app-view.ts'
import type { ApplicationEntry, Named } from './domain-document.ts'
import type { Mistake } from './mistake.ts'
import type { AwaitedSecret, DiffLine, PlannedOperation } from './plan.ts'
import type { KnownApi } from './plan-api.ts'
import { isObject, type Json, listOf, textOf } from './present-state.ts'
import { nameKey } from './read-domain-file.ts'

const grantSchema = 'urn:ietf:params:scim:schemas:oracle:idcs:Grant'
const certificateSchema = 'urn:ietf:params:scim:schemas:oracle:idcs:OAuthClientCertificate'
const regeneratorSchema = 'urn:ietf:params:scim:schemas:oracle:idcs:AppClientSecretRegenerator'
const builtInApplication = 'IDCSAppId'

/** What an application's names are looked up in. */
export interface Surroundings {
  findApi(name: string): KnownApi | undefined
  readonly apiNames: readonly string[]
  /** Where an API stands in the files, for "did you mean"; undefined: only on the server. */
  placeOf(name: string): string | undefined
  readonly names: Names
  /** Alias under which a certificate is stored or will be, and whether it still must be. */
  certificateAlias(entry: ApplicationEntry): { readonly alias: string; readonly isNew: boolean }
  readonly nowMs: number
}

export interface ApplicationPlan {
  readonly certificates: readonly PlannedOperation[]
  readonly app: readonly PlannedOperation[]
  readonly grants: readonly PlannedOperation[]
  readonly lines: readonly DiffLine[]
  readonly secrets: readonly AwaitedSecret[]
  readonly mistakes: readonly Mistake[]
}

interface WantedRole {
  readonly apiId: string
  readonly roleId: string
  readonly name: string
}

interface Access {
  readonly allowedScopes: readonly string[]
  readonly roles: readonly WantedRole[]
  readonly defaultApiId: string | null
  readonly mistakes: readonly Mistake[]
}

const mistakeAt = (named: Named, what: string, fix: string | undefined): Mistake => ({
  at: named.at,
  path: named.path,
  what,
  ...(fix === undefined ? {} : { fix }),
})

const unknownApi = (named: Named, around: Surroundings): Mistake => {
  const fix = didYouMean(named.value, around.apiNames)
  const meant = around.apiNames.find((name) => fix === `Did you mean "${name}"?`)
  const place = meant === undefined ? undefined : around.placeOf(meant)
  const where = place === undefined ? fix : fix?.replace('?', ` (${place})?`)
  return mistakeAt(named, `No API named "${named.value}".`, where)
}

/** A scope by its short name, or with its audience before it. */
const scopeOf = (named: Named, api: KnownApi): string | null => {
  if (api.scopes.includes(named.value)) return api.audience + named.value
  const short = named.value.startsWith(api.audience) ? named.value.slice(api.audience.length) : ''
  return api.scopes.includes(short) ? named.value : null
}

const resolveAccess = (entry: ApplicationEntry, around: Surroundings): Access => {
  const allowedScopes: string[] = []
  const roles: WantedRole[] = []
  const mistakes: Mistake[] = []
  for (const access of entry.access) {
    const api = around.findApi(access.api.value)
    if (api === undefined) {
      mistakes.push(unknownApi(access.api, around))
      continue
    }
    for (const scope of access.scopes) {
      const fqs = scopeOf(scope, api)
      const what = `API "${api.name}" has no scope "${scope.value}".`
      if (fqs === null) mistakes.push(mistakeAt(scope, what, didYouMean(scope.value, api.scopes)))
      else allowedScopes.push(fqs)
    }
    for (const role of access.roles) {
      const roleId = api.roles.get(nameKey(role.value))
      const what = `API "${api.name}" has no role "${role.value}".`
      const fix = didYouMean(role.value, api.roleNames)
      if (roleId === undefined) mistakes.push(mistakeAt(role, what, fix))
      else roles.push({ apiId: api.id, roleId, name: role.value })
    }
  }
  const { defaultApi } = entry
  const fallback = defaultApi === null ? undefined : around.findApi(defaultApi.value)
  if (defaultApi !== null && fallback === undefined) mistakes.push(unknownApi(defaultApi, around))
  return { allowedScopes, roles, defaultApiId: fallback?.id ?? null, mistakes }
}

const refOf = (object: Json, name: string, member: string): string => {
  const inside = object[name]
  return isObject(inside) ? textOf(inside, member) : ''
}

interface GrantPlan {
  readonly operations: readonly PlannedOperation[]
  readonly before: readonly string[]
  readonly after: readonly string[]
}

/**
 * Roles of the identity domain itself are left alone unless the file speaks of them: otherwise a
 * file that says nothing of administration would take it away.
 */
const planGrants = (
  entry: ApplicationEntry,
  id: string,
  held: readonly Json[],
  wanted: readonly WantedRole[],
  namesOfHeld: ReadonlyMap<string, string>,
): GrantPlan => {
  const about = `app ${entry.name}`
  const { at } = entry
  const mentionsDomain = wanted.some(({ apiId }) => apiId === builtInApplication)
  const inQuestion = held.filter(
    (grant) => mentionsDomain || refOf(grant, 'app', 'value') !== builtInApplication,
  )
  const roleOf = (grant: Json): string => refOf(grant, 'entitlement', 'attributeValue')
  const heldIds = new Set(inQuestion.map(roleOf))
  const wantedIds = new Set(wanted.map(({ roleId }) => roleId))
  const added = wanted.filter(({ roleId }, index) => {
    const isFirst = wanted.findIndex((each) => each.roleId === roleId) === index
    return isFirst && !heldIds.has(roleId)
  })
  const removed = inQuestion.filter((grant) => !wantedIds.has(roleOf(grant)))
  const create = added.map(({ apiId, roleId }, index): PlannedOperation => {
    const data = {
      schemas: [grantSchema],
      app: { value: apiId },
      entitlement: { attributeName: 'appRoles', attributeValue: roleId },
      grantMechanism: 'ADMINISTRATOR_TO_APP',
      grantee: { value: id, type: 'App' },
    }
    const bulkId = `${id.replace('bulkId:', '')}grant${index}`
    return { method: 'POST', path: '/Grants', bulkId, data, at, about }
  })
  const remove = removed.map((grant): PlannedOperation => {
    return { method: 'DELETE', path: `/Grants/${textOf(grant, 'id')}`, at, about }
  })
  const changed = create.length + remove.length > 0
  const before = inQuestion.map((grant) => namesOfHeld.get(roleOf(grant)) ?? roleOf(grant))
  return {
    operations: [...create, ...remove],
    before,
    after: changed ? [...new Set(wanted.map(({ name }) => name))] : before,
  }
}

const isLive = (secret: Json, nowMs: number): boolean =>
  ['ends', 'expires'].every((name) => {
    const time = textOf(secret, name)
    return time === '' || Date.parse(time) > nowMs
  })

/** An application that shall have a secret and has none that works. */
const lacksSecret = (entry: ApplicationEntry, present: Json, nowMs: number): boolean => {
  if (entry.authentication.secret !== 'minted' || entry.type === 'public') return false
  const inside = present[appExtension]
  const secrets = isObject(inside) ? listOf(inside, 'secrets') : []
  return !secrets.some((secret) => isLive(secret, nowMs))
}

const certificateOperation = (entry: ApplicationEntry, alias: string, bulkId: string) => {
  const data = {
    schemas: [certificateSchema],
    certificateAlias: alias,
    x509Base64Certificate: entry.authentication.certificate?.base64 ?? '',
  }
  const path = '/OAuthClientCertificates'
  return { method: 'POST', path, bulkId, data, at: entry.at, about: `app ${entry.name}` } as const
}

const checkClientId = (entry: ApplicationEntry, present: Json | undefined): readonly Mistake[] => {
  const now = present === undefined ? null : textOf(present, 'name')
  if (now === null || entry.clientId === null || entry.clientId === now) return []
  const what = `The client id of "${entry.name}" is "${now}" and cannot be changed.`
  return [{ at: entry.at, path: `${entry.path}.clientId`, what }]
}

const newText = (entry: ApplicationEntry): string => {
  const { secret } = entry.authentication
  if (secret === 'minted' && entry.type !== 'public') {
    return '(new; a secret will be generated and printed once)'
  }
  return secret === null ? '(new)' : '(new; with the secret of its file)'
}

interface Drafted {
  readonly bulkId: string
  readonly data: Json
  readonly access: Access
}

type Draft = Pick<ApplicationPlan, 'app' | 'grants' | 'lines' | 'secrets'>

const lineOf = (entry: ApplicationEntry, mark: DiffLine['mark'], text: string): DiffLine => ({
  mark,
  kind: 'app',
  name: entry.name,
  text,
})

const planNew = (entry: ApplicationEntry, { bulkId, data, access }: Drafted): Draft => {
  const { at, name } = entry
  const minted = entry.authentication.secret === 'minted' && entry.type !== 'public'
  return {
    app: [{ method: 'POST', path: '/Apps', bulkId, data, at, about: `app ${name}` }],
    grants: planGrants(entry, `bulkId:${bulkId}`, [], access.roles, new Map()).operations,
    lines: [lineOf(entry, '+', newText(entry))],
    secrets: minted ? [{ application: name, bulkId, clientId: null }] : [],
  }
}

const planChange = (
  entry: ApplicationEntry,
  { bulkId, data, access }: Drafted,
  { app: present, held }: PresentApplication,
  around: Surroundings,
): Draft => {
  const { at, name } = entry
  const about = `app ${name}`
  const id = textOf(present, 'id')
  const roleNames = listOf(present, 'grantedAppRoles').map(
    (role) => [textOf(role, 'value'), textOf(role, 'display')] as const,
  )
  const grants = planGrants(entry, id, held, access.roles, new Map(roleNames))
  const changes = differences(viewApp(present, around.names), viewApp(data, around.names))
  const texts = [...changes]
  if (grants.operations.length > 0) {
    const [before, after] = [grants.before, grants.after].map((list) => list.join(' ') || '(none)')
    texts.push(`roles  ${before} → ${after}`)
  }
  const app: PlannedOperation[] = []
  if (changes.length > 0) {
    const version = refOf(present, 'meta', 'version')
    app.push({ method: 'PUT', path: `/Apps/${id}`, version, data, at, about })
  }
  const secrets: AwaitedSecret[] = []
  if (lacksSecret(entry, present, around.nowMs)) {
    const regenerate = { schemas: [regeneratorSchema], appId: id }
    const path = '/AppClientSecretRegenerator'
    app.push({ method: 'POST', path, bulkId: `${bulkId}secret`, data: regenerate, at, about })
    secrets.push({
      application: name,
      bulkId: `${bulkId}secret`,
      clientId: textOf(present, 'name'),
    })
    texts.push('secret  (none) → a new one, printed once')
  }
  const lines = texts.map((text) => lineOf(entry, '~', text))
  return {
    app,
    grants: grants.operations,
    lines: lines.length === 0 ? [lineOf(entry, '=', '')] : lines,
    secrets,
  }
}

/** An application as the server has it, with the grants that it holds. */
export interface PresentApplication {
  readonly app: Json
  readonly held: readonly Json[]
}

/** What it takes to make one application as the file says. */
export const planApplication = (
  entry: ApplicationEntry,
  index: number,
  present: PresentApplication | null,
  around: Surroundings,
): ApplicationPlan => {
  const bulkId = `app${index}`
  const access = resolveAccess(entry, around)
  const stored = entry.authentication.certificate === null ? null : around.certificateAlias(entry)
  const certificateAlias = stored?.alias ?? null
  const data = applicationBody(entry, present?.app, { ...access, certificateAlias })
  const drafted = { bulkId, data, access }
  const draft =
    present === null ? planNew(entry, drafted) : planChange(entry, drafted, present, around)
  return {
    ...draft,
    certificates:
      stored?.isNew === true
        ? [certificateOperation(entry, stored.alias, `${bulkId}certificate`)]
        : [],
    mistakes: [...access.mistakes, ...checkClientId(entry, present?.app)],
  }
}
