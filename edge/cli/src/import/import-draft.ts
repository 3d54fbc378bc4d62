import { isScopeToken } from '@mintmark/protocol/rfc6749-scope'
import type { Json } from '../domain-file/present-state.ts'
import { type Declared, tidy } from '../export/declare-app.ts'

/** Something of an export that the domain will not have, or not as it was. */
export interface NotCarried {
  /** E.g. `client billing`. */
  readonly about: string
  readonly field: string
  readonly why: string
  /** What the person can do about it; empty: nothing needs doing. */
  readonly fix: string
}

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

const nameCharsMax = 125
const descriptionCharsMax = 1000
const secretFits = /^[\x20-\x7e]{8,500}$/
/** Hashes as servers store them: never a secret that a client could send. */
const looksHashed = /^(?:\$2[abxy]?\$|\$pbkdf2|\$argon2|\$scrypt|\$[156]\$|\{[A-Z0-9-]+\})/i
/** What a wildcard stands for cannot be listed. */
const isPlainScope = (scope: string): boolean => isScopeToken(scope) && !scope.includes('*')

const isUnsaid = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  value === false ||
  value === 0 ||
  (typeof value === 'object' && Object.keys(value).length === 0)

/** Why a field is left out, and what to do. */
export type Reasons = Readonly<Record<string, readonly [why: string, fix: string]>>

/** Collects what the readers of exports find; names are made unique, as they must be here. */
export const createImportDraft = () => {
  const apis = new Map<string, DraftApi>()
  const applications: DraftApplication[] = []
  const report: NotCarried[] = []
  const names = new Set<string>()
  const clientIds = new Set<string>()

  const note = (about: string, field: string, why: string, fix = ''): void => {
    report.push({ about, field, why, fix })
  }

  const claimName = (about: string, wanted: string): string => {
    const readable =
      wanted
        .replaceAll(/\p{Cc}/gu, ' ')
        .trim()
        .slice(0, nameCharsMax - 6) || 'unnamed'
    let name = readable
    for (let at = 2; names.has(name.normalize('NFC').toLowerCase()); at++)
      name = `${readable} (${at})`
    names.add(name.normalize('NFC').toLowerCase())
    if (name !== wanted) note(about, 'name', `It is called "${name}" here: names are unique.`)
    return name
  }

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
    if (!isPlainScope(scope)) {
      const why = scope.includes('*')
        ? 'Scopes are granted by name; there are no wildcards.'
        : 'A scope has printable ASCII characters without space, " and \\ (RFC 6749 §3.3).'
      note(`API ${to.name}`, `scope ${scope}`, why, 'List the scopes that it stands for.')
      return false
    }
    if (!to.scopes.has(scope) || description !== '') to.scopes.set(scope, description)
    return true
  }

  const accessOf = (application: DraftApplication, to: DraftApi) => {
    const found = application.access.get(to) ?? { scopes: new Set(), roles: new Set() }
    application.access.set(to, found)
    return found
  }

  /** @returns null when the client id is there twice, which is noted */
  const application = (
    about: string,
    said: { clientId: string; name: string; description?: string; active: boolean },
  ): DraftApplication | null => {
    if (said.clientId !== '' && clientIds.has(said.clientId)) {
      note(
        about,
        'client id',
        `The client id "${said.clientId}" is in the file twice.`,
        'Keep one.',
      )
      return null
    }
    clientIds.add(said.clientId)
    const description = (said.description ?? '').trim()
    if (description.length > descriptionCharsMax) {
      note(about, 'description', `It was cut to ${descriptionCharsMax} characters.`)
    }
    const made: DraftApplication = {
      about,
      name: claimName(about, said.name || said.clientId),
      clientId: said.clientId,
      description: description.slice(0, descriptionCharsMax),
      active: said.active,
      authentication: { secret: true },
      secret: null,
      access: new Map(),
    }
    applications.push(made)
    return made
  }

  /** Takes a secret of the export, if it is one that its client can go on using. */
  const takeSecret = (to: DraftApplication, secret: unknown): void => {
    if (typeof secret !== 'string' || secret === '' || /^\*+$/.test(secret)) {
      const fix = 'Give the caller the secret that is minted here, or set one of your own.'
      note(to.about, 'secret', 'The export does not hold it.', fix)
    } else if (looksHashed.test(secret)) {
      const why = 'It is stored as a hash made elsewhere, from which it cannot be told.'
      note(to.about, 'secret', why, 'Give the caller the secret that is minted here.')
    } else if (secretFits.test(secret)) {
      to.secret = secret
    } else {
      const why = 'A secret has 8 to 500 printable ASCII characters here.'
      note(to.about, 'secret', why, 'Give the caller the secret that is minted here.')
    }
  }

  /** Notes every field that says something and was not carried over. */
  const noteRest = (
    about: string,
    object: Json,
    carried: readonly string[],
    reasons: Reasons = {},
  ): void => {
    for (const [field, value] of Object.entries(object)) {
      if (carried.includes(field) || isUnsaid(value)) continue
      const [why, fix] = reasons[field] ?? ['There is nothing like it here.', '']
      note(about, field, why, fix)
    }
  }

  return {
    apis,
    applications,
    report,
    note,
    api,
    claimName,
    addScope,
    accessOf,
    application,
    takeSecret,
    noteRest,
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

/** An id that can be chosen here; others are generated. */
const isClientId = (text: string): boolean => /^[A-Za-z0-9_.-]{1,100}$/.test(text)

const declareClientId = (draft: ImportDraft, { about, clientId }: DraftApplication) => {
  if (isClientId(clientId)) return clientId
  const why =
    clientId === ''
      ? 'The export does not hold it.'
      : 'A client id has 1 to 100 of the characters A-Z a-z 0-9 _ . - here.'
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
