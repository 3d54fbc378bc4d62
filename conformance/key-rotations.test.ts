import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clockFaster } from './kit/clock.ts'
import { tryKeyRotations } from './kit/key-rotations.ts'
import { startMintmark } from './kit/mintmark-domain.ts'

// A hundred at 500 requests a second are run by `npm run keys:rotations`.
test('guards refuse no good token while keys change under load', async () => {
  const clock = clockFaster(300)
  const domain = await startMintmark({ environment: clock.environment })
  try {
    const wish = { rotations: 2, requestsPerSecond: 100, warmGuards: 2, clock }
    const seen = await tryKeyRotations(domain, wish)
    assert.deepEqual([...seen.failed, ...seen.refused], [])
    assert.ok(seen.warmChecks > 300, `${seen.warmChecks} checks`)
    assert.ok(seen.coldChecks > 10, `${seen.coldChecks} checks by new guards`)
    assert.ok(seen.keys >= 6, `${seen.keys} keys`)
  } finally {
    await domain.stop()
  }
})
