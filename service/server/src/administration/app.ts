import {
  type ApplicationWish,
  type NewSecret,
  needsSecret,
} from '@mintmark/decisions/administration/application-wish'
import {
  decideApplicationCreation,
  decideApplicationDeletion,
  decideApplicationReplacement,
} from '@mintmark/decisions/administration/decide-application-change'
import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import type { Application } from '@mintmark/registry/application'
import type { Belongings } from '@mintmark/registry/registry'
import { applicationSearch } from '@mintmark/registry/search/application-search'
import { digestMinted, sameDigest } from '../proof/secret-digest.ts'
import { readAppWish } from './app-from-scim.ts'
import { appSchema } from './app-schema.ts'
import { writeApp } from './app-to-scim.ts'
import { readApplicationView, readScopeUsers } from './app-view.ts'
import { readSecretWish } from './chosen-secret.ts'
import { type Exchange, findResourceServers, stampOf } from './exchange.ts'
import type { Json, ReadResource } from './read-resource.ts'
import { type Resource, registryList } from './resource.ts'
import { readRevokeTokens } from './revoke-tokens.ts'
import { builtInRolesOf } from './standing.ts'

/** RFC 7518 §3.2: the secret of a MAC is as long as its hash, and SHA-256 is the shortest. */
const macSecretCharsMin = 32

const nothing: Belongings = { secrets: [], secretUses: new Map(), certificates: [], held: [] }

/** Applications with everything their representations have. */
const wholeApps = async (
  exchange: Exchange,
  applications: readonly Application[],
): Promise<readonly Json[]> => {
  const { transaction, address } = exchange.context
  const belongings = await transaction.belongingsOf(applications.map(({ id }) => id))
  const scopes = applications.flatMap(({ client }) => client?.policy.allowedScopes ?? [])
  const { byFullyQualifiedScope } = await findResourceServers(exchange, scopes)
  const { url } = address()
  return applications.map((application) =>
    writeApp({
      application,
      ...(belongings.get(application.id) ?? nothing),
      definerOf: (fqs) => byFullyQualifiedScope.get(fqs)?.id,
      url,
    }),
  )
}

/** An application with everything its representation has. */
export const wholeApp = async (exchange: Exchange, application: Application): Promise<Json> =>
  (await wholeApps(exchange, [application]))[0] as Json

/** Trust anchors are read once here, so that no handshake finds them unreadable. */
const readAnchors = (
  wish: ApplicationWish,
  exchange: Exchange,
): Result<ApplicationWish, AdministrationRefusal> => {
  const { client } = wish
  if (client === null || client.certificateAnchors.length === 0) return ok(wish)
  const at = 'certificateAnchors'
  const certificateAnchors: string[] = []
  for (const [index, text] of client.certificateAnchors.entries()) {
    const read = exchange.context.readCertificate(text)
    if (read === null || read.weakness !== null) {
      const why = read?.weakness ?? 'It must be a certificate in base64 DER or PEM.'
      return refuseChange('CERTIFICATE_UNREADABLE', `${at}[${index}] cannot be used.`, { why, at })
    }
    certificateAnchors.push(read.der)
  }
  return ok({ ...wish, client: { ...client, certificateAnchors } })
}

interface CreatedSecret {
  readonly stored: NewSecret
  /** What the answer shows, once; null for one that the administrator knows already. */
  readonly shown: string | null
}

/** The first secret of a new client: chosen, minted, or none. */
const makeSecret = (
  exchange: Exchange,
  wish: ApplicationWish,
  applicationId: string,
): Result<CreatedSecret | null, AdministrationRefusal> => {
  const { context } = exchange
  const chosen = readSecretWish(exchange)
  if (!chosen.ok) return chosen
  if (chosen.value === 'none' || wish.client === null) return ok(null)
  const seals = wish.client.authenticationMethods.includes('client_secret_jwt')
  const base = { id: context.newId(), label: '', expiresAtMs: null }
  if (chosen.value !== 'unsaid') {
    const { secret, digest } = chosen.value
    if (seals && secret.length < macSecretCharsMin) {
      const why = 'client_secret_jwt signs with it (RFC 7518 §3.2).'
      const what = `secret must have at least ${macSecretCharsMin} characters.`
      return refuseChange('VALUE_INVALID', what, { at: 'secret', why })
    }
    const sealed = seals ? context.seal(secret, applicationId) : null
    const stored: NewSecret = { ...base, origin: 'chosen', digest, sealed, ending: '' }
    return ok({ stored, shown: null })
  }
  if (!needsSecret(wish.client)) return ok(null)
  const { secret, digest, ending } = context.mintSecret()
  const sealed = seals ? context.seal(secret, applicationId) : null
  return ok({ stored: { ...base, origin: 'minted', digest, sealed, ending }, shown: secret })
}

const create = async (exchange: Exchange, sent: ReadResource) => {
  const read = readAppWish(sent, null)
  if (!read.ok) return read
  const wish = readAnchors(read.value, exchange)
  if (!wish.ok) return wish
  const view = await readApplicationView(exchange, wish.value, null)
  const stamp = stampOf(exchange)
  const secret = makeSecret(exchange, wish.value, stamp.id)
  if (!secret.ok) return secret
  const clientId = wish.value.clientId ?? exchange.context.newId()
  const stored = secret.value?.stored ?? null
  const made = decideApplicationCreation({ ...wish.value, clientId }, view, stored, stamp)
  if (!made.ok) return made
  const shown = secret.value?.shown ?? null
  const shownOnce = shown === null ? {} : { clientSecret: shown }
  return ok({ item: made.value.application, change: made.value.change, shownOnce })
}

const replace = async (exchange: Exchange, present: Application, sent: ReadResource) => {
  if (sent.extension?.values.has('secret')) {
    return refuseChange('ATTRIBUTE_READ_ONLY', 'secret can only be said on creation.', {
      fix: 'Use AppClientSecretRegenerator for a new one.',
      at: 'secret',
    })
  }
  const read = readAppWish(sent, present)
  if (!read.ok) return read
  const wish = readAnchors(read.value, exchange)
  if (!wish.ok) return wish
  const revokeTokens = readRevokeTokens(exchange)
  if (!revokeTokens.ok) return revokeTokens
  const wished = { ...wish.value, revokeTokens: revokeTokens.value }
  const view = await readApplicationView(exchange, wished, present)
  const made = decideApplicationReplacement(present, wished, view, stampOf(exchange))
  return made.ok ? ok({ item: made.value.application, change: made.value.change }) : made
}

const remove = async (exchange: Exchange, present: Application) => {
  const view = {
    heldBuiltInRoles: await builtInRolesOf(exchange.context.transaction, 'App', present.id),
    scopeUsers: present.active ? [] : await readScopeUsers(exchange, present, null),
  }
  return decideApplicationDeletion(present, view, stampOf(exchange))
}

/** An SDK puts what POST answered: with the secret, which must then be one that holds. */
const isToldOnce: Resource<Application>['isToldOnce'] = async (exchange, present, sent) => {
  const [name, value] = sent
  if (name !== 'clientSecret' || typeof value !== 'string') return false
  const { context, command } = exchange
  const digest = digestMinted(value)
  const secrets = await context.transaction.listSecrets(present.id)
  return secrets.some(
    ({ digest: stored, endsAtMs, expiresAtMs }) =>
      sameDigest(stored, digest) &&
      command.nowMs < Math.min(endsAtMs ?? Infinity, expiresAtMs ?? Infinity),
  )
}

export const appResource: Resource<Application> = {
  schema: appSchema,
  list: registryList('application', applicationSearch),
  find: ({ context }, id) => context.transaction.findApplication(id),
  write: wholeApp,
  writePage: wholeApps,
  version: (application) => application.version,
  create,
  replace,
  remove,
  isToldOnce,
}
