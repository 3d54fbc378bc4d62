/** A proxy between a guard and the revocation feed that can do what a bad network or a foe does. */
import { createServer, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What becomes of one event: none, itself, others in its place. */
export type Tamper = (event: string) => readonly string[]

export interface FeedProxy {
  readonly url: string
  /** Where requests go; a server that starts again has another port. */
  target(url: string): void
  /** Every event of every stream goes through this. */
  tamper(change: Tamper | null): void
  /** Open connections stay open and nothing passes any more, new ones included. */
  silence(): void
  /** Ends every stream; new ones are let through. */
  cut(): void
  /** Paths that were asked for. */
  readonly asked: readonly string[]
  stop(): Promise<void>
}

/** Starts it in front of a server; who starts it ends it. */
export const startFeedProxy = async (server: string): Promise<FeedProxy> => {
  const state = { server, change: null as Tamper | null, isSilent: false, asked: [] as string[] }
  const open = new Set<ServerResponse>()

  const pass = (pieces: AsyncIterable<Buffer>, response: ServerResponse) =>
    (async () => {
      let text = ''
      for await (const piece of pieces) {
        text += piece.toString('utf8')
        const events = text.split('\n\n')
        text = events.pop() ?? ''
        for (const event of events) {
          if (state.isSilent) continue
          const sent = state.change === null ? [event] : state.change(event)
          for (const each of sent) response.write(`${each}\n\n`)
        }
      }
      if (state.isSilent) return
      response.end(text)
    })()

  const proxy = createServer((incoming, response) => {
    state.asked.push(incoming.url ?? '')
    open.add(response)
    response.once('close', () => open.delete(response))
    if (state.isSilent) return
    const headers = { ...incoming.headers, host: new URL(state.server).host }
    const outgoing = request(`${state.server}${incoming.url}`, { method: incoming.method, headers })
    outgoing.once('error', () => response.destroy())
    outgoing.once('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      response.flushHeaders()
      pass(answer, response).catch(() => response.destroy())
    })
    response.once('close', () => outgoing.destroy())
    incoming.pipe(outgoing)
  })
  await new Promise<void>((fulfil) => proxy.listen(0, '127.0.0.1', fulfil))
  const { port } = proxy.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    target: (url) => {
      state.server = url
    },
    tamper: (change) => {
      state.change = change
    },
    silence: () => {
      state.isSilent = true
    },
    cut: () => {
      state.isSilent = false
      for (const response of open) response.destroy()
    },
    asked: state.asked,
    stop: () =>
      new Promise((fulfil) => {
        for (const response of open) response.destroy()
        proxy.close(() => fulfil())
        proxy.closeAllConnections()
      }),
  }
}
