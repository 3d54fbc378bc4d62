import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PhaseReport } from './load-messages.ts'
import { overload } from './overload-run.ts'

// The short form of `npm run overload`: it asserts what holds on a busy machine too, and no time.
test('far too many requests: what can be answered is, the rest refused', async () => {
  const outcome = await overload({
    algorithm: 'RS256',
    workers: 1,
    capacityRounds: 1,
    // of what it could do a moment ago, when others may have wanted the machine
    times: 6,
    quietSeconds: 0.5,
    overloadSeconds: 2,
    recoverySeconds: 2,
    connections: 2_000,
  })
  assert.ok(outcome !== undefined, 'npm run build first')
  const { report, probes, capacity } = outcome
  const [, under, after] = report.phases
  const count = (phase: PhaseReport, status: string) => phase.answers[status]?.fromDue.count ?? 0
  assert.ok(count(under!, '503') > 0, 'something was refused')
  for (const phase of [...report.phases, ...probes.phases]) {
    const unexpected = Object.keys(phase.answers).filter((it) => it !== '200' && it !== '503')
    assert.deepEqual(unexpected, [])
  }
  for (const { answers, failed } of probes.phases) {
    assert.deepEqual([Object.keys(answers), failed], [['200'], 0], 'health and administration')
  }
  const perCpuSecond = count(under!, '200') / under!.serverCpuSeconds
  const share = perCpuSecond / capacity[0]!.tokensPerCpuSecond
  assert.ok(share > 0.2, `${share} of what it can do: it has collapsed`)
  assert.ok(count(after!, '200') > after!.due / 2, 'it recovers')
})
