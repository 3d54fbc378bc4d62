/** Servers of a cluster are ended and replaced, one after the other, while our client asks. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from '@mintmark/client/create-client'
import type { Cluster } from './cluster.ts'
import { makeFollowedApi } from './followed-api.ts'

export const tryRollingRestart = async (cluster: Cluster) => {
  const { audience, caller } = await makeFollowedApi(cluster.node(0))
  let running = true
  let tokens = 0
  const faults: string[] = []
  const repeat = async (): Promise<void> => {
    while (running) {
      // each time a new one, because a client keeps its token
      const client = createClient({
        issuer: cluster.proxy.url,
        clientId: caller.clientId,
        clientSecret: caller.secret,
        scope: `${audience}read`,
        allowInsecureHttp: true,
      })
      await client.token().then(
        () => (tokens += 1),
        (error: Error) => faults.push(error.message),
      )
      client.close()
    }
  }
  const callers = Promise.all(Array.from({ length: 4 }, repeat))
  await sleep(500)
  for (const [at, node] of [...cluster.nodes()].entries()) {
    await cluster.replace(at)
    await node.process().stop()
  }
  await sleep(500)
  running = false
  await callers
  return { tokens, faults }
}
