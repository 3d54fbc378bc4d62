import type { DomainDocument } from './domain-document.ts'
import type { Mistake, Position } from './mistake.ts'
import { nameKey } from './name-key.ts'
import type { DiffKind, DiffLine, Plan, PlannedOperation } from './plan.ts'
import { isObject, type Json, listAll, type Send, textOf } from './present-state.ts'

const statusSchema = 'urn:ietf:params:scim:schemas:oracle:idcs:AppStatusChanger'
const builtInApplication = 'IDCSAppId'

/** Something that the server has and the files do not name. */
interface Stray {
  readonly kind: DiffKind
  readonly name: string
  readonly operations: readonly PlannedOperation[]
}

const start: Position = { file: '', line: 1, column: 1 }

const deletion = (path: string, about: string): PlannedOperation => ({
  method: 'DELETE',
  path,
  at: start,
  about,
})

/** An active application is deactivated first: it could not be deleted otherwise. */
const strayApp = (app: Json): Stray => {
  const [id, name] = [textOf(app, 'id'), textOf(app, 'displayName')]
  const kind = app['isOAuthResource'] === true ? 'api' : 'app'
  const about = `${kind} ${name}`
  const data = { schemas: [statusSchema], active: false }
  const path = `/AppStatusChanger/${id}`
  const ending = [{ method: 'PUT', path, data, at: start, about } as const]
  const isActive = app['active'] === true
  const operations = [...(isActive ? ending : []), deletion(`/Apps/${id}`, about)]
  return { kind, name, operations }
}

const refOf = (object: Json, name: string, member: string): string => {
  const inside = object[name]
  return isObject(inside) ? textOf(inside, member) : ''
}

interface Listed {
  readonly kind: DiffKind
  readonly section: string
  readonly path: string
  readonly attribute: string
  readonly names: readonly string[]
}

const listedIn = (document: DomainDocument): readonly Listed[] => [
  {
    kind: 'claim',
    section: 'claims',
    path: '/CustomClaims',
    attribute: 'name',
    names: document.claims.map(({ name }) => name),
  },
  {
    kind: 'group',
    section: 'groups',
    path: '/Groups',
    attribute: 'displayName',
    names: document.groups.map(({ name }) => name),
  },
  {
    kind: 'user',
    section: 'users',
    path: '/Users',
    attribute: 'userName',
    names: document.users.map(({ userName }) => userName),
  },
  {
    kind: 'authority',
    section: 'authorities',
    path: '/OAuthPartnerCertificates',
    attribute: 'certificateAlias',
    names: document.authorities.map(({ alias }) => alias),
  },
  {
    kind: 'certificate',
    section: 'certificates',
    path: '/OAuthClientCertificates',
    attribute: 'certificateAlias',
    names: document.certificates.map(({ alias }) => alias),
  },
]

const strayOthers = async (document: DomainDocument, send: Send): Promise<readonly Stray[]> => {
  const strays: Stray[] = []
  for (const { kind, section, path, attribute, names } of listedIn(document)) {
    if (!document.sections.has(section)) continue
    const known = new Set(names.map(nameKey))
    for (const resource of await listAll(send, path)) {
      const name = textOf(resource, attribute)
      if (known.has(nameKey(name))) continue
      const about = `${kind} ${name}`
      const operations = [deletion(`${path}/${textOf(resource, 'id')}`, about)]
      strays.push({ kind, name, operations })
    }
  }
  return strays
}

/** Clients before the APIs that they use; never who signs in, nor what the server is made of. */
const strayApps = async (
  document: DomainDocument,
  send: Send,
  ownClientId: string | null,
): Promise<readonly Json[]> => {
  const named = new Set(
    [...document.apis, ...document.applications].map((each) => nameKey(each.name)),
  )
  const isMeant = (app: Json): boolean =>
    document.sections.has(app['isOAuthResource'] === true ? 'apis' : 'applications')
  const strays = (await listAll(send, '/Apps')).filter(
    (app) =>
      textOf(app, 'id') !== builtInApplication &&
      textOf(app, 'name') !== ownClientId &&
      !named.has(nameKey(textOf(app, 'displayName'))) &&
      isMeant(app),
  )
  const clientsFirst = (app: Json): number => (app['isOAuthResource'] === true ? 1 : 0)
  return strays.toSorted((a, b) => clientsFirst(a) - clientsFirst(b))
}

interface StrayRoles {
  readonly strays: readonly Stray[]
  readonly mistakes: readonly Mistake[]
}

/** Roles that an API of the files does not have there; one that somebody keeps is refused. */
const strayRoles = async (
  document: DomainDocument,
  send: Send,
  going: ReadonlySet<string>,
): Promise<StrayRoles> => {
  const strays: Stray[] = []
  const mistakes: Mistake[] = []
  for (const api of document.apis) {
    const [app] = await listAll(send, '/Apps', `displayName eq ${JSON.stringify(api.name)}`)
    if (app === undefined) continue
    const wanted = new Set(api.roles.map(({ name }) => nameKey(name)))
    const filter = `app.value eq ${JSON.stringify(textOf(app, 'id'))}`
    const roles = await listAll(send, '/AppRoles', filter)
    const grants = await listAll(send, '/Grants', filter)
    for (const role of roles) {
      const name = textOf(role, 'displayName')
      if (wanted.has(nameKey(name))) continue
      const id = textOf(role, 'id')
      const held = grants.filter(
        (grant) =>
          refOf(grant, 'entitlement', 'attributeValue') === id &&
          !going.has(`/Grants/${textOf(grant, 'id')}`) &&
          !going.has(`/${refOf(grant, 'grantee', 'type')}s/${refOf(grant, 'grantee', 'value')}`),
      )
      const full = `${api.name} role ${name}`
      if (held.length > 0) {
        const what = `The role "${name}" is held by ${held.length} others, so it is not pruned.`
        mistakes.push({ at: api.at, path: api.path, what, fix: 'Take it from them first.' })
      }
      strays.push({ kind: 'api', name: full, operations: [deletion(`/AppRoles/${id}`, full)] })
    }
  }
  return { strays, mistakes }
}

const lineOf = ({ kind, name }: Stray): DiffLine => ({ mark: '-', kind, name, text: '' })

const withoutNotice = ({ mark }: DiffLine): boolean => mark !== '-'

/**
 * A plan that also takes away what the parts of the files do not name. What is in use is refused,
 * here or by the server, and then nothing is done at all.
 * @param ownClientId of whoever signs in
 */
export const planPrune = async (
  document: DomainDocument,
  plan: Plan,
  { send, ownClientId }: { readonly send: Send; readonly ownClientId: string | null },
): Promise<{ readonly plan: Plan; readonly mistakes: readonly Mistake[] }> => {
  const apps = (await strayApps(document, send, ownClientId)).map(strayApp)
  const others = await strayOthers(document, send)
  const going = [...apps, ...others].flatMap(({ operations }) => operations)
  const paths = new Set([...plan.operations, ...going].map(({ path }) => path))
  const roles = await strayRoles(document, send, paths)
  const people = others.filter(({ kind }) => kind !== 'certificate')
  const certificates = others.filter(({ kind }) => kind === 'certificate')
  const strays = [...people, ...roles.strays, ...apps, ...certificates]
  return {
    mistakes: roles.mistakes,
    plan: {
      ...plan,
      operations: [...plan.operations, ...strays.flatMap(({ operations }) => operations)],
      lines: [...plan.lines.filter(withoutNotice), ...strays.map(lineOf)],
      removed: strays.map(({ kind, name }) => `${kind} ${name}`),
    },
  }
}
