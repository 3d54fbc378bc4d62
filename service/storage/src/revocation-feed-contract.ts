import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Revocation } from '@mintmark/registry/revocation'
import { type CreateTestDatabase, withDatabase } from './contract-database.ts'
import { domainA, domainB } from './contract-records.ts'
import type { Database } from './database.ts'
import { openRevocationFeed, type RevocationPage } from './revocation-feed.ts'
import { putRevocations } from './tables/revocation.ts'
import { beginFeed, sweepRevocationEntries } from './tables/revocation-entry.ts'

const ended = (subject: string, domain = domainA): Revocation => ({
  domain,
  kind: 'token',
  subject,
  issuedBeforeMs: 1,
  expiresAtMs: 9_000,
})

const begin = async (database: Database): Promise<void> => {
  await database.transaction((statements) => beginFeed(statements, domainA))
  await database.transaction((statements) => beginFeed(statements, domainB))
}

const store = (database: Database, revocations: readonly Revocation[], domain = domainA) =>
  database.transaction((statements) => putRevocations(statements, domain, revocations))

const subjects = (entries: readonly { readonly subject: string }[] | undefined) =>
  entries?.map(({ subject }) => subject)

/** What whoever follows revocations is told, on every database. */
export const revocationFeedContract = (create: CreateTestDatabase): void => {
  it('numbers revocations in the order of their commits, without gaps, a domain for itself', () =>
    withDatabase(create, async (database) => {
      await begin(database)
      const feed = openRevocationFeed(database.read, domainA)
      const start = await feed.end()
      await store(database, [ended('t1'), ended('t2')])
      await store(database, [ended('else', domainB)], domainB)
      const client = { ...ended('app'), kind: 'client', clientId: 'nightly' } as const
      await Promise.all([store(database, [client]), store(database, [ended('t1')])])
      await assert.rejects(
        database.transaction(async (statements) => {
          await putRevocations(statements, domainA, [ended('never')])
          throw new Error('no')
        }),
      )
      const all = await feed.after(start, 10)
      assert.deepEqual(subjects(all?.entries), ['t1', 't2', 'nightly', 't1'])
      assert.deepEqual(
        all?.entries.map(({ number }) => number),
        [1, 2, 3, 4],
      )
      assert.deepEqual(all?.place, await feed.end())
      const some = await feed.after(start, 3)
      assert.deepEqual([some?.entries.length, some?.more, some?.place.number], [3, true, 3])
      const rest = await feed.after(some?.place ?? start, 3)
      assert.deepEqual([rest?.entries.length, rest?.more], [1, false])
      assert.deepEqual((await feed.after(await feed.end(), 3))?.entries, [])
    }))

  it('knows no place of another history, from the future, or older than what is kept', () =>
    withDatabase(create, async (database) => {
      await begin(database)
      const feed = openRevocationFeed(database.read, domainA)
      const start = await feed.end()
      await store(
        database,
        ['t1', 't2', 't3', 't4'].map((each) => ended(each)),
      )
      const end = await feed.end()
      const places = [
        { ...end, epoch: 'another' },
        { ...end, number: 5 },
        { ...end, number: 3 },
        { ...end, mark: start.mark },
        { ...start, mark: 'other' },
        await openRevocationFeed(database.read, domainB).end(),
      ]
      for (const place of places) assert.equal(await feed.after(place, 10), null)
      const second = (await feed.after(start, 2))?.place ?? start
      const sweep = () =>
        database.transaction((statements) => sweepRevocationEntries(statements, domainA, 3, 10))
      assert.deepEqual([await sweep(), await sweep()], [1, 0])
      assert.equal(await feed.after(start, 10), null)
      assert.deepEqual(subjects((await feed.after(second, 10))?.entries), ['t3', 't4'])
    }))

  it('tells everything in parts, none older than the place it names', () =>
    withDatabase(create, async (database) => {
      await begin(database)
      const names = ['a', 'b', 'c', 'd', 'e']
      await store(
        database,
        names.map((each) => ended(each)),
      )
      const feed = openRevocationFeed(database.read, domainA)
      const told: string[] = []
      let next: RevocationPage['next'] = null
      do {
        const page: RevocationPage = await feed.page(next, 2)
        assert.deepEqual(page.place, await feed.end())
        told.push(...(subjects(page.revocations) ?? []))
        next = page.next
      } while (next !== null)
      assert.deepEqual(told, names)
    }))
}
