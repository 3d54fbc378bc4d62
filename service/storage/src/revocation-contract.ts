import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { RevocationQuestion } from '@mintmark/registry/revocation'
import { type CreateTestDatabase, withDatabase } from './contract-database.ts'
import { domainA, domainB } from './contract-records.ts'
import { isRevoked } from './revocations.ts'
import { putRevocations } from './tables/revocation.ts'

const unasked: RevocationQuestion = {
  jti: 'none',
  applicationId: 'none',
  clientId: 'none',
  audience: [],
  credential: '',
  issuedAtMs: 50,
}

/** What ends tokens before their time, on every database. */
export const revocationContract = (create: CreateTestDatabase): void => {
  it('tells a revoked token, and all tokens of a client up to an instant', () =>
    withDatabase(create, async (database) => {
      const row = { domain: domainA, expiresAtMs: 9_000 }
      await database.transaction((statements) =>
        putRevocations(statements, domainA, [
          { ...row, kind: 'token', subject: 't1', issuedBeforeMs: 0 },
          { ...row, kind: 'client', subject: 'c1', issuedBeforeMs: 50 },
          // never shortens what was said before
          { ...row, kind: 'client', subject: 'c1', issuedBeforeMs: 40 },
        ]),
      )
      const ask = (jti: string, applicationId: string, issuedAtMs: number) =>
        isRevoked(database.read, domainA, { ...unasked, jti, applicationId, issuedAtMs })
      const before = database.statementCount()
      assert.equal(await ask('t1', 'c2', 60), true)
      assert.equal(database.statementCount() - before, 1)
      assert.equal(await ask('t2', 'c2', 60), false)
      assert.equal(await ask('t2', 'c1', 50), true)
      assert.equal(await ask('t2', 'c1', 51), false)
      assert.equal(await ask('c1', 't1', 10), false, 'kinds are not mixed up')
      const question = { ...unasked, jti: 't1', applicationId: 'c1', issuedAtMs: 1 }
      assert.equal(await isRevoked(database.read, domainB, question), false)
    }))

  it('tells what a credential obtained, what is for an API, what a client has for it', () =>
    withDatabase(create, async (database) => {
      const row = { domain: domainA, issuedBeforeMs: 50, expiresAtMs: 9_000 }
      await database.transaction((statements) =>
        putRevocations(statements, domainA, [
          { ...row, kind: 'credential', subject: 'aa client one' },
          { ...row, kind: 'audience', subject: 'urn:closed' },
          { ...row, kind: 'grant', subject: 'urn:orders client one' },
        ]),
      )
      const token = { ...unasked, clientId: 'client one', audience: ['urn:orders'] }
      const table: readonly [string, Partial<RevocationQuestion>, boolean][] = [
        ['its credential', { credential: 'aa', audience: [] }, true],
        ['after it', { credential: 'aa', audience: [], issuedAtMs: 51 }, false],
        ['another credential', { credential: 'bb', audience: [] }, false],
        ['that of another client', { credential: 'aa', audience: [], clientId: 'two' }, false],
        ['its API', { audience: ['urn:other', 'urn:closed'], clientId: 'two' }, true],
        ['its API, later', { audience: ['urn:closed'], issuedAtMs: 51 }, false],
        ['its grant', {}, true],
        ['the grant of another', { clientId: 'two' }, false],
        ['its grant elsewhere', { audience: ['urn:other'] }, false],
        ['its grant, later', { issuedAtMs: 51 }, false],
      ]
      for (const [what, wish, expected] of table) {
        const before = database.statementCount()
        assert.equal(await isRevoked(database.read, domainA, { ...token, ...wish }), expected, what)
        assert.equal(database.statementCount() - before, 1)
      }
    }))
}
