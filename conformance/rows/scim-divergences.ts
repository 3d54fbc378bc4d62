import type { AttributeFact } from './scim-attributes.ts'

/** Attributes that behave otherwise here than the facts say, and why. */
export interface Divergence {
  /** `Resource.path`; `*.path` for every resource. */
  readonly attributes: readonly string[]
  /** What is so here in place of what the facts say; the tests hold it. */
  readonly here: Partial<AttributeFact>
  readonly reason: string
}

const row = (attributes: string, here: Partial<AttributeFact>, reason: string): Divergence => ({
  attributes: attributes.trim().split(/\s+/),
  here,
  reason,
})

const idcs = 'urn:ietf:params:scim:schemas:oracle:idcs:extension:'
const extensions = (resource: string, names: string): string =>
  names
    .trim()
    .split(/\s+/)
    .map((name) => `${resource}.${idcs}${name}:${resource}`)
    .join(' ')

const each = (resources: string, names: string): string =>
  resources
    .split(' ')
    .flatMap((resource) => names.split(' ').map((name) => `${resource}.${name}`))
    .join(' ')

const immutables = 'AppRole Grant OAuthClientCertificate OAuthPartnerCertificate'
const certificates = 'OAuthClientCertificate OAuthPartnerCertificate'

export const divergences: readonly Divergence[] = [
  row(
    '*.ocid',
    { mutability: 'readOnly', isSearchable: false },
    'The server makes it from the id, and finds by it wherever an id stands in a path.',
  ),
  row('*.schemas', { isApart: true }, 'What it holds follows from the resource; see its own test.'),
  row(
    'App.isOAuthClient App.isOAuthResource',
    { isApart: true },
    'Each takes other attributes along with it; see their own test.',
  ),
  row(
    'App.meta AppRole.meta User.meta Group.meta Setting.meta App.idcsLastModifiedBy ' +
      'User.idcsLastModifiedBy Group.idcsLastModifiedBy',
    { isPassedOver: true },
    'Out of date as soon as somebody else changes something; If-Match is what guards a change.',
  ),
  row(
    'AppRole.idcsLastModifiedBy Setting.idcsLastModifiedBy',
    { isValueless: true, isPassedOver: true },
    'Who changed it last stands in the audit.',
  ),
  row(
    `${each('Grant OAuthClientCertificate OAuthPartnerCertificate', 'idcsLastModifiedBy')} ` +
      each(`${immutables} Setting`, 'idcsCreatedBy'),
    { isValueless: true },
    'Who made and who changed it stands in the audit.',
  ),
  row(
    '*.idcsLastUpgradedInRelease App.callbackServiceUrl App.readyToUpgrade ' +
      'App.isDatabaseService App.cloudControlProperties App.editableAttributes ' +
      'AppRole.localizedDisplayName Setting.diagnosticTracingUpto Setting.migrationStatus ' +
      'Setting.onPremisesProvisioning Setting.cloudAccountName Setting.defaultCompanyNames ' +
      'Setting.defaultLoginTexts Setting.defaultImages',
    { isValueless: true },
    "It is about the running of Oracle's cloud, and has no value here.",
  ),
  row(
    'App.accounts App.grants App.adminRoles App.userRoles AppRole.members',
    { isValueless: true },
    'Found at /Grants and /AppRoles by filter, in pages.',
  ),
  row(
    'App.clientSecret App.hashedClientSecret',
    { isValueless: true },
    'A secret is shown in the answer that made it and by no GET, and a digest never.',
  ),
  row(
    'App.clientType App.audience',
    { isRequired: true },
    'A client has a type and an API an audience.',
  ),
  row(
    'App.active User.active',
    { isStaying: true },
    'To say nothing of it neither starts nor stops anything.',
  ),
  row(
    `${each(`${immutables} Setting`, 'tags')} AppRole.legacyGroupName ` +
      'Grant.grantedAttributeValuesJson Grant.appEntitlementCollection ' +
      each(certificates, 'externalId keyStoreName map keyStorePassword keyStoreId'),
    { isRefused: true },
    'It is not kept here, and refused rather than lost.',
  ),
  row(
    each(certificates, 'sha1Thumbprint sha256Thumbprint certStartDate certEndDate'),
    { mutability: 'readOnly' },
    'It is read from the certificate, whatever is said of it.',
  ),
  row(
    'OAuthPartnerCertificate.x509Base64Certificate',
    { isRequired: true },
    'Key stores are not kept, so without the certificate there is nothing.',
  ),
  row(
    'User.password',
    { isRefused: true },
    'Nobody signs in here with a password yet: refused rather than lost.',
  ),
  row(
    extensions(
      'User',
      'passwordState userState kerberosUser mfa adaptive sff securityQuestions ' +
        'selfRegistration socialAccount dbUser termsOfUse passwordless userCredentials ' +
        'capabilities dbCredentials selfChange',
    ),
    { isRefused: true },
    'It is about signing people in, which this server does not do.',
  ),
  row(
    extensions('Group', 'posix dbcs dynamic'),
    { isRefused: true },
    'Members are named one by one; groups of other systems are not served.',
  ),
  row(
    'App.scopes.readOnly App.allowedTags.readOnly App.allowedScopes.readOnly ' +
      'App.protectableSecondaryAudiences.readOnly',
    { isValueless: true },
    'Nothing in an application is shut to who may change the application.',
  ),
  row(
    'App.basedOnTemplate.lastModified App.trustPolicies.$ref App.appsNetworkPerimeters.$ref ' +
      'AppRole.app.serviceInstanceIdentifier',
    { isValueless: true },
    'Templates, policies and services of the cloud are names here: nothing is known of them.',
  ),
  row(
    'Grant.app.display Grant.grantee.display Grant.grantor.display',
    { isValueless: true },
    'Names change and grants do not: they are read where the id leads.',
  ),
  row('Grant.grantee.type', { isRequired: false }, 'Left out it is User, which is its default.'),
  row(
    '*.idcsCreatedBy.ocid *.idcsLastModifiedBy.ocid App.allowedScopes.idOfDefiningApp ' +
      'App.basedOnTemplate.wellKnownId App.trustPolicies.value App.appsNetworkPerimeters.value ' +
      'User.tags.key User.tags.value Group.tags.key Group.tags.value ' +
      'Setting.meta.created Setting.meta.lastModified',
    { isSearchable: false },
    'No list is searched by it: the refusal names what it is searched by.',
  ),
  row(
    each(
      'App',
      'grantedAppRoles grantedAppRoles.value grantedAppRoles.$ref grantedAppRoles.type ' +
        'grantedAppRoles.display grantedAppRoles.appId grantedAppRoles.appName ' +
        'grantedAppRoles.adminRole grantedAppRoles.legacyGroupName grantedAppRoles.readOnly',
    ),
    { isApart: true },
    'The specimen holds no roles; the tests of roles and grants show them.',
  ),
  row(
    'Setting.id Setting.deleteInProgress',
    { isSearchable: false },
    'There is one Setting, so there is nothing to search by.',
  ),
  row(
    'Setting.csrAccess',
    { isRequired: false, isStaying: true },
    'It has one value here, none, so nobody has to say it.',
  ),
  row(
    each(
      'Setting',
      'externalId preferredLanguage timezone locale subMappingAttr termsOfUseUrl ' +
        'privacyPolicyUrl customHtmlLocation customCssLocation customTranslation ' +
        'cloudMigrationCustomUrl contactEmails allowedDomains ' +
        'allowedForgotPasswordFlowReturnUrls allowedNotificationRedirectUrls customBranding ' +
        'diagnosticRecordForSearchIdentifiesReturnedResources ' +
        'reAuthWhenChangingMyAuthenticationFactors enableTermsOfUse isHostedPage ' +
        'cloudMigrationUrlEnabled serviceAdminCannotListOtherUsers reAuthFactor ' +
        'defaultTrustScope prevIssuer diagnosticLevel auditEventRetentionPeriod ' +
        'maxNoOfAppRoleMembersToReturn maxNoOfAppCMVAToReturn iamUpstSessionExpiry ' +
        'cloudGateCorsSettings certificateValidation purgeConfigs companyNames loginTexts images',
    ),
    { isRefused: true },
    "It is about signing people in or about Oracle's cloud: refused rather than lost.",
  ),
  row('Setting.tenantCustomClaims', { isRefused: true }, 'Claims are made at /CustomClaims.'),
  row(
    'Setting.accountAlwaysTrustScope',
    { isRefused: true },
    'Trust is said of each application; false, which it always is, can be sent.',
  ),
]
