import { isScopeToken } from '@mintmark/protocol/rfc6749-scope'
import { type Declared, tidy } from '../export/declare-app.ts'
import { createNameClaims, createNotes, type NotCarried, type Note } from './import-notes.ts'

/** What an export came to: the values of a domain file, and what they leave out. */
export interface ImportedDomain {
  readonly apis: readonly Declared[]
  readonly applications: readonly Declared[]
  /** The other sections of a domain file. */
  readonly others: Declared
  /** Secrets that stood in the export, by the name of the application; for the server alone. */
  readonly secrets: ReadonlyMap<string, string>
  readonly report: readonly NotCarried[]
}

/** The file is not what its name promises. */
export class ImportMistake extends Error {}

/** An API under import. */
export interface DraftApi {
  name: string
  audience: string
  description?: string
  algorithm?: string
  tokenLifetimeSeconds?: number
  certificateBound?: boolean
  dpopBound?: boolean
  acceptsTokens?: boolean
  /** Descriptions by name. */
  readonly scopes: Map<string, string>
  readonly roles: Map<string, string>
}

/** An application under import. */
export interface DraftApplication {
  readonly about: string
  readonly name: string
  readonly clientId: string
  readonly description: string
  readonly active: boolean
  authentication: Declared
  /** A secret from the export, in the clear. */
  secret: string | null
  readonly access: Map<DraftApi, { readonly scopes: Set<string>; readonly roles: Set<string> }>
  defaultApi?: DraftApi
  certificateBound?: boolean
  dpopBound?: boolean
  assertionAlgorithm?: string
}

const descriptionCharsMax = 1000
const secretFits = /^[\x20-\x7e]{8,500}$/
/** Hashes as servers store them: never a secret that a client could send. */
const looksHashed = /^(?:\$2[abxy]?\$|\$pbkdf2|\$argon2|\$scrypt|\$[156]\$|\{[A-Z0-9-]+\})/i
/** What a wildcard stands for cannot be listed. */
const isPlainScope = (scope: string): boolean => isScopeToken(scope) && !scope.includes('*')

type ClaimName = ReturnType<typeof createNameClaims>

/** The APIs that audiences stand for. */
const createApis = (note: Note, claimName: ClaimName) => {
  const apis = new Map<string, DraftApi>()
  /** The API of an audience, made when it is not there. */
  const api = (audience: string, wanted = audience): DraftApi => {
    const found = apis.get(audience)
    if (found !== undefined) return found
    const name = claimName(`API ${wanted}`, wanted)
    const made: DraftApi = { name, audience, scopes: new Map(), roles: new Map() }
    apis.set(audience, made)
    return made
  }
  /** Adds a scope. @returns false when it cannot be one here, which is noted */
  const addScope = (to: DraftApi, scope: string, description = ''): boolean => {
    if (isPlainScope(scope)) {
      if (!to.scopes.has(scope) || description !== '') to.scopes.set(scope, description)
      return true
    }
    const why = scope.includes('*')
      ? 'Scopes are granted by name; there are no wildcards.'
      : 'A scope has printable ASCII characters without space, " and \\ (RFC 6749 §3.3).'
    note(`API ${to.name}`, `scope ${scope}`, why, 'List the scopes that it stands for.')
    return false
  }
  return { apis, api, addScope }
}

/** The applications that clients become. */
const createApplications = (note: Note, claimName: ClaimName) => {
  const applications: DraftApplication[] = []
  const clientIds = new Set<string>()
  /** @returns null when the client id is there twice, which is noted */
  const application = (
    about: string,
    said: { clientId: string; name: string; description?: string; active: boolean },
  ): DraftApplication | null => {
    const { clientId, active } = said
    if (clientId !== '' && clientIds.has(clientId)) {
      note(about, 'client id', `The client id "${clientId}" is in the file twice.`, 'Keep one.')
      return null
    }
    clientIds.add(clientId)
    const description = (said.description ?? '').trim()
    if (description.length > descriptionCharsMax) {
      note(about, 'description', `It was cut to ${descriptionCharsMax} characters.`)
    }
    const made: DraftApplication = {
      about,
      name: claimName(about, said.name || clientId),
      clientId,
      description: description.slice(0, descriptionCharsMax),
      active,
      authentication: { secret: true },
      secret: null,
      access: new Map(),
    }
    applications.push(made)
    return made
  }
  const accessOf = (to: DraftApplication, api: DraftApi) => {
    const found = to.access.get(api) ?? { scopes: new Set(), roles: new Set() }
    to.access.set(api, found)
    return found
  }
  return { applications, application, accessOf }
}

/** Takes a secret of the export, if it is one that its client can go on using. */
const secretTaker = (note: Note) => (to: DraftApplication, secret: unknown) => {
  const giveNew = 'Give the caller the secret that is minted here.'
  if (typeof secret !== 'string' || secret === '' || /^\*+$/.test(secret)) {
    const fix = 'Give the caller the secret that is minted here, or set one of your own.'
    note(to.about, 'secret', 'The export does not hold it.', fix)
  } else if (looksHashed.test(secret)) {
    const why = 'It is stored as a hash made elsewhere, from which it cannot be told.'
    note(to.about, 'secret', why, giveNew)
  } else if (secretFits.test(secret)) {
    to.secret = secret
  } else {
    note(to.about, 'secret', 'A secret has 8 to 500 printable ASCII characters here.', giveNew)
  }
}

/** Collects what the readers of exports find; names are made unique, as they must be here. */
export const createImportDraft = () => {
  const notes = createNotes()
  const claimName = createNameClaims(notes.note)
  return {
    ...notes,
    ...createApis(notes.note, claimName),
    ...createApplications(notes.note, claimName),
    takeSecret: secretTaker(notes.note),
  }
}

export type ImportDraft = ReturnType<typeof createImportDraft>

const described = (entries: ReadonlyMap<string, string>, more: Declared = {}) =>
  [...entries].map(([name, description]) => {
    const said = tidy({ description, ...more })
    return Object.keys(said).length === 0 ? name : { name, ...said }
  })

const declareApi = (api: DraftApi): Declared =>
  tidy({
    name: api.name,
    description: api.description,
    ...(api.acceptsTokens === false
      ? { acceptsTokens: false }
      : {
          audience: api.audience,
          // The tokens that the APIs are used to: RFC 9068, under the algorithm of before.
          profile: 'rfc9068',
          algorithm: api.algorithm,
          tokenLifetime: api.tokenLifetimeSeconds,
          certificateBound: api.certificateBound === true ? true : undefined,
          dpopBound: api.dpopBound === true ? true : undefined,
          scopes: described(api.scopes),
        }),
    roles: described(api.roles),
  })

/** The one scope of an API that had none: a token is always for a scope here. */
const onlyScope = 'access'

const giveScope = (draft: ImportDraft, api: DraftApi): void => {
  if (api.acceptsTokens === false || api.scopes.size > 0) return
  api.scopes.set(onlyScope, 'Made by the import, as every token is for a scope')
  const why = `It had none; tokens here are always for a scope, so it has "${onlyScope}".`
  draft.note(`API ${api.name}`, 'scopes', why)
  for (const { access } of draft.applications) access.get(api)?.scopes.add(onlyScope)
}

const declareAccess = (draft: ImportDraft, application: DraftApplication): readonly Declared[] =>
  [...application.access].map(([api, { scopes, roles }]) => {
    if (scopes.size === 0 && api.acceptsTokens !== false) {
      const why = 'It has roles there and no scope, and a token is always for a scope.'
      draft.note(application.about, `access to ${api.name}`, why, 'Grant it a scope.')
    }
    return tidy({ api: api.name, scopes: [...scopes], roles: [...roles] })
  })

/** RFC 6749 Appendix A.1: what an imported id can be; others are generated. */
const isClientId = (text: string): boolean => /^[\x20-\x7e]{1,100}$/.test(text)

const declareClientId = (draft: ImportDraft, { about, clientId }: DraftApplication) => {
  if (isClientId(clientId)) return clientId
  const why =
    clientId === ''
      ? 'The export does not hold it.'
      : 'A client id has 1 to 100 printable ASCII characters here.'
  draft.note(about, 'client id', why, 'A new one is made: give it to the caller.')
  return undefined
}

const declareApplication = (draft: ImportDraft, each: DraftApplication): Declared => {
  const reached = [...each.access.keys()].filter(({ acceptsTokens }) => acceptsTokens !== false)
  if (reached.length === 0) {
    const why = 'It may use no API, so it gets no token.'
    draft.note(each.about, 'access', why, 'Grant it a scope of an API.')
  } else if (reached.length > 1 && each.defaultApi === undefined) {
    const why = 'It may use several APIs, and a token here is for one of them.'
    const named = reached.every(({ audience }) => URL.canParse(audience))
    const way = named ? 'send resource=AUDIENCE' : 'name the scopes that it wants'
    draft.note(each.about, 'audience', why, `Let it ${way}, or set defaultApi.`)
  }
  return tidy({
    name: each.name,
    clientId: declareClientId(draft, each),
    description: each.description,
    active: each.active,
    authentication: each.authentication,
    access: declareAccess(draft, each),
    defaultApi: each.defaultApi?.name,
    certificateBound: each.certificateBound === true ? true : undefined,
    dpopBound: each.dpopBound === true ? true : undefined,
    assertionAlgorithm: each.assertionAlgorithm,
  })
}

/** The draft as the values of a domain file. */
export const finishDraft = (draft: ImportDraft): ImportedDomain => {
  const secrets = new Map<string, string>()
  for (const api of draft.apis.values()) giveScope(draft, api)
  for (const { name, secret } of draft.applications) if (secret !== null) secrets.set(name, secret)
  return {
    applications: draft.applications.map((each) => declareApplication(draft, each)),
    apis: [...draft.apis.values()].map(declareApi),
    others: {},
    secrets,
    report: draft.report,
  }
}
