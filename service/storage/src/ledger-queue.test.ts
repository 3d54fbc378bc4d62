import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nothingChanged } from './attempt-counters.ts'
import { entryOf, startMs } from './contract-ledger-stand.ts'
import { createLedgerQueue } from './ledger-queue.ts'

test('what was stored at the end is not looked for again in a turn that comes later', async () => {
  const stored: number[] = []
  const queue = createLedgerQueue({
    now: () => startMs,
    mode: 'strict',
    queueMax: 10,
    store: async ({ waiting }) => {
      stored.push(waiting.length)
      const outcomes = waiting.map(() => 'recorded' as const)
      return { outcomes, events: [], revocations: [], known: Promise.resolve() }
    },
    isOnReserve: () => false,
    takeAttempts: () => nothingChanged,
    giveBackAttempts: () => {},
    onGap: () => {},
    onRecorded: () => {},
    onFailure: () => {},
  })
  const untilMs = performance.now() + 50
  const stayBusy = (fulfil: () => void): void => {
    const sinceMs = performance.now()
    while (performance.now() - sinceMs < 0.2);
    if (performance.now() < untilMs) setImmediate(stayBusy, fulfil)
    else fulfil()
  }
  const busy = new Promise<void>(stayBusy)
  assert.equal(await queue.record(entryOf('a')), 'recorded')
  const last = queue.record(entryOf('b'))
  await queue.close()
  assert.equal(await last, 'recorded')
  await busy
  assert.deepEqual(stored, [1, 1])
})
