/** A server on this machine that clients' key sets live on, and that notes who called. */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after } from 'node:test'

type Handler = (response: ServerResponse) => void

export interface KeyServer {
  readonly url: string
  /** Paths that were asked for, in order. */
  readonly calls: readonly string[]
  /** What a path answers from now on: an object as JSON, or a handler. */
  serve(path: string, what: object | Handler): void
}

/** Starts a key server and ends it with the test file. */
export const useKeyServer = async (): Promise<KeyServer> => {
  const calls: string[] = []
  const answers = new Map<string, object | Handler>()
  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    calls.push(path)
    const what = answers.get(path)
    if (typeof what === 'function') return (what as Handler)(response)
    response.setHeader('content-type', 'application/json')
    response.statusCode = what === undefined ? 404 : 200
    response.end(JSON.stringify(what ?? {}))
  })
  await new Promise<void>((fulfil) => server.listen(0, '127.0.0.1', fulfil))
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    serve: (path, what) => void answers.set(path, what),
  }
}
