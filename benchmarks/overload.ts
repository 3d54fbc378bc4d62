/**
 * `npm run overload`: a server gets three times the requests that it can answer. What it gives
 * meanwhile, how quickly it refuses the rest, and how soon it is as before.
 */
import process from 'node:process'
import { parseArgs } from 'node:util'
import type { PhaseReport } from './load-messages.ts'
import { type Capacity, type OverloadOutcome, type OverloadPlan, overload } from './overload-run.ts'
import { oursIsMissing } from './stage.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '300' },
    times: { type: 'string', default: '3' },
    algorithm: { type: 'string', default: 'RS256' },
    workers: { type: 'string', default: '1' },
    connections: { type: 'string', default: '4000' },
  },
})

const plan: OverloadPlan = {
  algorithm: values.algorithm === 'ES256' ? 'ES256' : 'RS256',
  workers: Number(values.workers),
  capacityRounds: 3,
  times: Number(values.times),
  overloadMin: 0,
  restShare: 0.5,
  quietSeconds: 5,
  overloadSeconds: Number(values.seconds),
  recoverySeconds: 15,
  connections: Number(values.connections),
}

const millis = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`

function phaseLines({ name, due, failed, answers, ownLateness }: PhaseReport): readonly string[] {
  return [
    `${name}: ${due} due, ${failed} failed; the generator late by ${millis(ownLateness.p99Millis)}`,
    ...Object.entries(answers).map(([status, { fromDue, fromSending }]) => {
      const { count, p50Millis, p99Millis, p999Millis } = fromDue
      const waits = [p50Millis, p99Millis, p999Millis].map(millis).join(', ')
      const sent = `${millis(fromSending.p50Millis)}, ${millis(fromSending.p99Millis)}`
      return `  ${status}: ${count}; p50, p99, p99.9 from due ${waits}; from sending ${sent}`
    }),
  ]
}

const promise = (what: string, figure: string, isMet: boolean): string =>
  `${what}: ${figure} [${isMet ? 'met' : 'NOT MET'}]`

function promises(outcome: OverloadOutcome): readonly string[] {
  const { capacity, goodput } = outcome
  const best = (of: keyof Capacity): number => Math.max(...capacity.map((each) => each[of]))
  const share = goodput.tokensPerSecond / best('tokensPerSecond')
  const shareOfCpu = goodput.tokensPerCpuSecond / best('tokensPerCpuSecond')
  const [, under] = outcome.report.phases
  const shed = under!.answers['503'] ?? under!.answers['429']
  const shedMillis = shed?.fromSending.p99Millis ?? Number.NaN
  const probed = outcome.probes.phases.flatMap(({ answers }) => Object.keys(answers))
  const isGreen = probed.every((status) => status === '200')
  const unanswered = outcome.probes.phases.reduce((sum, { failed }) => sum + failed, 0)
  const probesSlowest = outcome.probes.phases[1]!.answers['200']?.fromDue.p99Millis ?? Number.NaN
  return [
    ...capacity.map(
      ({ tokensPerSecond, tokensPerCpuSecond }) =>
        `capacity: ${tokensPerSecond.toFixed(0)} /s, ${tokensPerCpuSecond.toFixed(0)} a CPU second`,
    ),
    promise('tokens under overload, of the peak', share.toFixed(2), share >= 0.9),
    promise('the same by CPU time', shareOfCpu.toFixed(2), shareOfCpu >= 0.9),
    promise('refusals, p99 from sending', millis(shedMillis), shedMillis <= 10),
    promise(
      'health, readiness, administration',
      `${[...new Set(probed)].join()}, ${unanswered} unanswered, p99 ${millis(probesSlowest)}`,
      isGreen && unanswered === 0,
    ),
    promise('as before after', `${outcome.recoverySeconds} s`, outcome.recoverySeconds <= 5),
  ]
}

const outcome = await overload(plan)
if (outcome === undefined) {
  process.stderr.write(`${oursIsMissing}\n`)
  process.exitCode = 1
} else {
  const lines = [
    ...outcome.report.phases.flatMap(phaseLines),
    'probes',
    ...outcome.probes.phases.flatMap(phaseLines),
    ...outcome.report.failureSamples,
    '',
    ...promises(outcome),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}
