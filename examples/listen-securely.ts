/** HTTPS on the port of a URL: what the three resource servers share besides the guard. */
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'

/** A setting of the environment. @throws Error naming it where it is missing and has no default */
export const setting = (name: string, otherwise?: string): string => {
  const value = process.env[name] || otherwise
  if (value === undefined) throw new Error(`Set ${name}: see the README beside this program.`)
  return value
}

export const sendJson = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(JSON.stringify(body))
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/**
 * Listens on this machine with the certificate of the playground, or that of `TLS_CERT_FILE` and
 * `TLS_KEY_FILE`. What `answer` throws is told to the operator, not to the caller.
 * @param onStop ends what else keeps the program running
 */
export const listenSecurely = (url: string, answer: Answer, onStop = () => {}): void => {
  const cert = readFileSync(setting('TLS_CERT_FILE', '.mintmark/server.crt'))
  const key = readFileSync(setting('TLS_KEY_FILE', '.mintmark/server.key'))
  const server = createServer({ cert, key, minVersion: 'TLSv1.2' }, async (request, response) => {
    request.resume()
    try {
      await answer(request, response)
    } catch (error) {
      console.error(error)
      if (!response.headersSent) sendJson(response, 500, { title: 'Something failed here' })
    }
  })
  server.listen(Number(new URL(url).port || 443), '127.0.0.1', () => {
    console.log(`listening at ${url}`)
  })
  const stop = (): void => {
    server.close()
    server.closeAllConnections()
    onStop()
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}
