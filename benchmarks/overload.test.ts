import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PhaseReport } from './load-messages.ts'
import { overload } from './overload-run.ts'

/*
 * The short form of `npm run overload`. Others may want the machine from any moment on, so it
 * counts answers and judges no speed: what share of its peak a server gives is for the long form.
 */
test('far too many requests: some are answered, the rest refused, tokens afterwards', async () => {
  const outcome = await overload({
    algorithm: 'RS256',
    workers: 1,
    capacityRounds: 1,
    times: 6,
    // more than one process can sign with RSA, whatever share of the machine it had a moment ago
    overloadMin: 10_000,
    // little, also for a server that gets a tenth of the time that it had
    restShare: 0.05,
    quietSeconds: 0.5,
    overloadSeconds: 2,
    recoverySeconds: 4,
    connections: 2_000,
  })
  assert.ok(outcome !== undefined, 'npm run build first')
  const { report, probes } = outcome
  const [, under, after] = report.phases
  const count = (phase: PhaseReport, status: string) => phase.answers[status]?.fromDue.count ?? 0
  assert.ok(count(under!, '503') > 0, 'something was refused')
  assert.ok(count(under!, '200') > 0, 'tokens are given meanwhile')
  for (const phase of [...report.phases, ...probes.phases]) {
    const unexpected = Object.keys(phase.answers).filter((it) => it !== '200' && it !== '503')
    assert.deepEqual(unexpected, [])
  }
  for (const { answers, failed } of probes.phases) {
    assert.deepEqual([Object.keys(answers), failed], [['200'], 0], 'health and administration')
  }
  assert.ok(count(after!, '200') > 0, 'tokens are given afterwards')
})
