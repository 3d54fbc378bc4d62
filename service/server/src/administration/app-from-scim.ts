import {
  type ApplicationWish,
  defaultAlgorithm,
  defaultClientFacet,
  defaultResourceServerFacet,
} from '@mintmark/decisions/administration/application-wish'
import { sameValue } from '@mintmark/decisions/administration/change'
import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import { readRegisteredKeys } from '@mintmark/protocol/rfc7517-registered-key'
import type {
  AssertionPolicy,
  CertificateSubject,
  ClientAuthenticationMethod,
  ClientFacet,
  ClientType,
  PublicJwk,
  ResourceServerFacet,
  SigningAlgorithm,
  TokenProfile,
} from '@mintmark/registry/application'
import type { TrustScope } from '@mintmark/registry/issuance-policy'
import type { Tag } from '@mintmark/registry/tag'
import { allowanceNames, readAllowance } from './allowance-attributes.ts'
import { appDefaults, keptAttributes } from './app-schema.ts'
import type { ReadResource, Values } from './read-resource.ts'

const keptBytesMax = 65_536

/** Values by name, with the types that `app-schema.ts` has checked. */
const reader = (values: Values) => ({
  text: <T extends string = string>(name: string) => (values.get(name) as T | undefined) ?? null,
  flag: (name: string) => values.get(name) === true,
  number: (name: string) => (values.get(name) as number | undefined) ?? null,
  list: <T = string>(name: string) => (values.get(name) as readonly T[] | undefined) ?? [],
})

const tagsOf = (tags: readonly Tag[]): readonly Tag[] =>
  tags.map(({ key, value }) => ({ key, value }))

const clientAttributes = ['allowedGrants', 'allowedOperations', 'allowedScopes', 'allowedTags']
const clientExtension = [
  'authenticationMethods',
  'assertionPolicy',
  'assertionAlgorithm',
  'jwks',
  'jwksUri',
  'certificateSubject',
  'certificateAnchors',
  'defaultResourceServer',
  'secret',
  ...allowanceNames('client'),
]
const resourceAttributes = [
  'audience',
  'scopes',
  'secondaryAudiences',
  'protectableSecondaryAudiences',
  'accessTokenExpiry',
]
const resourceExtension = ['tokenProfile', 'signingAlgorithm', ...allowanceNames('api')]

/** What tools send of every application, client or not: it says no more than what holds anyway. */
const unsaying: Readonly<Record<string, ReadonlySet<unknown>>> = {
  clientType: new Set(['confidential']),
  trustScope: new Set(['Explicit', 'Default']),
}

const saysMore = (values: Values): string | undefined =>
  Object.keys(unsaying).find((name) => values.has(name) && !unsaying[name]?.has(values.get(name)))

/** What is said of a side that the application does not have would be lost: it is refused. */
const refuseWithoutSide = (
  sent: ReadResource,
  side: 'isOAuthClient' | 'isOAuthResource',
): Result<null, AdministrationRefusal> => {
  const isClient = side === 'isOAuthClient'
  const core = isClient ? clientAttributes : resourceAttributes
  const inside = isClient ? clientExtension : resourceExtension
  const stray =
    core.find((name) => sent.values.has(name)) ??
    inside.find((name) => sent.extension?.values.has(name)) ??
    (isClient ? saysMore(sent.values) : undefined)
  if (stray === undefined) return ok(null)
  return refuseChange('VALUE_INVALID', `${stray} means nothing while ${side} is not true.`, {
    fix: `Set "${side}": true.`,
    at: stray,
  })
}

const missing = (name: string, side: string) =>
  refuseChange('ATTRIBUTE_MISSING', `Missing required attribute(s): ${name}.`, {
    why: `${side} is true.`,
    at: name,
  })

const readKeys = (jwks: unknown): Result<readonly PublicJwk[] | null, AdministrationRefusal> =>
  jwks === undefined ? ok(null) : readRegisteredKeys(jwks)

/** The part of a client that our extension says; unsaid as a whole, it stays as it was. */
const readClientExtension = (
  sent: ReadResource,
  before: ClientFacet,
): Result<Partial<ClientFacet>, AdministrationRefusal> => {
  if (sent.extension === null) {
    const { clientType: _, grantTypes: __, operations: ___, policy: ____, ...kept } = before
    return ok(kept)
  }
  const { text, flag, list } = reader(sent.extension.values)
  const jwks = readKeys(sent.extension.values.get('jwks'))
  if (!jwks.ok) return jwks
  const allowance = readAllowance(sent.extension.values, 'client')
  if (!allowance.ok) return allowance
  const subject = sent.extension.values.get('certificateSubject')
  return ok({
    authenticationMethods: list<ClientAuthenticationMethod>('authenticationMethods'),
    defaultResourceServerId: text('defaultResourceServer'),
    assertionPolicy: text<AssertionPolicy>('assertionPolicy'),
    assertionAlgorithm: text('assertionAlgorithm'),
    jwks: jwks.value,
    jwksUri: text('jwksUri'),
    certificateSubject: (subject as CertificateSubject | undefined) ?? null,
    certificateAnchors: list('certificateAnchors'),
    certificateBoundTokens: flag('certificateBoundTokens'),
    dpopBoundTokens: flag('dpopBoundTokens'),
    rawBasicAccepted: flag('rawBasicAccepted'),
    ...(allowance.value !== undefined && { allowance: allowance.value }),
  })
}

const readClient = (
  sent: ReadResource,
  before: ClientFacet | null,
): Result<ClientFacet | null, AdministrationRefusal> => {
  const { text, flag, list } = reader(sent.values)
  if (!flag('isOAuthClient')) {
    const stray = refuseWithoutSide(sent, 'isOAuthClient')
    return stray.ok ? ok(null) : stray
  }
  const clientType = text<ClientType>('clientType')
  if (clientType === null) return missing('clientType', 'isOAuthClient')
  const base = defaultClientFacet(clientType)
  const extension = readClientExtension(sent, before ?? base)
  if (!extension.ok) return extension
  const trust = text('trustScope')
  return ok({
    ...base,
    ...extension.value,
    grantTypes: [...new Set(list('allowedGrants'))],
    operations: [...new Set(list('allowedOperations'))],
    policy: {
      trustScope: (trust === null || trust === 'Default' ? 'Explicit' : trust) as TrustScope,
      allowedScopes: [...new Set(list<{ fqs: string }>('allowedScopes').map(({ fqs }) => fqs))],
      allowedTags: tagsOf(list<Tag>('allowedTags')),
    },
  })
}

/** Two attributes say the same thing; the older one is deprecated. They must not disagree. */
const readSecondaryAudiences = (
  sent: ReadResource,
): Result<readonly string[], AdministrationRefusal> => {
  const { list } = reader(sent.values)
  const plain = list('secondaryAudiences')
  const objects = list<{ value: string }>('protectableSecondaryAudiences').map((each) => each.value)
  if (plain.length === 0 || objects.length === 0) return ok([...plain, ...objects])
  if (sameValue(plain.toSorted(), objects.toSorted())) return ok(objects)
  const at = 'secondaryAudiences'
  return refuseChange(
    'VALUE_INVALID',
    'secondaryAudiences and protectableSecondaryAudiences differ.',
    {
      fix: 'Send only protectableSecondaryAudiences.',
      at,
    },
  )
}

interface SentScope {
  readonly value: string
  readonly displayName?: string
  readonly description?: string
  readonly requiresConsent?: boolean
}

const readResourceServer = (
  sent: ReadResource,
  before: ResourceServerFacet | null,
): Result<ResourceServerFacet | null, AdministrationRefusal> => {
  const { text, flag, number, list } = reader(sent.values)
  if (!flag('isOAuthResource')) {
    const stray = refuseWithoutSide(sent, 'isOAuthResource')
    return stray.ok ? ok(null) : stray
  }
  const audience = text('audience')
  if (audience === null) return missing('audience', 'isOAuthResource')
  const secondary = readSecondaryAudiences(sent)
  if (!secondary.ok) return secondary
  const said = sent.extension !== null
  const inside = reader(sent.extension?.values ?? new Map())
  const profile = said ? inside.text<TokenProfile>('tokenProfile') : (before?.profile ?? null)
  const base = defaultResourceServerFacet(audience, profile ?? 'identity-domain')
  const algorithm = said ? inside.text<SigningAlgorithm>('signingAlgorithm') : before?.algorithm
  const allowance = said ? readAllowance(sent.extension.values, 'api') : ok(before?.allowance)
  if (!allowance.ok) return allowance
  return ok({
    ...base,
    secondaryAudiences: secondary.value,
    scopes: list<SentScope>('scopes').map((scope) => ({
      value: scope.value,
      displayName: scope.displayName ?? null,
      description: scope.description ?? null,
      requiresConsent: scope.requiresConsent ?? false,
    })),
    tokenLifetimeSeconds: number('accessTokenExpiry'),
    algorithm: algorithm ?? defaultAlgorithm(base.profile),
    certificateBoundTokens: said
      ? inside.flag('resourceCertificateBoundTokens')
      : (before?.certificateBoundTokens ?? false),
    dpopBoundTokens: said
      ? inside.flag('resourceDpopBoundTokens')
      : (before?.dpopBoundTokens ?? false),
    ...(allowance.value !== undefined && { allowance: allowance.value }),
  })
}

/** The attributes that no decision reads, bounded as a whole. */
const readKept = (
  sent: ReadResource,
): Result<Readonly<Record<string, unknown>>, AdministrationRefusal> => {
  // What everybody has by default is not kept, so that what was read can be sent back unchanged.
  const kept: [string, unknown][] = keptAttributes
    .filter(({ name }) => sent.values.has(name))
    .filter(({ name }) => !sameValue(sent.values.get(name), appDefaults[name]))
    .map(({ name }) => [name, sent.values.get(name)])
  const all = Object.fromEntries([...kept, ...sent.keptExtensions])
  if (Buffer.byteLength(JSON.stringify(all)) <= keptBytesMax) return ok(all)
  return refuseChange('VALUE_TOO_LONG', `All attributes together are over ${keptBytesMax} bytes.`)
}

/** What was before, where a replacement leaves whole parts unsaid. */
export interface BeforeReplacement {
  readonly client: ClientFacet | null
  readonly resourceServer: ResourceServerFacet | null
  readonly attributes: Readonly<Record<string, unknown>>
}

/**
 * What an App says as a wish.
 * @param before null on creation. A replacement that leaves out our extension keeps what it said,
 * so that clients which know nothing of it destroy nothing
 */
export const readAppWish = (
  sent: ReadResource,
  before: BeforeReplacement | null,
): Result<ApplicationWish, AdministrationRefusal> => {
  const client = readClient(sent, before?.client ?? null)
  if (!client.ok) return client
  const resourceServer = readResourceServer(sent, before?.resourceServer ?? null)
  if (!resourceServer.ok) return resourceServer
  const kept = readKept(sent)
  if (!kept.ok) return kept
  const immutable = keptAttributes.filter(
    ({ name, mutability }) => mutability === 'immutable' && before?.attributes[name] !== undefined,
  )
  const unchanged = immutable.map(({ name }) => [name, before?.attributes[name]])
  const { text, list } = reader(sent.values)
  const active = sent.values.get('active')
  return ok({
    clientId: text('name'),
    clientIdImported: sent.extension?.values.get('importedName') === true,
    displayName: text('displayName') ?? '',
    description: text('description'),
    active: typeof active === 'boolean' ? active : null,
    tags: tagsOf(list<Tag>('tags')),
    client: client.value,
    resourceServer: resourceServer.value,
    certificateAliases: list<{ certAlias: string }>('certificates').map((each) => each.certAlias),
    attributes: { ...kept.value, ...Object.fromEntries(unchanged) },
  })
}
