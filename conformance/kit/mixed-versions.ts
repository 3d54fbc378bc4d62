/** Servers of two versions on one database, while they are replaced by one another under load. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from '@mintmark/client/create-client'
import { introspect, issue, revoke } from './afterlife.ts'
import { askToken } from './ask.ts'
import type { Cluster, Node } from './cluster.ts'
import { type FollowedApi, makeFollowedApi } from './followed-api.ts'
import { tokenPath } from './test-domain.ts'

export interface RollReport {
  readonly tokens: number
  readonly seconds: number
  /** Why our client got no token. */
  readonly failed: readonly string[]
  /** Tokens ended at one server, asked for at all; applications made at one, used at all. */
  readonly ended: number
  readonly declared: number
  /** What another server made of that; each a sentence. */
  readonly wrong: readonly string[]
}

const inFlightMax = 200

/** So many tokens a second by our client, each time made anew, because a client keeps its token. */
const load = (cluster: Cluster, { audience, caller }: FollowedApi, perSecond: number) => {
  const failed: string[] = []
  const open = new Set<Promise<void>>()
  const beganMs = performance.now()
  let sent = 0
  let tokens = 0
  const ask = async (): Promise<void> => {
    const client = createClient({
      issuer: cluster.proxy.url,
      tokenEndpoint: cluster.proxy.url + tokenPath,
      clientId: caller.clientId,
      clientSecret: caller.secret,
      scope: `${audience}read`,
      allowInsecureHttp: true,
    })
    await client.token()
    tokens += 1
    client.close()
  }
  const timer = setInterval(() => {
    const due = ((performance.now() - beganMs) * perSecond) / 1000
    while (sent < due && open.size < inFlightMax) {
      sent += 1
      const asked = ask()
        .catch((error: Error) => void failed.push(error.message))
        .finally(() => open.delete(asked))
      open.add(asked)
    }
  }, 5)
  return async () => {
    clearInterval(timer)
    await Promise.all(open)
    return { tokens, seconds: (performance.now() - beganMs) / 1000, failed }
  }
}

/** What one server has ended or made, all others know, whichever version they are of. */
const cross = (cluster: Cluster, api: FollowedApi) => {
  const seen = { ended: 0, declared: 0, wrong: [] as string[] }
  let running = true
  const expect = (isSo: boolean, what: string): void => {
    if (!isSo) seen.wrong.push(what)
  }
  const turn = async (nodes: readonly Node[], at: number): Promise<void> => {
    const [one, next] = [nodes[at % nodes.length] as Node, nodes[(at + 1) % nodes.length] as Node]
    const scope = `${api.audience}read`
    const token = await issue(one, api.caller, { scope })
    const { status } = await revoke(next, api.caller, token)
    expect(status === 200, `revocation: ${status}`)
    for (const node of nodes) {
      const answer = await introspect(node, api.client, token)
      expect(answer.json?.['active'] === false, `an ended token: ${answer.status} ${answer.text}`)
    }
    seen.ended += 1
    const admin = await one.administrate()
    const client = await admin.createClient({ scopes: [scope] })
    const rotated = await (await next.administrate()).rotateSecret(client, 0)
    for (const node of nodes) {
      const answer = await askToken(node, rotated, { scope })
      expect(answer.status === 200, `an application made elsewhere: ${answer.text}`)
      const old = await askToken(node, client, { scope })
      expect(old.status === 401, `a secret of before: ${old.status}`)
    }
    seen.declared += 1
  }
  const repeat = async (): Promise<void> => {
    for (let at = 0; running; at += 1) {
      const nodes = [...cluster.nodes()]
      await turn(nodes, at).catch((error: Error) => {
        // one that was replaced meanwhile may have been ended
        const isGone = nodes.some((node) => !cluster.nodes().includes(node))
        expect(isGone, error.message)
      })
      await sleep(20)
    }
  }
  const ended = repeat()
  return async () => {
    running = false
    await ended
    return seen
  }
}

export interface RollWish {
  readonly requestsPerSecond: number
  /** Commands that all servers are replaced by, one after the other. */
  readonly rolls: readonly string[]
  /** How long both versions run together before the next server is replaced. */
  readonly togetherMs: number
  readonly onRoll?: (main: string) => void
}

/** Replaces every server of the cluster, as often as there are commands, under load. */
export const tryRolls = async (cluster: Cluster, wish: RollWish): Promise<RollReport> => {
  const api = await makeFollowedApi(cluster.node(0))
  const endLoad = load(cluster, api, wish.requestsPerSecond)
  const endCross = cross(cluster, api)
  await sleep(wish.togetherMs)
  for (const main of wish.rolls) {
    for (const [at, node] of [...cluster.nodes()].entries()) {
      await cluster.replace(at, { main })
      await node.process().stop()
      await sleep(wish.togetherMs)
    }
    wish.onRoll?.(main)
  }
  const seen = await endCross()
  return { ...(await endLoad()), ...seen }
}
