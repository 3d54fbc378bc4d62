/**
 * How long a revoked token is still let in by a guard that follows the feed, over HTTP on one
 * machine; from sending the revocation, and from its answer, to the first refusal:
 *
 *     node --conditions=mintmark-source conformance/revocation-delay.ts
 *
 * Ends with 1 when it took longer than it may: 250 ms for 99 of 100, a second for any.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { revoke } from './kit/afterlife.ts'
import { makeFollowedApi, serveFollowed, tokenFor } from './kit/followed-api.ts'
import { startMintmark } from './kit/mintmark-domain.ts'

const rounds = 200
const p99MsMax = 250
const msMax = 1000

interface Delay {
  readonly fromSent: number
  readonly fromAnswer: number
}

const measure = async (workers: string): Promise<readonly Delay[]> => {
  const domain = await startMintmark({ environment: { MINTMARK_WORKERS: workers } })
  try {
    const api = await makeFollowedApi(domain)
    const guarded = await serveFollowed(domain, api)
    await guarded.core.ready()
    const delays: Delay[] = []
    for (let round = 0; round < rounds; round += 1) {
      const token = await tokenFor(domain, api)
      if ((await guarded.ask(token)).status !== 200) throw new Error('a good token was refused')
      // Revocations do not come in step with heartbeats.
      await sleep(Math.random() * 20)
      const sentMs = performance.now()
      const answered = revoke(domain, api.caller, token).then(() => performance.now())
      while ((await guarded.ask(token)).status === 200) await sleep(1)
      const refusedMs = performance.now()
      const fromAnswer = Math.max(0, refusedMs - (await answered))
      delays.push({ fromSent: refusedMs - sentMs, fromAnswer })
    }
    await guarded.stop()
    return delays
  } finally {
    await domain.stop()
  }
}

const at = (values: readonly number[], part: number): number =>
  values.toSorted((left, right) => left - right)[Math.ceil(values.length * part) - 1] ?? 0

for (const workers of ['1', '2']) {
  const delays = await measure(workers)
  for (const from of ['fromSent', 'fromAnswer'] as const) {
    const values = delays.map((each) => each[from])
    const [p50, p99, max] = [0.5, 0.99, 1].map((part) => at(values, part))
    const told = [p50, p99, max].map((ms = 0) => `${ms.toFixed(1)} ms`)
    const line = `${workers} worker(s), ${from}: p50 ${told[0]}, p99 ${told[1]}, most ${told[2]}`
    process.stdout.write(`${line}, ${rounds} revocations\n`)
    if ((p99 ?? 0) > p99MsMax || (max ?? 0) > msMax) process.exitCode = 1
  }
}
