/** One token asked for at a server again and again, beside all that happens meanwhile. */
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { introspect } from './afterlife.ts'
import { basicOf } from './ask.ts'
import type { Node } from './cluster.ts'
import { form, formHeaders } from './http.ts'
import { type Client, introspectionPath } from './test-domain.ts'

/** `good` and `ended` as the server says; `none`: it says that it cannot know, or nothing. */
export type Said = 'good' | 'ended' | 'none'

export interface Probe {
  readonly said: Said
  readonly sentMs: number
  readonly answeredMs: number
}

export interface Probes {
  readonly all: readonly Probe[]
  stop(): Promise<void>
}

const everyMs = 5

export const probe = async (node: Node, api: Client, token: string): Promise<Probe> => {
  const sentMs = performance.now()
  const answer = await introspect(node, api, token).catch(() => null)
  const active = answer?.status === 200 ? answer.json?.['active'] : undefined
  const said = active === true ? 'good' : active === false ? 'ended' : 'none'
  return { said, sentMs, answeredMs: performance.now() }
}

/** Sends the head of a question now. @returns what sends its body and gives back the answer */
export const beginProbe = (node: Node, api: Client, token: string): (() => Promise<Probe>) => {
  const body = form({ token })
  const headers = { ...formHeaders(basicOf(api)), 'content-length': body.length }
  const sent = request(node.url + introspectionPath, { method: 'POST', headers, agent: false })
  const answered = new Promise<Said>((fulfil) => {
    sent.on('error', () => fulfil('none'))
    sent.on('response', async (response) => {
      const json = JSON.parse(await text(response)) as { readonly active?: boolean }
      fulfil(json.active === undefined ? 'none' : json.active ? 'good' : 'ended')
    })
  })
  sent.flushHeaders()
  return async () => {
    const sentMs = performance.now()
    sent.end(body)
    return { said: await answered, sentMs, answeredMs: performance.now() }
  }
}

/** Asks 200 times a second at most, each time after the answer to the last one. */
export const probeAgain = (node: Node, api: Client, token: string): Probes => {
  const all: Probe[] = []
  let running = true
  const repeat = async (): Promise<void> => {
    while (running) {
      all.push(await probe(node, api, token))
      await sleep(everyMs)
    }
  }
  const ended = repeat()
  return {
    all,
    stop: async () => {
      running = false
      await ended
    },
  }
}

/** Asks until the server says so. @returns how long that took, milliseconds */
export const untilSaid = async (
  node: Node,
  api: Client,
  token: string,
  said: Said,
): Promise<number> => {
  const from = performance.now()
  while ((await probe(node, api, token)).said !== said) {
    if (performance.now() - from > 20_000) throw new Error(`a server does not say: ${said}`)
    await sleep(everyMs)
  }
  return performance.now() - from
}
