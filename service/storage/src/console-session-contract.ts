import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type CreateTestDatabase, withDatabase } from './contract-database.ts'
import { domainA, domainB } from './contract-records.ts'
import type { Database, Statements } from './database.ts'
import { createChangeSet, openRegistryTransaction } from './stored-registry.ts'
import {
  emptyConsoleAccount,
  findConsoleAccount,
  putConsoleAccount,
} from './tables/console-account.ts'
import {
  type ConsoleChallenge,
  type ConsoleSession,
  consolePairingsMax,
  consoleSessionsMax,
  deleteConsoleSession,
  endConsoleAccess,
  findConsoleChallenge,
  findConsoleSession,
  listConsoleSessions,
  putConsoleChallenge,
  putConsolePairing,
  putConsoleSession,
  renewConsoleSession,
  sweepConsoleChallenges,
  sweepConsolePairings,
  sweepConsoleSessions,
  takeConsoleChallenge,
  takeConsolePairing,
  touchConsoleSession,
} from './tables/console-session.ts'

const session = (digest: string, expiresAtMs = 9_000): ConsoleSession => ({
  digest,
  subjectType: 'App',
  subjectId: 'nightly',
  credential: 'secret',
  method: 'client-secret',
  source: '10.0.0.1',
  signedInAtMs: 1_000,
  provedAtMs: 1_000,
  seenAtMs: 1_000,
  expiresAtMs,
})

/** One transaction in a domain. */
const inDomain =
  (database: Database, domain = domainA) =>
  <T>(work: (statements: Statements, domain: string) => Promise<T>): Promise<T> =>
    database.transaction((statements) => work(statements, domain))

/** How all that signs somebody in ends. */
const consoleAccessContract = (create: CreateTestDatabase): void => {
  it('renews a session under another digest, and ends all else that signs its owner in', () =>
    withDatabase(create, async (database) => {
      const run = inDomain(database)
      const mine = (digest: string): ConsoleSession => ({
        ...session(digest),
        subjectType: 'User',
        subjectId: 'zoe',
      })
      const find = (digest: string) => findConsoleSession(database.read, domainA, digest)
      await run(async (statements, domain) => {
        await putConsoleSession(statements, domain, mine('one'))
        await putConsoleSession(statements, domain, mine('other'))
        await putConsoleSession(statements, domain, { ...mine('theirs'), subjectId: 'else' })
      })
      const renew = () =>
        run((statements, domain) =>
          renewConsoleSession(statements, domain, 'one', { digest: 'new', provedAtMs: 2_000 }),
        )
      assert.deepEqual([await renew(), await renew()], [true, false])
      assert.equal(await find('one'), null)
      assert.deepEqual(await find('new'), { ...mine('new'), provedAtMs: 2_000 })
      const later = { expiresAtMs: 5_000 }
      await run(async (statements, domain) => {
        for (const subjectId of ['zoe', 'else']) {
          const challenge = { digest: subjectId, purpose: 'sign-in', subjectId } as const
          await putConsoleChallenge(statements, domain, { ...challenge, ...later })
          await putConsolePairing(statements, domain, {
            ...{ digest: subjectId, userName: `The ${subjectId}` },
            ...later,
          })
        }
      })
      const user = { id: 'zoe', userName: 'THE ZOE' }
      await run((statements, domain) => endConsoleAccess(statements, domain, user, 'new'))
      assert.equal(await find('other'), null)
      assert.notEqual(await find('new'), null)
      assert.notEqual(await find('theirs'), null)
      const wanted = { purpose: 'sign-in', nowMs: 1_000 } as const
      const left = (digest: string) =>
        findConsoleChallenge(database.read, domainA, { digest, ...wanted })
      assert.deepEqual([await left('zoe'), await left('else')], [null, 'else'])
      const take = (digest: string) =>
        run((statements, domain) => takeConsolePairing(statements, domain, digest, 1_000))
      assert.deepEqual([await take('zoe'), await take('else')], [null, 'The else'])
    }))
}

/** How somebody stays signed in, and signs in without a code. */
const consoleAccountContract = (create: CreateTestDatabase): void => {
  it('lists who is signed in, the newest first', () =>
    withDatabase(create, async (database) => {
      const run = inDomain(database)
      await run(async (statements, domain) => {
        await putConsoleSession(statements, domain, session('ended', 2_000))
        await putConsoleSession(statements, domain, session('one'))
        await putConsoleSession(statements, domain, { ...session('two'), signedInAtMs: 1_500 })
      })
      const list = (domain: string) => listConsoleSessions(database.read, domain, 2_000)
      assert.deepEqual(
        (await list(domainA)).map(({ digest }) => digest),
        ['two', 'one'],
      )
      assert.deepEqual(await list(domainB), [])
    }))

  it('lets a challenge be answered once, for its purpose, before it expires', () =>
    withDatabase(create, async (database) => {
      const run = inDomain(database)
      const challenge = { digest: 'c', purpose: 'sign-in', subjectId: 'zoe' } as const
      await run((statements, domain) =>
        putConsoleChallenge(statements, domain, { ...challenge, expiresAtMs: 5_000 }),
      )
      const find = (nowMs: number, purpose: ConsoleChallenge['purpose'] = 'sign-in') =>
        findConsoleChallenge(database.read, domainA, { digest: 'c', purpose, nowMs })
      assert.deepEqual(
        [await find(1_000), await find(5_000), await find(1_000, 'proof')],
        ['zoe', null, null],
      )
      const take = () => run((statements, domain) => takeConsoleChallenge(statements, domain, 'c'))
      assert.deepEqual([await take(), await take()], [true, false])
      assert.equal(await find(1_000), null)
    }))

  it('keeps how a user signs in, until the user goes', () =>
    withDatabase(create, async (database) => {
      const run = inDomain(database)
      const find = (domain: string) => findConsoleAccount(database.read, domain, 'zoe')
      const account = { ...emptyConsoleAccount, password: 'phc', recoveryDigests: ['one'] }
      for (const password of ['old', 'phc']) {
        await run((statements, domain) =>
          putConsoleAccount(statements, domain, 'zoe', { ...account, password }),
        )
      }
      assert.deepEqual(await find(domainA), account)
      assert.deepEqual(await find(domainB), emptyConsoleAccount)
      await run((statements, domain) =>
        openRegistryTransaction(statements, domain, createChangeSet(), database.dialect).deleteUser(
          'zoe',
        ),
      )
      assert.deepEqual(await find(domainA), emptyConsoleAccount)
    }))
}

/** Who is signed in at the console, on every database. */
export const consoleSessionContract = (create: CreateTestDatabase): void => {
  it('finds a session by its digest, in its own domain, until it ends', () =>
    withDatabase(create, async (database) => {
      const run = inDomain(database)
      const find = (domain: string) => findConsoleSession(database.read, domain, 'one')
      await run((statements, domain) => putConsoleSession(statements, domain, session('one')))
      assert.deepEqual(await find(domainA), session('one'))
      assert.equal(await find(domainB), null)
      const end = () => run((statements, domain) => deleteConsoleSession(statements, domain, 'one'))
      assert.deepEqual([await end(), await end()], [true, false])
      assert.equal(await find(domainA), null)
    }))

  it('makes a session last by its use, never shorter by an older one, and never again', () =>
    withDatabase(create, async (database) => {
      const run = inDomain(database)
      const touch = (seenAtMs: number, expiresAtMs: number) =>
        run((statements, domain) =>
          touchConsoleSession(statements, domain, { digest: 'one', seenAtMs, expiresAtMs }),
        )
      await touch(2_000, 10_000)
      assert.equal(await findConsoleSession(database.read, domainA, 'one'), null)
      await run((statements, domain) => putConsoleSession(statements, domain, session('one')))
      await touch(3_000, 11_000)
      await touch(2_000, 10_000)
      const found = await findConsoleSession(database.read, domainA, 'one')
      assert.deepEqual([found?.seenAtMs, found?.expiresAtMs], [3_000, 11_000])
    }))

  consoleAccessContract(create)
  consoleAccountContract(create)

  it('lets a pairing code be taken once, before it expires, in its own domain', () =>
    withDatabase(create, async (database) => {
      const take = (digest: string, nowMs: number, domain = domainA) =>
        inDomain(
          database,
          domain,
        )((statements) => takeConsolePairing(statements, domain, digest, nowMs))
      for (const digest of ['one', 'two']) {
        await inDomain(database)((statements, domain) =>
          putConsolePairing(statements, domain, { digest, userName: 'zoe', expiresAtMs: 5_000 }),
        )
      }
      assert.equal(await take('one', 1_000, domainB), null)
      const both = await Promise.all([take('one', 1_000), take('one', 1_000)])
      assert.deepEqual(both.toSorted(), [null, 'zoe'])
      assert.equal(await take('two', 5_000), null)
    }))

  it('holds so many and no more: what ends first gives way', () =>
    withDatabase(create, async (database) => {
      await inDomain(database)(async (statements, domain) => {
        for (let at = 0; at < consoleSessionsMax + 3; at += 1) {
          await putConsoleSession(statements, domain, session(`s${at}`, 10_000 + at))
        }
        for (let at = 0; at < consolePairingsMax + 3; at += 1) {
          await putConsolePairing(statements, domain, {
            digest: `p${at}`,
            userName: 'zoe',
            expiresAtMs: 10_000 + at,
          })
        }
      })
      const count = async (table: string) =>
        Number((await database.read.all(`SELECT count(*) AS n FROM ${table}`, []))[0]?.['n'])
      assert.equal(await count('console_session'), consoleSessionsMax)
      assert.equal(await count('console_pairing'), consolePairingsMax)
      assert.equal(await findConsoleSession(database.read, domainA, 's2'), null)
      assert.notEqual(await findConsoleSession(database.read, domainA, 's3'), null)
    }))

  it('forgets what has expired', () =>
    withDatabase(create, async (database) => {
      await inDomain(database)(async (statements, domain) => {
        await putConsoleSession(statements, domain, session('old', 1_000))
        await putConsoleSession(statements, domain, session('new', 3_000))
        const old = { digest: 'old', expiresAtMs: 1_000 }
        await putConsolePairing(statements, domain, { ...old, userName: 'zoe' })
        const subject = { purpose: 'proof', subjectId: 'zoe' } as const
        await putConsoleChallenge(statements, domain, { ...old, ...subject })
        assert.equal(await sweepConsoleChallenges(statements, domain, 2_000, 10), 1)
        assert.equal(await sweepConsoleSessions(statements, domain, 2_000, 10), 1)
        assert.equal(await sweepConsolePairings(statements, domain, 2_000, 10), 1)
      })
      assert.notEqual(await findConsoleSession(database.read, domainA, 'new'), null)
    }))
}
