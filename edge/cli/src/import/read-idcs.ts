import { appDefaults, appSchema, keptAttributes } from '@mintmark/server/administration/app-schema'
import { grantTypesKnown, operationsKnown } from '@mintmark/server/administration/app-words'
import { appExtension } from '../domain-file/app-view.ts'
import { isObject, type Json, listOf, textOf } from '../domain-file/present-state.ts'
import type { Declared } from '../export/declare-app.ts'
import { declareDomain } from '../export/export-domain.ts'
import type { WholeDomain } from '../export/read-whole-domain.ts'
import {
  createImportDraft,
  type ImportDraft,
  type ImportedDomain,
  ImportMistake,
} from './import-draft.ts'

const urn = 'urn:ietf:params:scim:schemas:oracle:idcs:'
const consumerAll = 'urn:opc:resource:consumer::all'
const builtIn = { id: 'IDCSAppId', displayName: 'IDCS Application' }

/** Every resource in the file, by kind, whatever lists they stand in. */
const gather = (file: unknown, into = new Map<string, Json[]>()): ReadonlyMap<string, Json[]> => {
  if (Array.isArray(file)) {
    for (const each of file) gather(each, into)
  } else if (isObject(file)) {
    const schemas = Array.isArray(file['schemas']) ? file['schemas'].map(String) : []
    const kind = schemas.find((each) => each.startsWith(urn))?.slice(urn.length)
    if (kind === undefined) {
      // A ListResponse, or an object of them; one resource type a member.
      for (const each of Object.values(file)) if (typeof each === 'object') gather(each, into)
    } else into.set(kind, [...(into.get(kind) ?? []), file])
  }
  return into
}

const inside = (resource: Json, name: string, member: string): string => {
  const value = resource[name]
  return isObject(value) ? textOf(value, member) : ''
}

const aboutOf = (app: Json): string => `app ${textOf(app, 'displayName') || textOf(app, 'id')}`

/** Why an App is none of those that an identity domain for machines has; null: it is. */
const whyLeftOut = (app: Json): string | null => {
  if (app['isOPCService'] === true) return 'It belongs to a service of Oracle.'
  if (app['isAliasApp'] === true) return 'It is an alias of another one.'
  if (app['isOAuthClient'] === true || app['isOAuthResource'] === true) return null
  return 'It is neither a client nor a resource server.'
}

/** Ids, times and what the server works out by itself. */
const silent = new Set([
  'id',
  'ocid',
  'domainOcid',
  'compartmentOcid',
  'tenancyOcid',
  'meta',
  'schemas',
  'idcsCreatedBy',
  'idcsLastModifiedBy',
  'idcsPreventedOperations',
  'idcsLastUpgradedInRelease',
  'clientSecret',
  'hashedClientSecret',
  'grantedAppRoles',
  'grants',
  'accounts',
  'adminRoles',
  'userRoles',
  'editableAttributes',
  'basedOnTemplate',
  appExtension,
])

const known = new Set(appSchema.attributes.map(({ name }) => name))
const kept = new Set(keptAttributes.map(({ name }) => name))

const isPlain = (value: unknown): boolean =>
  typeof value !== 'object' ||
  (Array.isArray(value) && value.every((each) => typeof each !== 'object'))

/** The attributes that can be said here; the others are noted. */
const attributesOf = (draft: ImportDraft, app: Json): Json => {
  const about = aboutOf(app)
  const taken = Object.entries(app).filter(([name, value]) => {
    if (silent.has(name)) return false
    const isDefault = JSON.stringify(value) === JSON.stringify(appDefaults[name])
    if (isDefault || value === null || value === false) return false
    if (known.has(name) && (!kept.has(name) || isPlain(value))) return true
    draft.noteRest(about, { [name]: value }, [])
    return false
  })
  return Object.fromEntries(taken)
}

const wordsOf = (draft: ImportDraft, app: Json, name: string, all: readonly string[]) => {
  const value = app[name]
  const words = Array.isArray(value) ? value.map(String) : []
  const unknown = words.filter((word) => !all.includes(word))
  if (unknown.length > 0) {
    draft.note(aboutOf(app), `${name} ${unknown.join(' ')}`, 'There is nothing like it here.')
  }
  return words.filter((word) => all.includes(word))
}

/** Whose scope it is: said by the export, or found by the audience that it begins with. */
const scopesOf = (draft: ImportDraft, app: Json, apis: readonly Json[]): readonly Json[] =>
  listOf(app, 'allowedScopes').flatMap((allowed) => {
    const fqs = textOf(allowed, 'fqs')
    const owner = apis.find((api) =>
      listOf(api, 'scopes').some(
        (scope) => textOf(api, 'audience') + textOf(scope, 'value') === fqs,
      ),
    )
    if (owner !== undefined) return [{ fqs, idOfDefiningApp: textOf(owner, 'id') }]
    if (fqs === consumerAll) return [{ fqs }]
    const fix = 'Import the app that defines it as well.'
    draft.note(aboutOf(app), `allowedScopes ${fqs}`, 'No app in the export defines it.', fix)
    return []
  })

const certificatesOf = (draft: ImportDraft, app: Json, aliases: ReadonlySet<string>) =>
  listOf(app, 'certificates').filter((certificate) => {
    const alias = textOf(certificate, 'certAlias')
    if (aliases.has(alias)) return true
    const why = 'The export does not hold it.'
    draft.note(aboutOf(app), `certificates ${alias}`, why, 'Add OAuthClientCertificates to it.')
    return false
  })

const whole = (
  draft: ImportDraft,
  app: Json,
  around: { readonly apis: readonly Json[]; readonly aliases: ReadonlySet<string> },
): Json => {
  const attributes = attributesOf(draft, app)
  const { id, isOAuthClient } = app
  const template = app['clientType'] === 'public' ? 'BrowserMobile' : 'WebApp'
  const base = { ...attributes, id, basedOnTemplate: { value: `Custom${template}TemplateId` } }
  if (isOAuthClient !== true) return base
  if (app['trustScope'] === 'Default') {
    draft.note(aboutOf(app), 'trustScope Default', 'It stands for a setting of the domain.', '')
  }
  return {
    ...base,
    allowedGrants: wordsOf(draft, app, 'allowedGrants', grantTypesKnown),
    allowedOperations: wordsOf(draft, app, 'allowedOperations', operationsKnown),
    allowedScopes: scopesOf(draft, app, around.apis),
    certificates: certificatesOf(draft, app, around.aliases),
    // Every client that is not public has a secret there.
    [appExtension]: { secrets: [{}] },
  }
}

/** Grants of roles to apps; those to people are noted. */
const grantsOf = (draft: ImportDraft, grants: readonly Json[], ids: ReadonlySet<string>) => {
  const people = grants.filter((grant) => inside(grant, 'grantee', 'type') !== 'App')
  if (people.length > 0) {
    draft.note('Grants', `${people.length} to users and groups`, 'Users are not imported.')
  }
  return grants.filter((grant) => {
    if (inside(grant, 'grantee', 'type') !== 'App') return false
    if (ids.has(inside(grant, 'entitlement', 'attributeValue'))) return true
    const who = inside(grant, 'grantee', 'display') || inside(grant, 'grantee', 'value')
    const fix = 'Add AppRoles to it.'
    draft.note(
      `Grants: ${who}`,
      inside(grant, 'app', 'display'),
      'The export does not hold the role.',
      fix,
    )
    return false
  })
}

const roleFields = [
  ...['id', 'schemas', 'meta', 'ocid', 'displayName', 'description', 'app', 'adminRole', 'public'],
  ...['availableToClients', 'availableToUsers', 'availableToGroups', 'uniqueName', 'members'],
  ...['domainOcid', 'compartmentOcid', 'tenancyOcid', 'idcsCreatedBy', 'idcsLastModifiedBy'],
]

const secretsOf = (draft: ImportDraft, apps: readonly Json[]): ReadonlyMap<string, string> => {
  const secrets = new Map<string, string>()
  for (const app of apps) {
    if (app['isOAuthClient'] !== true || app['clientType'] === 'public') continue
    const name = textOf(app, 'displayName')
    const about = aboutOf(app)
    const clientId = textOf(app, 'name')
    const to = draft.application(about, { clientId, name, active: true })
    if (to === null) continue
    draft.takeSecret(to, app['clientSecret'] ?? app['hashedClientSecret'])
    if (to.secret !== null) secrets.set(name, to.secret)
  }
  return secrets
}

const declaredAs = (declared: Declared, name: string): readonly Declared[] =>
  Array.isArray(declared[name]) ? declared[name] : []

/**
 * Lists of Apps, AppRoles, Grants and OAuthClientCertificates as the SCIM API of an Oracle identity
 * domain answers them (/admin/v1), one after the other or in an object by name.
 * @throws ImportMistake
 */
export const readIdcs = (file: unknown, nowMs: number): ImportedDomain => {
  const resources = gather(file)
  const all = resources.get('App') ?? []
  if (all.length === 0) {
    throw new ImportMistake(`There are no Apps in it: resources with the schema ${urn}App.`)
  }
  const draft = createImportDraft()
  const apps = all.filter((app) => {
    if (textOf(app, 'id') === builtIn.id) return false
    const why = whyLeftOut(app)
    if (why !== null) draft.note(aboutOf(app), 'the whole app', why)
    return why === null
  })
  const certificates = (resources.get('OAuthClientCertificate') ?? []).filter(
    (each) => textOf(each, 'x509Base64Certificate') !== '',
  )
  const aliases = new Set(certificates.map((each) => textOf(each, 'certificateAlias')))
  const roles = resources.get('AppRole') ?? []
  for (const role of roles) draft.noteRest(`role ${textOf(role, 'displayName')}`, role, roleFields)
  const apis = apps.filter((app) => app['isOAuthResource'] === true)
  const domain: WholeDomain = {
    apps: [builtIn, ...apps.map((app) => whole(draft, app, { apis, aliases }))],
    roles,
    grants: grantsOf(
      draft,
      resources.get('Grant') ?? [],
      new Set(roles.map((each) => textOf(each, 'id'))),
    ),
    certificates,
    ...{ users: [], groups: [], claims: [], authorities: [], settings: null },
  }
  for (const [kind, found] of resources) {
    if (['App', 'AppRole', 'Grant', 'OAuthClientCertificate'].includes(kind)) continue
    draft.note(
      `${kind}s`,
      `${found.length} of them`,
      'Only apps, their roles and grants are imported.',
    )
  }
  const declared = declareDomain(domain, nowMs)
  return {
    apis: declaredAs(declared, 'apis'),
    applications: declaredAs(declared, 'applications'),
    others: certificates.length === 0 ? {} : { certificates: declared['certificates'] },
    secrets: secretsOf(draft, apps),
    report: draft.report,
  }
}
