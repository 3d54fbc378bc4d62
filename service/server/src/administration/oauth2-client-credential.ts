import type { ApplicationWish } from '@mintmark/decisions/administration/application-wish'
import { defaultClientFacet } from '@mintmark/decisions/administration/application-wish'
import { decideActivation } from '@mintmark/decisions/administration/decide-activation'
import {
  decideApplicationCreation,
  decideApplicationDeletion,
  decideApplicationReplacement,
} from '@mintmark/decisions/administration/decide-application-change'
import { decideSecretRegeneration } from '@mintmark/decisions/administration/decide-credential-change'
import {
  audiencesOf,
  type ResourceServerIndex,
} from '@mintmark/decisions/administration/resource-server-index'
import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import type { Application } from '@mintmark/registry/application'
import type { ClientSecret } from '@mintmark/registry/client-credential'
import { readApplicationView, readScopeUsers } from './app-view.ts'
import { type Exchange, resourceServersOf, stampOf } from './exchange.ts'
import { writeKeptAttributes } from './kept-attributes.ts'
import {
  credentialList,
  credentialTemplateId,
  isCredential,
  oauth2ClientCredentialSchema,
} from './oauth2-client-credential-schema.ts'
import type { Json, ReadResource } from './read-resource.ts'
import type { Resource } from './resource.ts'
import { successionOf } from './standing.ts'
import { frameAttributes } from './write-resource.ts'

interface SentScope {
  readonly audience: string
  readonly scope: string
}

/** An allowed scope in the two parts that it was said in. */
const partsOf = (fqs: string, servers: ResourceServerIndex): SentScope => {
  const facet = servers.byFullyQualifiedScope.get(fqs)?.resourceServer
  const audience = facet ? audiencesOf(facet).find((each) => fqs.startsWith(each)) : undefined
  return { audience: audience ?? '', scope: fqs.slice(audience?.length ?? 0) }
}

const expiryOf = ([newest]: readonly ClientSecret[]): Json => {
  const expiresAtMs = newest?.expiresAtMs ?? null
  return expiresAtMs === null ? {} : { expiresOn: new Date(expiresAtMs).toISOString() }
}

const writeCredential = async (exchange: Exchange, application: Application): Promise<Json> => {
  const { transaction, address } = exchange.context
  const { url } = address()
  const servers = await resourceServersOf(exchange)
  const { idcsCreatedBy, idcsLastModifiedBy } = application.attributes
  return {
    ...writeKeptAttributes({ idcsCreatedBy, idcsLastModifiedBy }, url),
    schemas: [oauth2ClientCredentialSchema.urn],
    ...frameAttributes({ ...application, url }, oauth2ClientCredentialSchema),
    name: application.displayName,
    description: application.description,
    scopes: (application.client?.policy.allowedScopes ?? []).map((fqs) => partsOf(fqs, servers)),
    ...expiryOf(await transaction.listSecrets(application.id)),
  }
}

const readWish = ({ values }: ReadResource, clientId: string | null): ApplicationWish => {
  const scopes = values.get('scopes') as readonly SentScope[]
  const status = values.get('status') as 'ACTIVE' | 'INACTIVE' | undefined
  return {
    clientId,
    displayName: values.get('name') as string,
    description: (values.get('description') as string | undefined) ?? null,
    active: status === undefined ? (clientId === null ? null : true) : status === 'ACTIVE',
    tags: [],
    client: {
      ...defaultClientFacet('confidential'),
      grantTypes: ['client_credentials'],
      policy: {
        trustScope: 'Explicit',
        allowedScopes: [...new Set(scopes.map(({ audience, scope }) => audience + scope))],
        allowedTags: [],
      },
    },
    resourceServer: null,
    certificateAliases: [],
    attributes: { basedOnTemplate: { value: credentialTemplateId } },
  }
}

const readExpiry = (
  { values }: ReadResource,
  nowMs: number,
): Result<number | null, AdministrationRefusal> => {
  const text = values.get('expiresOn') as string | undefined
  if (text === undefined) return ok(null)
  const expiresAtMs = Date.parse(text)
  if (/^\d{4}-\d\d-\d\dT/.test(text) && expiresAtMs > nowMs) return ok(expiresAtMs)
  const fix = 'Use a time to come in ISO 8601, e.g. 2030-01-31T00:00:00Z.'
  return refuseChange('VALUE_INVALID', 'expiresOn cannot be that.', { fix, at: 'expiresOn' })
}

const mint = ({ context }: Exchange, expiresAtMs: number | null) => {
  const { secret, digest, ending } = context.mintSecret()
  const kept = { origin: 'minted' as const, digest, sealed: null, ending, label: '', expiresAtMs }
  return { secret, stored: { id: context.newId(), ...kept } }
}

const create = async (exchange: Exchange, sent: ReadResource) => {
  const stamp = stampOf(exchange)
  const expiresAtMs = readExpiry(sent, stamp.nowMs)
  if (!expiresAtMs.ok) return expiresAtMs
  // Its id is its client id: an identity domain shows no other.
  const wish = { ...readWish(sent, stamp.id), clientId: stamp.id }
  const view = await readApplicationView(exchange, wish, null)
  const { secret, stored } = mint(exchange, expiresAtMs.value)
  const made = decideApplicationCreation(wish, view, stored, stamp)
  if (!made.ok) return made
  const { application: item, change } = made.value
  return ok({ item, change, shownOnce: { secret } })
}

/** A new secret in place of the old, which ends at once; it lives as long as the old one would. */
const resetSecret = async (exchange: Exchange, present: Application) => {
  const { transaction } = exchange.context
  const secrets = await transaction.listSecrets(present.id)
  const { secret, stored } = mint(exchange, secrets[0]?.expiresAtMs ?? null)
  const { heldBuiltInRoles } = await successionOf(transaction, present.id)
  const wish = { overlapSeconds: 0, keepOthers: false, revokeTokens: false, secret: stored }
  const view = { secrets, heldBuiltInRoles }
  const change = decideSecretRegeneration(present, view, wish, stampOf(exchange))
  return change.ok ? ok({ secret, steps: change.value.steps }) : change
}

const replace = async (exchange: Exchange, present: Application, sent: ReadResource) => {
  const wish = readWish(sent, null)
  const view = await readApplicationView(exchange, wish, present)
  const made = decideApplicationReplacement(present, wish, view, stampOf(exchange))
  if (!made.ok) return made
  const { application: item, change } = made.value
  if (sent.values.get('isResetSecret') !== true) return ok({ item, change })
  const reset = await resetSecret(exchange, present)
  if (!reset.ok) return reset
  const { secret, steps } = reset.value
  const after = { ...change.after, secret: 'renewed' }
  const both = { ...change, after, steps: [...change.steps, ...steps] }
  return ok({ item, change: both, shownOnce: { secret } })
}

/** A credential goes at once, as an application does once it is deactivated. */
const remove = async (exchange: Exchange, present: Application) => {
  const stamp = stampOf(exchange)
  const succession = await successionOf(exchange.context.transaction, present.id)
  const ended = decideActivation(present, false, succession, stamp)
  if (!ended.ok) return ended
  const { application, change } = ended.value
  const scopeUsers = await readScopeUsers(exchange, present, null)
  const gone = decideApplicationDeletion(application, { ...succession, scopeUsers }, stamp)
  if (!gone.ok) return gone
  return ok({ ...gone.value, steps: [...change.steps, ...gone.value.steps] })
}

/**
 * An id and a secret for scopes that are named one by one: underneath, a confidential application
 * that can do this and nothing else.
 */
export const oauth2ClientCredentialResource: Resource<Application> = {
  schema: oauth2ClientCredentialSchema,
  list: credentialList,
  find: async ({ context }, id) => {
    const found = await context.transaction.findApplication(id)
    return found !== null && isCredential(found) ? found : null
  },
  write: writeCredential,
  version: (application) => application.version,
  create,
  replace,
  remove,
}
