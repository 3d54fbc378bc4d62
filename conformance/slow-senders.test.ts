import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { sendSlowly } from './kit/slow-senders.ts'
import { startOurs } from './kit/start-domain.ts'

const skip = process.platform === 'linux' ? false : 'reads /proc'

// The full count is run by `node conformance/slow-senders.ts`.
test('F-50 slow senders are dropped when their time is over, and disturb nobody', {
  skip,
}, async () => {
  const environment = { MINTMARK_HEADERS_TIMEOUT: '1s', MINTMARK_REQUEST_TIMEOUT: '2s' }
  const domain = await startOurs({ environment })
  try {
    const report = await sendSlowly(domain, 40, 20_000)
    equal(report.refused, 0)
    // looked at once a second; the handshake has its own ten seconds
    const most = { silent: 4000, header: 4000, body: 5000, handshake: 14_000 }
    for (const [kind, limit] of Object.entries(most)) {
      const took = report.droppedMs[kind] ?? null
      ok(took !== null && took < limit, `${kind}: dropped after ${took} ms`)
    }
  } finally {
    await domain.stop()
  }
})
