import { decideSettingsChange } from '@mintmark/decisions/administration/decide-settings-change'
import { refuseChange } from '@mintmark/protocol/administration-refusal'
import { ok } from '@mintmark/protocol/result'
import type { DomainSettings } from '@mintmark/registry/identity-domain'
import {
  type Attribute,
  attribute,
  attributes,
  commonAttributes,
  type ResourceSchema,
} from './attribute.ts'
import type { Exchange } from './exchange.ts'
import type { Json, ReadResource } from './read-resource.ts'
import type { Resource } from './resource.ts'
import { frameAttributes } from './write-resource.ts'

/** The one Setting that a domain has. */
export const settingsId = 'Settings'

const lost = {
  kept: false,
  instead: "It is about signing people in, or about Oracle's cloud: leave it out.",
} as const
const readOnly = { mutability: 'readOnly' } as const

/** Known to an identity domain, and not kept here: said so rather than lost. */
const elsewhere: readonly Attribute[] = [
  ...attributes(
    'externalId preferredLanguage timezone locale subMappingAttr termsOfUseUrl privacyPolicyUrl ' +
      'customHtmlLocation customCssLocation customTranslation cloudMigrationCustomUrl ' +
      'defaultTrustScope prevIssuer',
    'string',
    lost,
  ),
  ...attributes(
    'contactEmails allowedDomains allowedForgotPasswordFlowReturnUrls ' +
      'allowedNotificationRedirectUrls reAuthFactor',
    'list',
    lost,
  ),
  ...attributes(
    'customBranding diagnosticRecordForSearchIdentifiesReturnedResources ' +
      'reAuthWhenChangingMyAuthenticationFactors enableTermsOfUse isHostedPage ' +
      'cloudMigrationUrlEnabled serviceAdminCannotListOtherUsers',
    'boolean',
    lost,
  ),
  ...attributes(
    'diagnosticLevel auditEventRetentionPeriod maxNoOfAppRoleMembersToReturn ' +
      'maxNoOfAppCMVAToReturn iamUpstSessionExpiry',
    'integer',
    lost,
  ),
  ...attributes('cloudGateCorsSettings certificateValidation', 'object', lost),
  ...attributes('purgeConfigs companyNames loginTexts images', 'objects', lost),
  attribute('tenantCustomClaims', 'objects', {
    kept: false,
    instead: "Claims of one's own are made at /CustomClaims: leave it out.",
  }),
  attribute('tags', 'objects', { returned: 'request', kept: false }),
  ...attributes('diagnosticTracingUpto migrationStatus cloudAccountName', 'string', readOnly),
  attribute('onPremisesProvisioning', 'boolean', readOnly),
  ...attributes('defaultCompanyNames defaultLoginTexts defaultImages', 'objects', readOnly),
]

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
    ...elsewhere,
  ],
  extension: null,
  keptExtensions: [],
}

/** The settings under the id that they are found by. */
interface TheSettings {
  readonly id: string
  readonly settings: DomainSettings
}

const theSettings = (settings: DomainSettings): TheSettings => ({ id: settingsId, settings })

const wholeSettings = async ({ context }: Exchange, { settings }: TheSettings): Promise<Json> => {
  const { transaction, address, pinnedIssuer } = context
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

/** There is only one of them, so there is nothing to search by. */
const list: Resource<TheSettings>['list'] = {
  fields: {},
  search: async ({ context }, { startIndex, count }) => {
    const isOnPage = startIndex === 1 && count > 0
    return { total: 1, items: isOnPage ? [theSettings(await context.transaction.settings())] : [] }
  },
}

/** PUT and PATCH: the issuer left out, or equal to the domain URL, follows that URL. */
const replace = async (
  { context }: Exchange,
  { settings: present }: TheSettings,
  { values }: ReadResource,
) => {
  const { pinnedIssuer, address } = context
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
  return made.ok ? ok({ item: theSettings(made.value.settings), change: made.value.change }) : made
}

export const settingsResource: Resource<TheSettings> = {
  schema: settingsSchema,
  list,
  find: async ({ context }, id) =>
    id === settingsId ? theSettings(await context.transaction.settings()) : null,
  write: wholeSettings,
  version: ({ settings }) => settings.version,
  replace,
}
