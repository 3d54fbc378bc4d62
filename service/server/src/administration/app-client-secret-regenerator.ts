import {
  decideSecretEnd,
  decideSecretRegeneration,
} from '@mintmark/decisions/administration/decide-credential-change'
import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import type { Application } from '@mintmark/registry/application'
import { noContent } from './answers.ts'
import { attribute, commonAttributes, type ResourceSchema } from './attribute.ts'
import { carryOut, type Exchange, type Handler, notFound, stampOf } from './exchange.ts'
import { type ReadResource, readResource } from './read-resource.ts'
import { readRevokeTokens } from './revoke-tokens.ts'
import { builtInRolesOf, successionOf } from './standing.ts'
import { idOfPath } from './write-resource.ts'

export const regeneratorExtensionUrn =
  'urn:ietf:params:scim:schemas:extension:mintmark:1.0:AppClientSecretRegenerator'

export const appClientSecretRegeneratorSchema: ResourceSchema = {
  urn: 'urn:ietf:params:scim:schemas:oracle:idcs:AppClientSecretRegenerator',
  resourceType: 'AppClientSecretRegenerator',
  endpoint: 'AppClientSecretRegenerator',
  attributes: [
    ...commonAttributes,
    attribute('appId', 'string', { required: true, charsMax: 200 }),
    attribute('clientSecret', 'string', { mutability: 'readOnly' }),
  ],
  extension: {
    urn: regeneratorExtensionUrn,
    attributes: [
      attribute('overlapSeconds', 'integer'),
      attribute('keepOthers', 'boolean'),
      attribute('label', 'string', { charsMax: 100 }),
      attribute('expires', 'string', { charsMax: 40 }),
      attribute('revokeTokens', 'boolean'),
    ],
  },
  keptExtensions: [],
}

interface Regeneration {
  readonly overlapSeconds: number
  readonly keepOthers: boolean
  readonly label: string
  readonly expiresAtMs: number | null
  readonly revokeTokens: boolean
}

const readExpiry = (text: unknown, nowMs: number): Result<number | null, AdministrationRefusal> => {
  if (typeof text !== 'string') return ok(null)
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/.test(text)
  const at = Date.parse(text)
  if (isTime && at > nowMs) return ok(at)
  return refuseChange('VALUE_INVALID', 'expires must be a time to come.', {
    fix: 'E.g. 2030-01-01T00:00:00Z.',
    at: 'expires',
  })
}

/** Decision 19: without our extension it is the identity domain's own way, no overlap at all. */
const readRegeneration = (
  sent: ReadResource,
  nowMs: number,
): Result<Regeneration, AdministrationRefusal> => {
  const said = sent.extension?.values
  const expires = readExpiry(said?.get('expires'), nowMs)
  if (!expires.ok) return expires
  return ok({
    overlapSeconds: (said?.get('overlapSeconds') as number | undefined) ?? 0,
    keepOthers: said?.get('keepOthers') === true,
    label: (said?.get('label') as string | undefined) ?? '',
    expiresAtMs: expires.value,
    revokeTokens: said?.get('revokeTokens') === true,
  })
}

const mint = (exchange: Exchange, present: Application, regeneration: Regeneration) => {
  const { context } = exchange
  const { secret, digest, ending } = context.mintSecret()
  const seals = present.client?.authenticationMethods.includes('client_secret_jwt') === true
  const sealed = seals ? context.seal(secret, present.id) : null
  const { label, expiresAtMs } = regeneration
  const origin = 'minted' as const
  return {
    secret,
    stored: { id: context.newId(), origin, digest, sealed, ending, label, expiresAtMs },
  }
}

/** POST /AppClientSecretRegenerator: a new secret, shown in this answer and never again. */
export const regenerateSecret: Handler = async (exchange) => {
  const { transaction } = exchange.context
  const sent = readResource(exchange.command.body, appClientSecretRegeneratorSchema)
  if (!sent.ok) return sent
  const appId = idOfPath(sent.value.values.get('appId') as string)
  const present = await transaction.findApplication(appId)
  if (present === null) {
    const what = `appId references an App with ID ${appId} that does not exist.`
    return refuseChange('REFERENCE_UNKNOWN', what, { at: 'appId' })
  }
  const regeneration = readRegeneration(sent.value, exchange.command.nowMs)
  if (!regeneration.ok) return regeneration
  const view = {
    secrets: await transaction.listSecrets(present.id),
    heldBuiltInRoles: await builtInRolesOf(transaction, 'App', present.id),
  }
  const { secret, stored } = mint(exchange, present, regeneration.value)
  const wish = { ...regeneration.value, secret: stored }
  const change = decideSecretRegeneration(present, view, wish, stampOf(exchange))
  if (!change.ok) return change
  const done = await carryOut(exchange, change.value)
  if (!done.ok) return done
  const { overlapSeconds, keepOthers, label } = regeneration.value
  const body = {
    schemas: [appClientSecretRegeneratorSchema.urn, regeneratorExtensionUrn],
    appId: present.id,
    clientSecret: secret,
    [regeneratorExtensionUrn]: {
      ...(keepOthers ? { keepOthers } : { overlapSeconds }),
      label,
      secretId: stored.id,
    },
  }
  return ok({ status: 201, headers: {}, body })
}

/** DELETE /AppClientSecretRegenerator/{id of a secret}: ends this one now, and no other. */
export const endSecret: Handler = async (exchange) => {
  const { transaction } = exchange.context
  const id = exchange.id ?? ''
  const secret = await transaction.findSecret(id)
  const present = secret && (await transaction.findApplication(secret.applicationId))
  if (present === null) return notFound('secret', id)
  const revokeTokens = readRevokeTokens(exchange)
  if (!revokeTokens.ok) return revokeTokens
  const view = {
    ...(await successionOf(transaction, present.id)),
    secrets: await transaction.listSecrets(present.id),
    certificates: (await transaction.certificatesOf(present.id)).length,
  }
  const wish = { id, revokeTokens: revokeTokens.value }
  const change = decideSecretEnd(present, view, wish, stampOf(exchange))
  if (!change.ok) return change
  const done = await carryOut(exchange, change.value)
  if (!done.ok) return done
  return ok(noContent)
}
