import type { Comparison, Condition, QueryValue } from '@mintmark/registry/query'
import type { SearchedNouns } from '@mintmark/registry/registry'
import { openAccessReader } from './access-reader.ts'
import { loadClient } from './client-snapshot.ts'
import { loadClientText } from './client-views.ts'
import type { Dialect, Statements } from './database.ts'
import { listExpiring } from './expiring-credentials.ts'
import { isRevoked } from './revocations.ts'
import { readRegistry } from './stored-registry.ts'
import { holdersOfRole, holdersOfRolesOf } from './tables/app-grant.ts'
import { applicationsAttachedTo } from './tables/client-certificate.ts'
import { findSecretByDigest } from './tables/client-secret.ts'
import { appendProofPack, readProofPacks, sweepProofPacks } from './tables/proof-pack.ts'
import { listRevocationsAfter } from './tables/revocation.ts'
import { listRevocationEntries } from './tables/revocation-entry.ts'
import { listSecretUses, putSecretUse } from './tables/secret-use.ts'
import { claimDigest, hasDigest } from './tables/used-proof.ts'

type Ask = (statements: Statements) => Promise<unknown>

/** Statements that must stay fast in a domain of a hundred thousand applications. */
export const plannedQuestions: Readonly<Record<string, Ask>> = {
  loadClient: (statements) => loadClient(statements, 'd', 'c'),
  loadClientText: (statements) => loadClientText(statements, 'd', 'c'),
  isRevoked: (statements) =>
    isRevoked(statements, 'd', {
      jti: 'j',
      applicationId: 'a',
      clientId: 'c',
      audience: ['u', 'v'],
      credential: '0',
      issuedAtMs: 1,
    }),
  findSecretByDigest: (statements) => findSecretByDigest(statements, 'd', 'x'),
  holdersOfRole: (statements) => holdersOfRole(statements, 'd', 'r'),
  holdersOfRolesOf: (statements) => holdersOfRolesOf(statements, 'd', 'a'),
  applicationsAttachedTo: (statements) => applicationsAttachedTo(statements, 'd', 'c'),
  certificatesOf: (statements) => readRegistry(statements, 'd').certificatesOf('a'),
  grantsHeld: (statements) =>
    readRegistry(statements, 'd').listGrants({ granteeId: 'g' }, { startIndex: 1, count: 10 }),
  grantsOfRole: (statements) =>
    readRegistry(statements, 'd').listGrants({ roleId: 'r' }, { startIndex: 1, count: 10 }),
  applicationsByAudience: (statements) =>
    readRegistry(statements, 'd').listApplications({ audience: 'a' }, { startIndex: 1, count: 10 }),
  rolesByApplication: (statements) =>
    readRegistry(statements, 'd').listRoles({ applicationId: 'a' }, { startIndex: 1, count: 10 }),
  findSecret: (statements) => readRegistry(statements, 'd').findSecret('a'),
  listSecretUses: (statements) => listSecretUses(statements, 'd', 'a'),
  putSecretUse: (statements) => putSecretUse(statements, 'd', 's', 1),
  listSecrets: (statements) => readRegistry(statements, 'd').listSecrets('a'),
  findApplication: (statements) => readRegistry(statements, 'd').findApplication('a'),
  claimDigest: (statements) => claimDigest(statements, 'd', new Uint8Array(16), 1),
  hasDigest: (statements) => hasDigest(statements, 'd', new Uint8Array(16)),
  appendProofPack: (statements) =>
    appendProofPack(statements, 'd', 1, [{ digest: new Uint8Array(16), expiresAtSeconds: 1 }]),
  readProofPacks: (statements) => readProofPacks(statements, 'd', 1, () => {}),
  sweepProofPacks: (statements) => sweepProofPacks(statements, 'd', 1, 1),
  listRevocationEntries: (statements) => listRevocationEntries(statements, 'd', 1, 10),
  listRevocationsAfter: (statements) =>
    listRevocationsAfter(statements, 'd', { kind: 'token', subject: 'j' }, 10),
}

type AskIn = (statements: Statements, dialect: Dialect) => Promise<unknown>

const searching =
  (noun: keyof SearchedNouns, where: Condition): AskIn =>
  (statements, dialect) =>
    readRegistry(statements, 'd', dialect).search(noun, {
      where,
      sort: null,
      startIndex: 1,
      count: 10,
    })

const asked = (
  noun: keyof SearchedNouns,
  field: string,
  value: QueryValue = 'x',
  operator: Comparison = 'eq',
): [string, AskIn] => [
  `${noun}: ${field} ${operator}`,
  searching(noun, { kind: 'compare', field, operator, value }),
]

const fqs = { kind: 'compare', field: 'fqs', operator: 'eq', value: 'x' } as const
const readOnlyScope: Condition = {
  kind: 'some',
  field: 'scopes',
  condition: { kind: 'and', conditions: [fqs, { kind: 'present', field: 'displayName' }] },
}

/** A word inside a name or a client id, as lists of people ask: no index narrows it. */
export const searchForWord: AskIn = searching('application', {
  kind: 'or',
  conditions: ['displayName', 'name'].map(
    (field) => ({ kind: 'compare', field, operator: 'co', value: 'x' }) as const,
  ),
})

/** Searches that an index must answer. */
export const plannedSearches: Readonly<Record<string, AskIn>> = {
  'credentials: that end in a span of time': (statements, dialect) =>
    listExpiring(statements, dialect, 'd', { fromMs: 1, untilMs: 2 }),
  ...Object.fromEntries([
    asked('application', 'id'),
    asked('application', 'name'),
    asked('application', 'name', 'x', 'sw'),
    asked('application', 'displayName'),
    asked('application', 'displayName', 'x', 'sw'),
    asked('application', 'audience'),
    asked('application', 'active', false),
    asked('application', 'isOAuthResource', true),
    asked('application', 'isOAuthClient', false),
    asked('application', 'meta.lastModified', '2030', 'gt'),
    asked('application', 'allowedScopes.fqs'),
    asked('application', 'scopes.fqs', 'x', 'sw'),
    asked('application', 'secondaryAudiences'),
    asked('application', 'certificates.certAlias'),
    asked('application', 'grantedAppRoles.value'),
    asked('role', 'id'),
    asked('role', 'displayName'),
    asked('role', 'app.value'),
    asked('role', 'app.name'),
    asked('role', 'members.value'),
    asked('grant', 'id'),
    asked('grant', 'app.value'),
    asked('grant', 'grantee.value'),
    asked('grant', 'entitlement.attributeValue'),
    asked('certificate', 'certificateAlias'),
    asked('certificate', 'sha256Thumbprint'),
    asked('partnerCertificate', 'certificateAlias'),
    asked('user', 'userName'),
    asked('user', 'displayName', 'x', 'sw'),
    asked('user', 'externalId'),
    asked('user', 'groups.value'),
    asked('group', 'displayName'),
    asked('group', 'members.value'),
    asked('customClaim', 'name'),
  ]),
  'application: meta.lastModified gt, sorted by it': (statements, dialect) =>
    readRegistry(statements, 'd', dialect).search('application', {
      where: { kind: 'compare', field: 'meta.lastModified', operator: 'gt', value: '2030' },
      sort: { field: 'meta.lastModified', descending: false },
      startIndex: 1,
      count: 10,
    }),
  accessHolders: (statements, dialect) => {
    const wish = { kind: 'any-of', scopes: ['s'], roleIds: ['r'] } as const
    return openAccessReader(statements, 'd', dialect).holders(wish, 'a', 10)
  },
  accessClients: (statements, dialect) =>
    openAccessReader(statements, 'd', dialect).holders({ kind: 'clients' }, 'a', 10),
  belongingsOf: (statements, dialect) => readRegistry(statements, 'd', dialect).belongingsOf(['a']),
  scopeDefiners: (statements, dialect) =>
    readRegistry(statements, 'd', dialect).scopeDefiners(['a']),
  'application: scopes[fqs eq and displayName pr]': searching('application', readOnlyScope),
}
