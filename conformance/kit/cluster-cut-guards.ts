/** Guards whose way to the feed is cut off without a word, while tokens are ended. */
import { setTimeout as sleep } from 'node:timers/promises'
import { revoke } from './afterlife.ts'
import type { Cluster } from './cluster.ts'
import { startFeedProxy } from './feed-proxy.ts'
import { makeFollowedApi, serveFollowed, tokenFor } from './followed-api.ts'

export interface CutGuardReport {
  /** From the silence until a guard last let a token in; milliseconds. */
  readonly lastInMs: readonly number[]
  /** From when the feed was heard again until a good token was let in. */
  readonly backMs: readonly number[]
  /** Times that a token was let in that had been ended, once the guard heard again. */
  readonly accepted: number
}

/** @param wish `staleSeconds`: how long the guards may go on without a word */
export const tryCutGuards = async (
  cluster: Cluster,
  wish: { readonly trials: number; readonly staleSeconds: number },
): Promise<CutGuardReport> => {
  const domain = cluster.node(0)
  const api = await makeFollowedApi(domain)
  const report = { lastInMs: [] as number[], backMs: [] as number[], accepted: 0 }
  const trial = async (at: number): Promise<void> => {
    const proxy = await startFeedProxy(cluster.node(at).url)
    const revocations = {
      clientId: api.client.clientId,
      clientSecret: api.client.secret,
      endpoint: `${proxy.url}/api/v1/revocations`,
      staleSecondsMax: wish.staleSeconds,
    }
    const guarded = await serveFollowed(domain, api, { revocations })
    await guarded.core.ready()
    const [ended, live] = [await tokenFor(domain, api), await tokenFor(domain, api)]
    if ((await guarded.ask(ended)).status !== 200) throw new Error('a good token was refused')
    proxy.silence()
    // what was on its way is heard yet
    for (let asked = 0; asked < 3; asked += 1) await guarded.ask(live)
    const silentMs = performance.now()
    await revoke(domain, api.caller, ended)
    let lastInMs = silentMs
    for (let sentMs = silentMs; ; sentMs = performance.now()) {
      const { status } = await guarded.ask(ended)
      if (status === 200) lastInMs = sentMs
      if (sentMs - silentMs > wish.staleSeconds * 1000 + 1000) break
      await sleep(5)
    }
    report.lastInMs.push(lastInMs - silentMs)
    proxy.cut()
    const openMs = performance.now()
    while ((await guarded.ask(live)).status !== 200) await sleep(2)
    report.backMs.push(performance.now() - openMs)
    if ((await guarded.ask(ended)).status === 200) report.accepted += 1
    await guarded.stop()
    await proxy.stop()
  }
  await Promise.all(Array.from({ length: wish.trials }, (_, at) => trial(at)))
  return report
}
