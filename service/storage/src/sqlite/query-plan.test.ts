import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Comparison, Condition, QueryValue } from '@mintmark/registry/query'
import type { SearchedNouns } from '@mintmark/registry/registry'
import { loadCatalog } from '../catalog-snapshot.ts'
import { loadClient } from '../client-snapshot.ts'
import type { SqlValue, Statements } from '../database.ts'
import { migrate } from '../migrations/migrate.ts'
import { isRevoked } from '../revocations.ts'
import { readRegistry } from '../stored-registry.ts'
import { holdersOfRole, holdersOfRolesOf } from '../tables/app-grant.ts'
import { applicationsAttachedTo } from '../tables/client-certificate.ts'
import { findSecretByDigest } from '../tables/client-secret.ts'
import { appendProofPack, readProofPacks, sweepProofPacks } from '../tables/proof-pack.ts'
import { listRevocationsAfter } from '../tables/revocation.ts'
import { listRevocationEntries } from '../tables/revocation-entry.ts'
import { claimDigest, hasDigest } from '../tables/used-proof.ts'
import { openSqlite } from './sqlite-database.ts'

/** Statements that must stay fast in a domain of a hundred thousand applications. */
const questions: Readonly<Record<string, (statements: Statements) => Promise<unknown>>> = {
  loadClient: (statements) => loadClient(statements, 'd', 'c'),
  isRevoked: (statements) =>
    isRevoked(statements, 'd', { jti: 'j', applicationId: 'a', issuedAtMs: 1 }),
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

type Ask = (statements: Statements) => Promise<unknown>

const searching =
  (noun: keyof SearchedNouns, where: Condition): Ask =>
  (statements) =>
    readRegistry(statements, 'd').search(noun, { where, sort: null, startIndex: 1, count: 10 })

const asked = (
  noun: keyof SearchedNouns,
  field: string,
  value: QueryValue = 'x',
  operator: Comparison = 'eq',
): [string, Ask] => [
  `${noun}: ${field} ${operator}`,
  searching(noun, { kind: 'compare', field, operator, value }),
]

const fqs = { kind: 'compare', field: 'fqs', operator: 'eq', value: 'x' } as const
const readOnlyScope: Condition = {
  kind: 'some',
  field: 'scopes',
  condition: { kind: 'and', conditions: [fqs, { kind: 'present', field: 'displayName' }] },
}

/** Searches that an index must answer. */
const searches: Readonly<Record<string, Ask>> = {
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
  'application: meta.lastModified gt, sorted by it': (statements) =>
    readRegistry(statements, 'd').search('application', {
      where: { kind: 'compare', field: 'meta.lastModified', operator: 'gt', value: '2030' },
      sort: { field: 'meta.lastModified', descending: false },
      startIndex: 1,
      count: 10,
    }),
  'application: scopes[fqs eq and displayName pr]': searching('application', readOnlyScope),
}

/** Rows of a list in one document are no walk through a table. */
const isOfOneRow = (step: string): boolean =>
  /^SCAN e (EXISTS )?VIRTUAL TABLE/.test(step) ||
  // a range inside each of a few values: skips what lies between
  /^SEARCH item .*ANY\(domain_id\) AND .*[<>]\?/.test(step)

/** Every table is entered by its domain and something more; the parent's one row may be scanned,
 * and `f`, the few that a search has found. */
const isNarrow = (step: string): boolean =>
  /^SEARCH .*domain_id=\? AND /.test(step) ||
  /^SCAN (client|f|CONSTANT ROW)$/.test(step) ||
  !/^(SEARCH|SCAN)/.test(step)

describe('sqlite: query plans', () => {
  const planned = async (ask: (statements: Statements) => Promise<unknown>) => {
    const directory = mkdtempSync(join(tmpdir(), 'mintmark-plan-'))
    const database = openSqlite({ path: join(directory, 'mintmark.db') })
    try {
      await migrate(database)
      const steps: string[] = []
      const explain = async (sql: string, params: readonly SqlValue[]) => {
        const rows = await database.read.all(`EXPLAIN QUERY PLAN ${sql}`, params)
        steps.push(...rows.map((row) => row['detail'] as string))
      }
      await ask({
        all: async (sql, params) => {
          await explain(sql, params)
          return []
        },
        run: async (sql, params) => {
          await explain(sql, params)
          return { changes: 0 }
        },
      })
      return steps
    } finally {
      await database.close()
      rmSync(directory, { recursive: true })
    }
  }

  for (const [name, ask] of Object.entries(questions)) {
    it(`${name} touches only the rows it is about`, async () => {
      const steps = await planned(ask)
      assert.deepEqual(
        steps.filter((step) => !isNarrow(step)),
        [],
      )
    })
  }

  for (const [name, ask] of Object.entries(searches)) {
    it(`search by ${name} enters by an index`, async () => {
      const steps = await planned(ask)
      assert.deepEqual(
        steps.filter((step) => !isNarrow(step) && !isOfOneRow(step)),
        [],
      )
    })
  }

  it('the catalog is found without a look at clients', async () => {
    const steps = await planned((statements) => loadCatalog(statements, 'd').catch(() => {}))
    assert.ok(
      steps.some((step) => step.includes('application_audience')),
      steps.join('\n'),
    )
  })
})
