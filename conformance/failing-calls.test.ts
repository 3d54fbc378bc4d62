import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { canFailCalls, failingCalls, runFailingCalls } from './kit/failing-calls.ts'
import { noDataFile } from './kit/mintmark-domain.ts'

const skip = noDataFile || (canFailCalls() ? false : 'strace is not here')

// The full count is run by `node conformance/failing-calls.ts`.
for (const wish of failingCalls) {
  const name = `F-03 ${wish.call}, ${wish.error}: nothing unstored is acknowledged`
  test(`${name}, and it ${wish.outcome}`, {
    skip,
  }, async () => {
    const report = await runFailingCalls(wish, [3])
    deepEqual(report.faults, [])
    equal(report.unused, 0)
  })
}
