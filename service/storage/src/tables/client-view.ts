import type { Application, ClientFacet } from '@mintmark/registry/application'
import type { ClientCertificate, ClientSecret } from '@mintmark/registry/client-credential'
import type { LoadedClient } from '../client-snapshot.ts'
import type { Statements } from '../database.ts'
import { clientViewNumber } from '../migrations/schema-number.ts'
import { textHash } from '../text-hash.ts'

/** Changes with a step that does not keep views, and then none that is stored is read any more. */
const form = clientViewNumber

type SecretView = readonly [
  id: string,
  label: string,
  origin: ClientSecret['origin'],
  digest: string,
  sealed: string | null,
  ending: string,
  createdAtMs: number,
  expiresAtMs: number | null,
  endsAtMs: number | null,
]

type View = readonly [
  form: number,
  id: string,
  displayName: string,
  description: string | null,
  active: boolean,
  builtIn: boolean,
  tags: Application['tags'],
  resourceServer: Application['resourceServer'],
  version: number,
  createdAtMs: number,
  modifiedAtMs: number,
  secrets: readonly SecretView[],
  certificates: readonly ClientCertificate[],
  roleIds: readonly string[],
]

/** What many clients have alike, kept once. */
export interface SharedParts {
  readonly domainId: string
  /** The view, in fewer characters if its facet is one that many may have: for this memory only. */
  shorten(view: string): string
  /** The facet that this part of a view says, shortened or not. */
  facet(text: string): ClientFacet | null
}

const nothing = Object.freeze({})
const noTags: Application['tags'] = Object.freeze([])
const noCertificates: readonly ClientCertificate[] = Object.freeze([])
const noRoles: ReadonlySet<string> = new Set()

/** Facets of clients that were made alike: a domain of many applications has few kinds of them. */
const facetKindsMax = 1000
/** Begins what stands for a facet by its number; no JSON begins so. */
const numberSign = '#'

/** Parts of clients that belong to one domain. */
export const createSharedParts = (domainId: string): SharedParts => {
  const numbers = new Map<string, number>()
  const facets: ClientFacet[] = []
  const numberOf = (text: string): number | undefined => {
    const known = numbers.get(text)
    if (known !== undefined || facets.length >= facetKindsMax) return known
    const facet = JSON.parse(text) as ClientFacet | null
    // keys and authorities are a client's own
    const isOwn = facet === null || facet.jwks !== null || facet.certificateAnchors.length > 0
    if (isOwn) return undefined
    facets.push(facet)
    // not the text itself, which is a part of a longer one and would keep that
    numbers.set(Buffer.from(text).toString(), facets.length - 1)
    return facets.length - 1
  }
  return {
    domainId,
    shorten: (view) => {
      const facetAt = view.indexOf('\n') + 1
      const number = numberOf(view.slice(facetAt))
      return number === undefined ? view : view.slice(0, facetAt) + numberSign + number
    },
    facet: (text) => {
      if (!text.startsWith(numberSign)) return JSON.parse(text) as ClientFacet | null
      const facet = facets[Number(text.slice(numberSign.length))]
      if (facet === undefined) throw new Error('a shortened view was read by another memory')
      return facet
    },
  }
}

const viewSecret = (secret: ClientSecret): SecretView => [
  secret.id,
  secret.label,
  secret.origin,
  secret.digest,
  secret.sealed,
  secret.ending,
  secret.createdAtMs,
  secret.expiresAtMs,
  secret.endsAtMs,
]

/** A client as one text: its own parts, and on a line below what others may have alike. */
export const writeClientView = (client: LoadedClient): string => {
  const { application, secrets, certificates, roleIds } = client
  const view: View = [
    form,
    application.id,
    application.displayName,
    application.description,
    application.active,
    application.builtIn,
    application.tags,
    application.resourceServer,
    application.version,
    application.createdAtMs,
    application.modifiedAtMs,
    secrets.map(viewSecret),
    certificates,
    [...roleIds],
  ]
  // JSON has no line break of its own
  return `${JSON.stringify(view)}\n${JSON.stringify(application.client)}`
}

const readSecret = (view: SecretView, domain: string, applicationId: string): ClientSecret => {
  const [id, label, origin, digest, sealed, ending, createdAtMs, expiresAtMs, endsAtMs] = view
  return {
    kind: 'secret',
    domain,
    id,
    applicationId,
    label,
    origin,
    digest,
    sealed,
    ending,
    createdAtMs,
    expiresAtMs,
    endsAtMs,
  }
}

/** Whether a stored view has the form of today, and not that of another program. */
export const isReadable = (text: string): boolean => text.startsWith(`[${form},`)

/**
 * Reads what `writeClientView` wrote, in little memory: equal parts are shared, and the attributes
 * that are kept for administrators are left out.
 */
export const readClientView = (
  text: string,
  clientId: string,
  shared: SharedParts,
): LoadedClient => {
  const lineEnd = text.indexOf('\n')
  const view = JSON.parse(text.slice(0, lineEnd)) as View
  const [, id, displayName, description, active, builtIn, tags, resourceServer, ...rest] = view
  const [version, createdAtMs, modifiedAtMs, secrets, certificates, roleIds] = rest
  const domain = shared.domainId
  return {
    application: {
      domain,
      id,
      clientId,
      displayName,
      description,
      active,
      builtIn,
      tags: tags.length === 0 ? noTags : tags,
      client: shared.facet(text.slice(lineEnd + 1)),
      resourceServer,
      attributes: nothing,
      version,
      createdAtMs,
      modifiedAtMs,
    },
    secrets: secrets.map((secret) => readSecret(secret, domain, id)),
    certificates: certificates.length === 0 ? noCertificates : certificates,
    roleIds: roleIds.length === 0 ? noRoles : new Set(roleIds),
  }
}

const hashOf = (domainId: string, clientId: string): number => textHash(`${domainId} ${clientId}`)

/** The stored view of a client; null: there is none, which says nothing of the client. */
export const findClientView = async (
  statements: Statements,
  domainId: string,
  clientId: string,
): Promise<string | null> => {
  const rows = await statements.all(
    'SELECT body FROM client_view WHERE hash = $1 AND domain_id = $2 AND client_id = $3',
    [hashOf(domainId, clientId), domainId, clientId],
  )
  return (rows[0]?.['body'] as string | undefined) ?? null
}

/** Stores a view; one of another client with the same hash makes room. */
export const putClientView = async (
  statements: Statements,
  domainId: string,
  clientId: string,
  body: string,
): Promise<void> => {
  await statements.run(
    `INSERT INTO client_view (hash, domain_id, client_id, body) VALUES ($1, $2, $3, $4)
     ON CONFLICT (hash) DO UPDATE SET domain_id = excluded.domain_id,
       client_id = excluded.client_id, body = excluded.body`,
    [hashOf(domainId, clientId), domainId, clientId, body],
  )
}

/** Takes the view of a client away: what it says may not be true any more. */
export const deleteClientView = async (
  statements: Statements,
  domainId: string,
  clientId: string,
): Promise<void> => {
  await statements.run(
    'DELETE FROM client_view WHERE hash = $1 AND domain_id = $2 AND client_id = $3',
    [hashOf(domainId, clientId), domainId, clientId],
  )
}
