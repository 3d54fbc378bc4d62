import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tryPartitions } from './kit/partitioned-gateways.ts'

// More gateways, and a network that is silent both ways, are run by `npm run partitions`.
test('F-33 a gateway cut off from its issuer lets nobody in past its limit', async () => {
  const partitions = ['one way', 'half open'] as const
  const seen = await tryPartitions({ gateways: 1, staleSeconds: 2, partitions })
  for (const { partition, lastInMs, toldMs, unreadyMs, accepted } of seen) {
    const told = JSON.stringify(seen)
    assert.ok(lastInMs <= 2000, `${partition}: ${told}`)
    assert.ok(toldMs <= 2000, `${partition}: ${told}`)
    assert.ok(unreadyMs > 0, `${partition}: ${told}`)
    assert.equal(accepted, 0, `${partition}: ${told}`)
  }
  assert.equal(seen.length, partitions.length)
})
