/** Whether the contenders still start and answer; no figure of these runs means anything. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasOpenssl } from './certificates.ts'
import { measureGrowth } from './database-growth.ts'
import { measureMutualTls } from './new-connections.ts'
import type { BenchOptions } from './result.ts'
import { openStage } from './stage.ts'
import { hasGlewlwyd } from './subjects/glewlwyd.ts'
import { isBuilt } from './subjects/mintmark.ts'
import { startField, tellSizes } from './token-contenders.ts'

const options: BenchOptions = {
  rounds: 1,
  seconds: 0.3,
  connections: 4,
  warmupSeconds: 0,
  applications: 10,
  tokens: 2,
}
const skip = isBuilt() ? false : 'mintmark: not built'

test('everybody in the field hands out a token', async () => {
  await using ended = new AsyncDisposableStack()
  const stage = openStage(options, 1, ended)
  const { contenders, skipped } = await startField(stage, 'ES256', 500)
  assert.equal(skipped.length, hasGlewlwyd() ? 0 : 1)
  assert.equal(contenders.length, hasGlewlwyd() ? 6 : 5)
  const figures = await tellSizes(stage, contenders)
  for (const { name } of contenders) {
    const token = figures.find((each) => each.name === `token, ${name}`)
    assert.ok(token !== undefined && token.spread.median >= 32, `${name} gave no token`)
  }
})

test('what tokens leave in the database is read from its file', { skip }, async () => {
  const { figures } = await measureGrowth(options)
  const alone = figures.find(({ name }) => name === 'audit events in a packed row, 1 caller')
  assert.equal(alone?.spread.median, 1)
})

test('a client certificate is shown to ours and to the floors', { skip }, async (t) => {
  if (!hasOpenssl()) return t.skip('openssl: not found')
  // on a busy machine nobody may come to an answer within a second: then within more of them
  for (const seconds of [1, 5, 25]) {
    const { measurements } = await measureMutualTls({ ...options, seconds })
    assert.equal(measurements.length, 3)
    for (const { name, rounds } of measurements) {
      assert.deepEqual(
        rounds.flatMap((report) => report.errorSamples),
        [],
        name,
      )
    }
    const reports = measurements.flatMap(({ rounds }) => rounds)
    if (reports.every(({ completed }) => completed > 0)) return
  }
  assert.fail('somebody answered nobody')
})
