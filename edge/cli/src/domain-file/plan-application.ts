import { didYouMean } from '@mintmark/protocol/closest-name'
import { applicationBody } from './app-body.ts'
import { appExtension, differences, type Names, viewApp } from './app-view.ts'
import type { ApplicationEntry, Named } from './domain-document.ts'
import type { Mistake } from './mistake.ts'
import type { AwaitedSecret, DiffLine, PlannedOperation } from './plan.ts'
import type { KnownApi } from './plan-api.ts'
import {
  type ApiNames,
  mistakeAt,
  planGrants,
  resolveRoles,
  unknownApi,
  type WantedRole,
} from './plan-grants.ts'
import { isObject, type Json, listOf, textOf } from './present-state.ts'

const certificateSchema = 'urn:ietf:params:scim:schemas:oracle:idcs:OAuthClientCertificate'
const regeneratorSchema = 'urn:ietf:params:scim:schemas:oracle:idcs:AppClientSecretRegenerator'

/** What an application's names are looked up in. */
export interface Surroundings extends ApiNames {
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
  /** The whole App as it will be. */
  readonly wanted: Json
}

interface Access {
  readonly allowedScopes: readonly string[]
  readonly roles: readonly WantedRole[]
  readonly defaultApiId: string | null
  readonly mistakes: readonly Mistake[]
}

/** A scope by its short name, or with its audience before it. */
const scopeOf = (named: Named, api: KnownApi): string | null => {
  if (api.scopes.includes(named.value)) return api.audience + named.value
  const isWhole = [api.audience, ...api.secondaryAudiences].some(
    (audience) =>
      named.value.startsWith(audience) && api.scopes.includes(named.value.slice(audience.length)),
  )
  return isWhole ? named.value : null
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
    roles.push(...resolveRoles(access.roles, api, mistakes))
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
  const now = present === undefined ? '' : textOf(present, 'name')
  if (now === '' || entry.clientId === null || entry.clientId === now) return []
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

/** A new secret for an application that is there, or is made by the same request. */
const regeneration = (entry: ApplicationEntry, id: string, bulkId: string): PlannedOperation => ({
  method: 'POST',
  path: '/AppClientSecretRegenerator',
  bulkId,
  data: { schemas: [regeneratorSchema], appId: id },
  at: entry.at,
  about: `app ${entry.name}`,
})

/** Whether the server mints a secret of itself for a client with these methods. */
const isMinted = ({ authentication: { methods } }: ApplicationEntry): boolean =>
  methods === null || methods.length === 0 || methods.some((each) => /^client_secret/.test(each))

const grantsOf = (
  entry: ApplicationEntry,
  { id, held, names }: Pick<PresentApplication, 'held'> & { id: string; names: readonly Json[] },
  wanted: readonly WantedRole[],
) => {
  const namesOfHeld = new Map(
    names.map((role) => [textOf(role, 'value'), textOf(role, 'display')] as const),
  )
  const about = `app ${entry.name}`
  return planGrants({ type: 'App', id, about, at: entry.at, held, namesOfHeld }, wanted)
}

const planNew = (entry: ApplicationEntry, { bulkId, data, access }: Drafted): Draft => {
  const { at, name } = entry
  const id = `bulkId:${bulkId}`
  const wantsSecret = entry.authentication.secret === 'minted' && entry.type !== 'public'
  const secretId = isMinted(entry) ? bulkId : `${bulkId}secret`
  const secrets = [
    { application: name, bulkId: secretId, clientId: null, namedBy: bulkId } as const,
  ]
  return {
    app: [
      { method: 'POST', path: '/Apps', bulkId, data, at, about: `app ${name}` },
      ...(wantsSecret && !isMinted(entry) ? [regeneration(entry, id, secretId)] : []),
    ],
    grants: grantsOf(entry, { id, held: [], names: [] }, access.roles).operations,
    lines: [lineOf(entry, '+', newText(entry))],
    secrets: wantsSecret ? secrets : [],
  }
}

/** Where an application stands that is on the server, or that an entry under `apis` makes. */
const placeOf = (present: PresentApplication) => {
  const id = textOf(present.app, 'id')
  const reference = id.startsWith('bulkId:') ? id.slice('bulkId:'.length) : null
  const version = refOf(present.app, 'meta', 'version')
  return { id, reference, versioned: present.changedBefore === true ? {} : { version } }
}

const planChange = (
  entry: ApplicationEntry,
  { bulkId, data: whole, access }: Drafted,
  present: PresentApplication,
  around: Surroundings,
): Draft => {
  const { at, name } = entry
  const about = `app ${name}`
  const { id, reference, versioned } = placeOf(present)
  const { id: _, ...data } = whole
  const names = listOf(present.app, 'grantedAppRoles')
  const grants = grantsOf(entry, { id, held: present.held, names }, access.roles)
  const kept = Object.keys(entry.attributes)
  const [before, after] = [present.app, data].map((app) => viewApp(app, around.names, kept))
  const changes = differences(before ?? [], after ?? [])
  const texts = [...changes, ...grants.texts]
  const app: PlannedOperation[] = []
  if (changes.length > 0) {
    const version = reference === null ? versioned : {}
    app.push({ method: 'PUT', path: `/Apps/${id}`, ...version, data, at, about })
  }
  const secrets: AwaitedSecret[] = []
  if (lacksSecret(entry, present.app, around.nowMs)) {
    const secretId = `${bulkId}secret`
    app.push(regeneration(entry, id, secretId))
    const clientId = textOf(present.app, 'name') || null
    const namedBy = reference ?? secretId
    secrets.push({ application: name, bulkId: secretId, clientId, namedBy })
    texts.push('secret  (none) → a new one, printed once')
  }
  const lines = texts.map((text) => lineOf(entry, '~', text))
  const unchanged = lineOf(entry, '=', '')
  const isNew = reference !== null
  return {
    app,
    grants: grants.operations,
    lines: isNew ? [lineOf(entry, '+', newText(entry))] : lines.length > 0 ? lines : [unchanged],
    secrets,
  }
}

/** An application as the server has it, with the grants that it holds. */
export interface PresentApplication {
  readonly app: Json
  readonly held: readonly Json[]
  /** Whether the same request changes it before, so that its version is another one by then. */
  readonly changedBefore?: boolean
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
  const { certificate, certificates } = entry.authentication
  const stored = certificate === null ? null : around.certificateAlias(entry)
  const certificateAliases = [
    ...(stored === null ? [] : [stored.alias]),
    ...certificates.map(({ value }) => value),
  ]
  const wanted = applicationBody(entry, present?.app, { ...access, certificateAliases })
  const drafted = { bulkId, data: wanted, access }
  const draft =
    present === null ? planNew(entry, drafted) : planChange(entry, drafted, present, around)
  const alias = stored?.isNew === true ? stored.alias : null
  return {
    ...draft,
    wanted,
    certificates:
      alias === null ? [] : [certificateOperation(entry, alias, `${bulkId}certificate`)],
    mistakes: [...access.mistakes, ...checkClientId(entry, present?.app)],
  }
}
