import { groupSchema } from '@mintmark/server/administration/group'
import { keptUserAttributes, userSchema } from '@mintmark/server/administration/user-schema'
import { Document, isMap, isSeq } from 'yaml'
import { isObject, type Json, listOf, type Send, textOf } from '../domain-file/present-state.ts'
import {
  type DeclarationContext,
  type Declared,
  declareApi,
  declareApplication,
  extensionOf,
  hasSecret,
  inOrder,
  keptOf,
  listAccess,
  pemOf,
  tidy,
} from './declare-app.ts'
import {
  type DomainNames,
  declaredApps,
  membersOf,
  namesOfDomain,
  readWholeDomain,
  type WholeDomain,
} from './read-whole-domain.ts'

const roleAccess = (id: string, names: DomainNames): readonly Declared[] => {
  const access = new Map<string, { scopes: string[]; roles: string[] }>()
  for (const { api, role } of names.rolesOf(id)) {
    const found = access.get(api) ?? { scopes: [], roles: [] }
    found.roles.push(role)
    access.set(api, found)
  }
  return listAccess(access)
}

const userKept = [...keptUserAttributes.map(({ name }) => name), ...userSchema.keptExtensions]
const groupKept = ['nonUniqueDisplayName', 'tags', ...groupSchema.keptExtensions]

const declareEmail = (email: Json): string | Declared => {
  const value = textOf(email, 'value')
  const more = tidy({
    type: textOf(email, 'type'),
    primary: email['primary'] === true ? true : undefined,
  })
  return Object.keys(more).length === 0 ? value : { value, ...more }
}

const declareUser = (user: Json, names: DomainNames): Declared =>
  tidy({
    userName: textOf(user, 'userName'),
    displayName: textOf(user, 'displayName'),
    externalId: textOf(user, 'externalId'),
    active: user['active'] === true,
    name: isObject(user['name']) ? user['name'] : undefined,
    emails: listOf(user, 'emails').map(declareEmail),
    access: roleAccess(textOf(user, 'id'), names),
    attributes: keptOf(user, userKept),
  })

const declareGroup = (group: Json, names: DomainNames): Declared =>
  tidy({
    name: textOf(group, 'displayName'),
    externalId: textOf(group, 'externalId'),
    users: inOrder(membersOf(group, 'User').flatMap((id) => names.user(id) ?? [])),
    applications: inOrder(membersOf(group, 'App').flatMap((id) => names.app(id) ?? [])),
    access: roleAccess(textOf(group, 'id'), names),
    attributes: keptOf(group, groupKept),
  })

const declareClaim = (claim: Json): Declared => {
  const { name, value, mode, tokenType, allScopes, scopes } = claim
  return tidy({
    name,
    value,
    mode: mode === 'always' ? undefined : mode,
    tokenType: tokenType === 'AT' ? undefined : tokenType,
    scopes: allScopes === true ? undefined : inOrder((scopes ?? []) as readonly string[]),
  })
}

const declareCertificate = (certificate: Json): Declared => ({
  alias: textOf(certificate, 'certificateAlias'),
  pem: pemOf(textOf(certificate, 'x509Base64Certificate')),
})

/** An issuer that is just the address of the server is no setting. */
const declareSettings = (settings: Json | null): Declared => {
  if (settings === null) return {}
  const meta = isObject(settings['meta']) ? textOf(settings['meta'], 'location') : ''
  const issuer = textOf(settings, 'issuer')
  return tidy({
    issuer: meta.startsWith(`${issuer}/admin/v1/`) ? undefined : issuer,
    signingCertPublicAccess: settings['signingCertPublicAccess'] === true ? true : undefined,
  })
}

const sorted = (items: readonly Declared[], name: string): readonly Declared[] =>
  items.toSorted((a, b) => (String(a[name]) < String(b[name]) ? -1 : 1))

/** The whole domain as the values of a domain file. */
export const declareDomain = (domain: WholeDomain, nowMs: number): Declared => {
  const names = namesOfDomain(domain)
  const apps = declaredApps(domain)
  const apis = new Map(
    domain.apps
      .filter((app) => app['isOAuthResource'] === true)
      .map((app) => [textOf(app, 'id'), app]),
  )
  const context: DeclarationContext = { names, apis, nowMs }
  const isClient = (app: Json): boolean => app['isOAuthClient'] === true
  const isApi = (app: Json): boolean =>
    app['isOAuthResource'] === true ||
    names.definedBy(textOf(app, 'id')).length > 0 ||
    !isClient(app)
  const applications = apps
    .filter(isClient)
    .map((app) => declareApplication(app, isApi(app), context))
  const settings = declareSettings(domain.settings)
  return tidy({
    settings: Object.keys(settings).length === 0 ? undefined : settings,
    authorities: sorted(domain.authorities.map(declareCertificate), 'alias'),
    certificates: sorted(domain.certificates.map(declareCertificate), 'alias'),
    apis: sorted(
      apps.filter(isApi).map((app) => declareApi(app, names)),
      'name',
    ),
    applications: sorted(applications, 'name'),
    users: sorted(
      domain.users.map((user) => declareUser(user, names)),
      'userName',
    ),
    groups: sorted(
      domain.groups.map((group) => declareGroup(group, names)),
      'name',
    ),
    claims: sorted(domain.claims.map(declareClaim), 'name'),
  })
}

const heading = ` The whole domain, as mintmark apply -f reads it.
 Not in here, because nothing may carry it out of the server: client secrets, private keys and
 signing keys. Where an application has a secret, apply mints one if there is none, and shows it
 once. Ids, versions and times are the server's own, and so is what has happened (mintmark audit).`

const secretNote = (app: Json, nowMs: number): string | null => {
  const secrets = listOf(extensionOf(app), 'secrets')
  if (!hasSecret(app, nowMs)) return null
  const chosen = secrets.some((secret) => textOf(secret, 'origin') === 'chosen')
  const what = secrets.length === 1 ? 'Its secret is' : `Its ${secrets.length} secrets are`
  const hint = chosen ? ' One was chosen: put it in a file and say secretFile.' : ''
  return ` ${what} not exported.${hint}`
}

const noteSecrets = (document: Document, domain: WholeDomain, nowMs: number): void => {
  const list = document.get('applications')
  if (!isSeq(list)) return
  const apps = new Map(domain.apps.map((app) => [textOf(app, 'displayName'), app]))
  for (const item of list.items) {
    if (!isMap(item)) continue
    const app = apps.get(String(item.get('name')))
    const note = app === undefined ? null : secretNote(app, nowMs)
    if (note !== null) item.commentBefore = note
  }
}

/** The domain as the text of a domain file. @throws UnexpectedAnswer */
export const exportDomain = async (send: Send, nowMs: number): Promise<string> => {
  const domain = await readWholeDomain(send)
  const document = new Document(declareDomain(domain, nowMs), { aliasDuplicateObjects: false })
  document.commentBefore = heading
  noteSecrets(document as Document, domain, nowMs)
  return document.toString({ lineWidth: 100 })
}
