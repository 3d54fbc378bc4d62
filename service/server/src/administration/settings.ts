import { decideSettingsChange } from '@mintmark/decisions/administration/decide-settings-change'
import { refuseChange } from '@mintmark/protocol/administration-refusal'
import { ok } from '@mintmark/protocol/result'
import type { DomainSettings } from '@mintmark/registry/identity-domain'
import { answerList, resourceAnswer } from './answers.ts'
import { attribute, commonAttributes, type ResourceSchema } from './attribute.ts'
import { carryOut, checkVersion, type Exchange, type Handler, notFound } from './exchange.ts'
import { type Json, readResource } from './read-resource.ts'
import { checkUnchangeable, frameAttributes, versionOf } from './write-resource.ts'

/** The one Setting that a domain has. */
export const settingsId = 'Settings'

export const settingsSchema: ResourceSchema = {
  urn: 'urn:ietf:params:scim:schemas:oracle:idcs:Setting',
  resourceType: 'Setting',
  endpoint: 'Settings',
  attributes: [
    ...commonAttributes,
    attribute('issuer', 'string', { charsMax: 500 }),
    attribute('signingCertPublicAccess', 'boolean'),
    // Required by clients of an identity domain; here it has one value.
    attribute('csrAccess', 'string', { values: ['none'] }),
    attribute('accountAlwaysTrustScope', 'boolean'),
  ],
  extension: null,
  keptExtensions: [],
}

const wholeSettings = async (exchange: Exchange, settings: DomainSettings): Promise<Json> => {
  const { transaction, address, pinnedIssuer } = exchange.context
  const { url } = address()
  const domain = await transaction.domain()
  const frame = {
    domain: domain.id,
    id: settingsId,
    version: settings.version,
    createdAtMs: domain.createdAtMs,
    modifiedAtMs: domain.createdAtMs,
    url,
  }
  return {
    schemas: [settingsSchema.urn],
    ...frameAttributes(frame, settingsSchema),
    issuer: pinnedIssuer ?? settings.issuer ?? url,
    signingCertPublicAccess: settings.signingCertPublicAccess,
    csrAccess: 'none',
    accountAlwaysTrustScope: false,
  }
}

/** GET /Settings */
export const listSettings: Handler = (exchange) => {
  const { transaction } = exchange.context
  return answerList(exchange, settingsSchema, {
    searchable: {},
    find: (id) => (id === settingsId ? transaction.settings() : Promise.resolve(null)),
    list: async (_terms, page) => {
      const isOnPage = page.startIndex === 1 && page.count > 0
      return { total: 1, items: isOnPage ? [await transaction.settings()] : [] }
    },
    write: (settings) => wholeSettings(exchange, settings),
  })
}

/** GET /Settings/Settings */
export const readSettings: Handler = async (exchange) => {
  if (exchange.id !== settingsId) return notFound('Setting', exchange.id ?? '')
  const settings = await exchange.context.transaction.settings()
  const whole = await wholeSettings(exchange, settings)
  return ok(resourceAnswer(200, whole, settingsSchema, exchange))
}

/** PUT /Settings/Settings: the issuer left out, or equal to the domain URL, follows that URL. */
export const replaceSettings: Handler = async (exchange) => {
  if (exchange.id !== settingsId) return notFound('Setting', exchange.id ?? '')
  const { transaction, pinnedIssuer, address } = exchange.context
  const present = await transaction.settings()
  const version = checkVersion(exchange, versionOf('Setting', settingsId, present.version))
  if (!version.ok) return version
  const sent = readResource(exchange.command.body, settingsSchema)
  if (!sent.ok) return sent
  const whole = await wholeSettings(exchange, present)
  const unchangeable = checkUnchangeable(sent.value, whole, settingsSchema)
  if (!unchangeable.ok) return unchangeable
  const { values } = sent.value
  if (values.get('accountAlwaysTrustScope') === true) {
    return refuseChange('ATTRIBUTE_NOT_KEPT', 'accountAlwaysTrustScope cannot be set here.', {
      fix: 'Set trustScope of the applications that need it.',
      at: 'accountAlwaysTrustScope',
    })
  }
  const said = (values.get('issuer') as string | undefined) ?? null
  const followsUrl = said === null || said === address().url
  const pinned = pinnedIssuer !== null
  const unsaid = pinned && (said === null || said === pinnedIssuer)
  const issuer = unsaid ? present.issuer : followsUrl ? null : said
  const signingCertPublicAccess = values.get('signingCertPublicAccess') === true
  const made = decideSettingsChange(present, { issuer, signingCertPublicAccess }, pinned)
  if (!made.ok) return made
  await carryOut(exchange, made.value.change)
  const after = await wholeSettings(exchange, made.value.settings)
  return ok(resourceAnswer(200, after, settingsSchema, exchange))
}
