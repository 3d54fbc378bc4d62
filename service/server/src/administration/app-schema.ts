import {
  grantTypesKnown,
  operationsKnown,
} from '@mintmark/decisions/administration/decide-client-facet'
import { clientAuthenticationMethods } from '@mintmark/registry/application'
import { allowanceAttributes } from './allowance-attributes.ts'
import {
  type Attribute,
  attribute,
  attributes,
  commonAttributes,
  type ResourceSchema,
} from './attribute.ts'

export const appExtensionUrn = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:App'

const readOnly = { mutability: 'readOnly' } as const
const asked = { returned: 'request' } as const
const exact = { caseExact: true } as const
const unique = { uniqueness: 'server' } as const
const keyValue = [
  attribute('key', 'string', { required: true, charsMax: 250 }),
  attribute('value', 'string', { required: true, charsMax: 250 }),
  attribute('readOnly', 'boolean', readOnly),
]

/** What the registry's record holds: the attributes that mean something to this server. */
const meaningful: readonly Attribute[] = [
  attribute('name', 'string', { ...unique, mutability: 'immutable', charsMax: 100 }),
  attribute('displayName', 'string', { ...unique, required: true, returned: 'always' }),
  attribute('description', 'string'),
  attribute('active', 'boolean'),
  attribute('isOAuthClient', 'boolean'),
  attribute('clientType', 'string', { values: ['confidential', 'trusted', 'public'] }),
  attribute('allowedGrants', 'list', { ...exact, values: grantTypesKnown }),
  attribute('allowedOperations', 'list', { ...exact, values: operationsKnown }),
  attribute('trustScope', 'string', {
    ...exact,
    values: ['Explicit', 'Account', 'Tags', 'Default'],
  }),
  attribute('allowedScopes', 'objects', {
    compositeKey: ['fqs'],
    sub: [
      attribute('fqs', 'string', { ...exact, required: true }),
      attribute('idOfDefiningApp', 'string', { ...exact, ...readOnly }),
      attribute('readOnly', 'boolean', readOnly),
    ],
  }),
  attribute('allowedTags', 'objects', { sub: keyValue }),
  attribute('tags', 'objects', { ...asked, sub: keyValue }),
  attribute('certificates', 'objects', {
    compositeKey: ['certAlias'],
    shorthand: 'certAlias',
    sub: [
      attribute('certAlias', 'string', { required: true, returned: 'always', charsMax: 250 }),
      ...attributes('kid x5t sha1Thumbprint x509Base64Certificate', 'string', readOnly),
    ],
  }),
  attribute('isOAuthResource', 'boolean'),
  attribute('audience', 'string'),
  attribute('scopes', 'objects', {
    compositeKey: ['value'],
    sub: [
      attribute('value', 'string', { ...exact, required: true }),
      attribute('displayName', 'string', { charsMax: 250 }),
      attribute('description', 'string', { charsMax: 1000 }),
      attribute('requiresConsent', 'boolean'),
      attribute('fqs', 'string', { ...exact, ...unique, ...readOnly }),
      attribute('readOnly', 'boolean', readOnly),
    ],
  }),
  attribute('secondaryAudiences', 'list', { mirrors: 'protectableSecondaryAudiences' }),
  attribute('protectableSecondaryAudiences', 'objects', {
    compositeKey: ['value'],
    shorthand: 'value',
    sub: [
      attribute('value', 'string', { required: true }),
      attribute('readOnly', 'boolean', readOnly),
    ],
  }),
  attribute('accessTokenExpiry', 'integer'),
  attribute('clientSecret', 'string', readOnly),
  attribute('grantedAppRoles', 'objects', {
    ...readOnly,
    sub: [
      attribute('value', 'string', { ...exact, ...readOnly, required: true }),
      ...attributes('$ref type display appId appName', 'string', readOnly),
      attribute('adminRole', 'boolean', readOnly),
    ],
  }),
]

/** The other attributes of an App: kept and given back, and read by no decision. */
export const keptAttributes: readonly Attribute[] = [
  ...attributes(
    'idTokenEncAlgo landingPageUrl productLogoUrl privacyPolicyUrl termsOfServiceUrl ' +
      'contactEmailAddress productName homePageUrl logoutUri loginPageUrl linkingCallbackUrl ' +
      'logoutPageUrl errorPageUrl icon serviceTypeURN serviceTypeVersion',
    'string',
  ),
  ...attributes('appIcon appThumbnail', 'string', { ...asked, charsMax: 20_000 }),
  attribute('loginMechanism', 'string', {
    ...exact,
    values: ['OIDC', 'SAML', 'FORMFILL', 'RADIUS'],
  }),
  attribute('clientIPChecking', 'string', { ...exact, values: ['anywhere', 'whitelisted'] }),
  ...attributes(
    'isLoginTarget showInMyApps isFormFill isRadiusApp allUrlSchemesAllowed allowAccessControl ' +
      'allowOffline isMobileTarget isSamlServiceProvider isWebTierPolicy isKerberosRealm ' +
      'isObligationCapable isEnterpriseApp bypassConsent',
    'boolean',
  ),
  attribute('disableKmsiTokenAuthentication', 'boolean', { returned: 'always' }),
  ...attributes('isUnmanagedApp isMulticloudServiceApp', 'boolean', { mutability: 'immutable' }),
  attribute('isAliasApp', 'boolean', { mutability: 'immutable', returned: 'always' }),
  attribute('refreshTokenExpiry', 'integer'),
  attribute('delegatedServiceNames', 'list', exact),
  ...attributes('redirectUris postLogoutRedirectUris', 'list'),
  ...attributes(
    'radiusPolicy termsOfUse idpPolicy appSignonPolicy signonPolicy samlServiceProvider ' +
      'asOPCService',
    'object',
  ),
  attribute('appsNetworkPerimeters', 'objects', {
    compositeKey: ['value'],
    sub: [
      attribute('value', 'string', { ...exact, required: true, returned: 'always' }),
      attribute('$ref', 'string', readOnly),
    ],
  }),
  attribute('trustPolicies', 'objects', {
    compositeKey: ['value'],
    sub: [
      attribute('value', 'string', { ...exact, required: true }),
      attribute('$ref', 'string', readOnly),
    ],
  }),
  attribute('aliasApps', 'objects'),
  attribute('identityProviders', 'objects', asked),
  attribute('attrRenderingMetadata', 'objects', {
    mutability: 'immutable',
    compositeKey: ['name'],
    sub: [
      attribute('name', 'string', { ...exact, required: true }),
      ...attributes('label helptext widget datatype section regexp', 'string'),
      ...attributes('order minLength maxLength minSize maxSize', 'integer'),
      ...attributes('required readOnly visible', 'boolean'),
    ],
  }),
  attribute('serviceParams', 'objects', {
    compositeKey: ['name'],
    returned: 'always',
    sub: [attribute('name', 'string', { required: true }), attribute('value', 'string')],
  }),
  attribute('basedOnTemplate', 'object', {
    mutability: 'immutable',
    required: true,
    returned: 'always',
    sub: [
      attribute('value', 'string', { ...exact, required: true, returned: 'always', charsMax: 100 }),
      attribute('wellKnownId', 'string'),
      attribute('$ref', 'string', readOnly),
      attribute('lastModified', 'string', { ...readOnly, format: 'dateTime' }),
    ],
  }),
]

/** Set by the server alone. */
const computed: readonly Attribute[] = [
  attribute('meterAsOPCService', 'boolean', { ...readOnly, returned: 'always' }),
  attribute('hashedClientSecret', 'string', { ...readOnly, ...asked }),
  ...attributes(
    'migrated infrastructure isOPCService isManagedApp readyToUpgrade isDatabaseService',
    'boolean',
    readOnly,
  ),
  attribute('callbackServiceUrl', 'string', readOnly),
  ...attributes(
    'cloudControlProperties editableAttributes accounts grants adminRoles userRoles',
    'objects',
    { ...readOnly, ...asked },
  ),
]

/** Our own: what the token endpoint reads and the identity domain has no attribute for. */
const extension: readonly Attribute[] = [
  attribute('tokenProfile', 'string', { ...exact, values: ['identity-domain', 'rfc9068'] }),
  attribute('signingAlgorithm', 'string', { ...exact, values: ['RS256', 'ES256'] }),
  attribute('resourceCertificateBoundTokens', 'boolean'),
  attribute('resourceDpopBoundTokens', 'boolean'),
  attribute('authenticationMethods', 'list', { ...exact, values: clientAuthenticationMethods }),
  attribute('assertionPolicy', 'string', { ...exact, values: ['identity-domain', 'issuer-only'] }),
  attribute('assertionAlgorithm', 'string', {
    ...exact,
    values: [
      ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'],
      ...['EdDSA', 'Ed25519', 'HS256', 'HS384', 'HS512'],
    ],
  }),
  attribute('jwks', 'object'),
  attribute('jwksUri', 'string', { ...exact, format: 'reference' }),
  attribute('certificateSubject', 'object', {
    sub: [
      attribute('kind', 'string', {
        ...exact,
        required: true,
        values: ['subject_dn', 'san_dns', 'san_uri', 'san_ip', 'san_email'],
      }),
      attribute('value', 'string', { ...exact, required: true }),
    ],
  }),
  attribute('certificateAnchors', 'list', { charsMax: 16_384 }),
  attribute('certificateBoundTokens', 'boolean'),
  attribute('dpopBoundTokens', 'boolean'),
  attribute('rawBasicAccepted', 'boolean'),
  attribute('defaultResourceServer', 'string', exact),
  ...allowanceAttributes,
  /** On creation only: `name` is a client id of another server. Never given back. */
  attribute('importedName', 'boolean'),
  /** On creation only: a secret of one's own, or null for none yet. Never given back. */
  attribute('secret', 'string', { charsMax: 500 }),
  attribute('secrets', 'objects', {
    ...readOnly,
    sub: [
      ...attributes('id label origin ending', 'string', { ...exact, ...readOnly }),
      // lastUsed: the first use in the last hour with any
      ...attributes('created lastUsed expires ends', 'string', {
        ...exact,
        ...readOnly,
        format: 'dateTime',
      }),
    ],
  }),
]

const idcs = 'urn:ietf:params:scim:schemas:oracle:idcs:extension:'

export const appSchema: ResourceSchema = {
  urn: 'urn:ietf:params:scim:schemas:oracle:idcs:App',
  resourceType: 'App',
  endpoint: 'Apps',
  attributes: [...commonAttributes, ...meaningful, ...keptAttributes, ...computed],
  extension: { urn: appExtensionUrn, attributes: extension },
  keptExtensions: [
    `${idcs}radiusApp:App`,
    `${idcs}samlServiceProvider:App`,
    `${idcs}webTierPolicy:App`,
    `${idcs}managedapp:App`,
    `${idcs}formFillAppTemplate:AppTemplate`,
    `${idcs}opcService:App`,
    `${idcs}kerberosRealm:App`,
    `${idcs}requestable:App`,
    `${idcs}formFillApp:App`,
    `${idcs}dbcs:App`,
    `${idcs}enterpriseApp:App`,
    `${idcs}OCITags`,
    `${idcs}multicloudServiceApp:App`,
  ],
}

/** What an application that never said so has, as an identity domain answers it. */
export const appDefaults: Readonly<Record<string, unknown>> = {
  isAliasApp: false,
  isLoginTarget: true,
  showInMyApps: false,
  isMobileTarget: false,
  isUnmanagedApp: false,
  isSamlServiceProvider: false,
  isWebTierPolicy: false,
  loginMechanism: 'OIDC',
  allowAccessControl: false,
  isKerberosRealm: false,
  disableKmsiTokenAuthentication: false,
  serviceParams: [],
}
