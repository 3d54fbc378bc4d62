import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Catalog } from '@mintmark/registry/snapshot'
import { createCachedRegistry } from './cached-registry.ts'
import type { LoadedClient } from './client-snapshot.ts'
import { domainA, sampleApplication } from './contract-records.ts'

const loaded = (clientId: string, version: number): LoadedClient => ({
  application: sampleApplication(domainA, clientId, { version }),
  secrets: [],
  certificates: [],
  roleIds: new Set(),
})

const emptyCatalog = (): Catalog => ({ byId: new Map() }) as unknown as Catalog

/** A cache over a store that counts its reads and can be held up. */
const stand = (clientsMax = 10) => {
  const state = { version: 1, loads: 0, catalogs: 0, gate: Promise.resolve() }
  const cache = createCachedRegistry({
    clientsMax,
    unknownMax: 2,
    load: async (clientId) => {
      state.loads += 1
      const { version } = state
      await state.gate
      return clientId.startsWith('nobody') ? null : String(version)
    },
    read: (text, clientId) => loaded(clientId, Number(text)),
    loadCatalog: async () => {
      state.catalogs += 1
      await state.gate
      return emptyCatalog()
    },
  })
  const hold = (): (() => void) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    state.gate = promise
    return resolve
  }
  return { state, cache, hold }
}

const told = (clientIds: string[], sequence: number, catalog = false) => ({
  clientIds,
  catalog,
  sequence,
})

describe('cached registry', () => {
  it('answers at once when warm', async () => {
    const { cache, state } = stand()
    assert.ok(cache.client('a') instanceof Promise)
    await cache.client('a')
    const warm = cache.client('a')
    assert.ok(warm !== null && !(warm instanceof Promise))
    assert.equal(warm.application.clientId, 'a')
    assert.equal(state.loads, 1)
    const first = cache.catalog()
    assert.ok(first instanceof Promise)
    assert.equal(cache.catalog() instanceof Promise, true)
    await first
    assert.ok(!(cache.catalog() instanceof Promise))
    assert.equal(state.catalogs, 1)
    const snapshot = cache.snapshot('a')
    assert.ok(snapshot !== null && !(snapshot instanceof Promise))
  })

  it('loads once for all who ask at the same time', async () => {
    const { cache, state } = stand()
    await Promise.all(Array.from({ length: 64 }, () => cache.client('a')))
    assert.equal(state.loads, 1)
  })

  it('forgets what it is told, and nothing else', async () => {
    const { cache, state } = stand()
    await Promise.all([cache.client('a'), cache.client('b'), cache.catalog()])
    state.version = 2
    cache.invalidate(told(['a'], 1))
    assert.equal((await cache.client('a'))?.application.version, 2)
    assert.equal(state.loads, 3)
    assert.ok(!(cache.client('b') instanceof Promise))
    assert.ok(!(cache.catalog() instanceof Promise))
    cache.invalidate(told([], 2, true))
    assert.ok(cache.catalog() instanceof Promise)
    assert.ok(!(cache.client('b') instanceof Promise))
  })

  it('begins anew when a change comes while it loads', async () => {
    const { cache, state, hold } = stand()
    const release = hold()
    const asked = cache.client('a')
    state.version = 2
    cache.invalidate(told(['a'], 1))
    release()
    const snapshot = await asked
    assert.equal(snapshot?.application.version, 2)
    assert.equal(snapshot?.sequence, 1)
    assert.equal(state.loads, 2)
  })

  it('begins the catalog anew too', async () => {
    const { cache, state, hold } = stand()
    const release = hold()
    const asked = cache.catalog()
    cache.invalidate(told([], 1, true))
    release()
    await asked
    assert.equal(state.catalogs, 2)
  })

  it('carries the sequence up to which a snapshot is known to be true', async () => {
    const { cache, hold } = stand()
    await cache.client('a')
    const release = hold()
    const slow = cache.client('b')
    cache.invalidate(told(['c'], 7))
    release()
    // its load began before change 7 was heard of: nothing later may be claimed for it
    assert.equal((await slow)?.sequence, 0)
    const warm = await cache.client('a')
    assert.equal(warm?.sequence, 7)
    assert.equal((await cache.client('b'))?.sequence, 7)
    assert.equal(cache.sequence(), 7)
    cache.invalidate(told([], 3))
    assert.equal(cache.sequence(), 7)
  })

  it('does not let unknown clients evict known ones, and notices when one appears', async () => {
    const { cache, state } = stand(2)
    await Promise.all([cache.client('a'), cache.client('b')])
    for (let index = 0; index < 50; index += 1) {
      assert.equal(await cache.client(`nobody-${index}`), null)
    }
    assert.ok(!(cache.client('a') instanceof Promise))
    assert.ok(!(cache.client('b') instanceof Promise))
    const { loads } = state
    assert.equal(cache.client('nobody-49'), null)
    assert.equal(state.loads, loads, 'the last ones are remembered')
    cache.invalidate(told(['nobody-49'], 1))
    assert.ok(cache.client('nobody-49') instanceof Promise)
  })

  it('keeps no more clients than it may', async () => {
    const { cache, state } = stand(1000)
    for (let round = 0; round < 2; round += 1) {
      // a kilobyte each, so that they have not the room that a thousand usual ones have
      for (let at = 0; at < 1000; at += 1) await cache.client(`client${at}-${'x'.repeat(1000)}`)
    }
    assert.equal(state.loads, 2000)
    const kept = stand(1000)
    for (let round = 0; round < 2; round += 1) {
      for (let at = 0; at < 1000; at += 1) await kept.cache.client(`client${at}`)
    }
    assert.equal(kept.state.loads, 1000)
  })

  it('keeps those ready that come again, until something about them has changed', async () => {
    const { cache, state } = stand()
    for (let asked = 0; asked < 3; asked += 1) await cache.client('a')
    assert.equal(cache.client('a'), cache.client('a'))
    cache.invalidate(told(['b'], 1))
    const confirmed = cache.client('a')
    assert.ok(confirmed !== null && !(confirmed instanceof Promise))
    assert.equal(confirmed.sequence, 1)
    assert.equal(cache.client('a'), confirmed)
    for (const everything of [false, true]) {
      state.version += 1
      const what = everything ? { ...told([], 3), everything } : told(['a'], 2)
      cache.invalidate(what as Parameters<typeof cache.invalidate>[0])
      assert.equal((await cache.client('a'))?.application.version, state.version)
      assert.equal((await cache.client('a'))?.application.version, state.version)
    }
  })

  it('passes a failure on and tries again next time', async () => {
    let broken = true
    const cache = createCachedRegistry({
      clientsMax: 2,
      load: async () => {
        if (broken) throw new Error('disk')
        return '1'
      },
      read: (text, clientId) => loaded(clientId, Number(text)),
      loadCatalog: async () => emptyCatalog(),
    })
    await assert.rejects(async () => cache.client('a'), /disk/)
    broken = false
    assert.equal((await cache.client('a'))?.application.clientId, 'a')
  })
})
