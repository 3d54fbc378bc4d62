import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccessMap } from './access-map.ts'
import { layOut, nodesMax, pathThrough, thicknessOf } from './map-layout.ts'

const mapOf = (count: number): AccessMap => ({
  applications: Array.from({ length: count }, (_, at) => ({
    id: `a${at}`,
    clientId: `a${at}`,
    displayName: `App ${at}`,
    active: true,
  })),
  apis: [
    { id: 'o', displayName: 'Orders', audience: 'o/' },
    { id: 'b', displayName: 'Bills', audience: 'b/' },
  ],
  access: Array.from({ length: count }, (_, at) => ({
    application: `a${at}`,
    api: at % 2 === 0 ? 'o' : 'b',
    kind: 'scope',
    name: 'read',
    through: null,
    scopes: ['read'],
    lastUsed: at === 0 ? '2026-01-01T00:00:00Z' : null,
    tokensInDay: at === 0 ? 99 : 0,
  })),
  usedSince: '2026-01-01T00:00:00Z',
  cursor: null,
})

test('scopes of the same name are of their APIs, and a path is what hangs together', () => {
  const graph = layOut(mapOf(4))
  assert.equal(graph.grouped, false)
  assert.equal(graph.nodes.length, 4 + 2 + 2)
  assert.deepEqual(
    [...pathThrough(graph, 'app a0')].toSorted(),
    ['api o', 'app a0', 'given o read'].toSorted(),
  )
  assert.equal(pathThrough(graph, 'api b').size, 4)
  assert.equal(graph.links.filter(({ used }) => used).length, 2)
  const thick = graph.links.map(thicknessOf)
  assert.deepEqual([Math.max(...thick), Math.min(...thick)], [5, 1.2])
})

test('too many nodes are drawn as groups that say how many they stand for', () => {
  const graph = layOut(mapOf(nodesMax * 2))
  assert.equal(graph.grouped, true)
  assert.equal(graph.nodes.length, 2 + 2 + 2)
  assert.equal(graph.nodes[0]?.label, '60 of Bills')
  assert.equal(graph.nodes[0]?.members.length, 60)
})
