import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { AuditEvent } from '@mintmark/registry/audit-event'
import { type AuditPlace, openAuditReader } from '../audit-reader.ts'
import { sweepAudit } from '../audit-sweep.ts'
import type { Database } from '../database.ts'
import { migrate } from '../migrations/migrate.ts'
import { appendPack, findBrokenPack, listPacks, packLines } from '../tables/audit-pack.ts'
import { putIdentityDomain } from '../tables/identity-domain.ts'
import { openSqlite } from './sqlite-database.ts'

const domainId = 'idcs-00000000000040008000000000000001'
const startMs = 1_700_000_000_000
const minute = 60_000

const event = (index: number, more: Partial<AuditEvent> = {}): AuditEvent => ({
  at: startMs + index * minute,
  ecid: `ecid-${index}`,
  action: index % 3 === 0 ? 'application.update' : 'token',
  result: index % 2 === 0 ? 'ok' : 'refused',
  actor: `client-${index % 5}`,
  object: `id-${index} Name ${index}`,
  ...more,
})

const append = (database: Database, events: readonly AuditEvent[]): Promise<unknown> =>
  database.transaction((statements) =>
    appendPack(
      statements,
      domainId,
      packLines(
        events.map((each) => JSON.stringify(each)),
        events.map((each) => each.at),
      ),
    ),
  )

/** 400 events, four a pack, one a minute. */
const withEvents = async (work: (database: Database) => Promise<void>): Promise<void> => {
  const directory = mkdtempSync(join(tmpdir(), 'mintmark-audit-'))
  const database = openSqlite({ path: join(directory, 'mintmark.db') })
  try {
    await migrate(database)
    await database.transaction((statements) =>
      putIdentityDomain(statements, { id: domainId, displayName: 'Default', createdAtMs: 0 }),
    )
    for (let index = 0; index < 400; index += 4) {
      await append(
        database,
        [0, 1, 2, 3].map((more) => event(index + more)),
      )
    }
    await work(database)
  } finally {
    await database.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

const ecids = (events: readonly { readonly event: AuditEvent }[]) =>
  events.map(({ event: { ecid } }) => ecid)

test('every page of a search together is what a filter over all events gives, newest first', () =>
  withEvents(async (database) => {
    const reader = openAuditReader(database.read, domainId)
    const queries = [
      {},
      { actor: 'client-2' },
      { action: 'application.*', result: 'ok' },
      { object: 'Name 39' },
      { fromMs: startMs + 100 * minute, toMs: startMs + 140 * minute },
      { actor: 'nobody' },
      { ecid: 'ecid-77' },
    ] as const
    for (const query of queries) {
      const expected = Array.from({ length: 400 }, (_, index) => event(399 - index)).filter(
        (each) =>
          (!('actor' in query) || each.actor === query.actor) &&
          (!('action' in query) ||
            (each.action === 'application.update' && each.result === 'ok')) &&
          (!('object' in query) || each.object?.includes(query.object)) &&
          (!('fromMs' in query) || (each.at >= query.fromMs && each.at < query.toMs)) &&
          (!('ecid' in query) || each.ecid === query.ecid),
      )
      const found: string[] = []
      let place: AuditPlace | null = null
      do {
        const page = await reader.search(query, place, 7)
        assert.ok(page.events.length <= 7)
        found.push(...ecids(page.events))
        place = page.next
      } while (place !== null)
      assert.deepEqual(
        found,
        expected.map((each) => each.ecid),
        JSON.stringify(query),
      )
    }
  }))

test('an event is found by its id and time, also among those that were counted together', () =>
  withEvents(async (database) => {
    const reader = openAuditReader(database.read, domainId)
    for (const index of [0, 1, 199, 399]) {
      const found = await reader.findEvent(`ecid-${index}`, startMs + index * minute)
      assert.equal(found?.ecid, `ecid-${index}`)
    }
    assert.equal(await reader.findEvent('ecid-none', startMs), null)
    const sum = event(500, { detail: { count: 2, of: [['ecid-counted', null]] } })
    await append(database, [sum])
    assert.equal((await reader.findEvent('ecid-counted', sum.at))?.ecid, 'ecid-500')
  }))

test('a sweep keeps the chain whole, says how far it went, and never takes the newest pack', () =>
  withEvents(async (database) => {
    const sweep = (beforeMs: number) =>
      sweepAudit({
        database,
        domainId,
        beforeMs,
        nowMs: startMs + 1000 * minute,
        newEcid: () => 'ecid-sweep',
        stepsMax: 10,
      })
    assert.equal(await sweep(startMs + 200 * minute), 50)
    assert.equal(await findBrokenPack(database.read, domainId), null)
    assert.equal(await sweep(startMs + 200 * minute), 0, 'nothing is left to do')
    const reader = openAuditReader(database.read, domainId)
    assert.equal(await reader.findEvent('ecid-199', startMs + 199 * minute), null)
    assert.ok(await reader.findEvent('ecid-200', startMs + 200 * minute))
    const page = await reader.search({}, null, 1000)
    assert.equal(page.events.length, 201)
    assert.equal(page.events[0]?.event.action, 'audit.retention')
    assert.equal(page.events[0]?.event.detail?.['through'], 50)
    await sweep(startMs + 999 * minute)
    assert.equal(await findBrokenPack(database.read, domainId), null)
    const left = await listPacks(database.read, domainId, 0, 10)
    assert.deepEqual(
      left.map((pack) => pack.eventCount),
      [0, 1, 1],
    )
    await append(database, [event(900)])
    assert.equal(await findBrokenPack(database.read, domainId), null)
    // a beginning that somebody cut off is not one that a sweep left
    await database.transaction((statements) =>
      statements.run('DELETE FROM audit_pack WHERE domain_id = $1 AND event_count = 0', [domainId]),
    )
    assert.notEqual(await findBrokenPack(database.read, domainId), null)
  }))

test('packs of a span come whole, each with the hash before it', () =>
  withEvents(async (database) => {
    const reader = openAuditReader(database.read, domainId)
    const sequences: number[] = []
    let before: Uint8Array | null = null
    for await (const pack of reader.packs(startMs + 50 * minute, startMs + 90 * minute)) {
      assert.ok(pack.previous)
      if (before !== null) assert.deepEqual(pack.previous, before)
      before = pack.hash
      sequences.push(pack.sequence)
    }
    assert.deepEqual(
      sequences,
      Array.from({ length: 11 }, (_, index) => 13 + index),
    )
  }))
