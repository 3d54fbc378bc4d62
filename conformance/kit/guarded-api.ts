/** One small API behind the guard, written for each kind of server that the guard knows. */
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { serve } from '@hono/node-server'
import { callerOf, guard as expressGuard } from '@mintmark/guard/express'
import { guard as fastifyGuard } from '@mintmark/guard/fastify'
import type { Caller } from '@mintmark/guard/guard'
import type { GuardOptions } from '@mintmark/guard/guard-options'
import { type CallerEnvironment, guard as honoGuard } from '@mintmark/guard/hono'
import { guard as nodeGuard } from '@mintmark/guard/node'
import { guard as webGuard } from '@mintmark/guard/web'
import express from 'express'
import { Hono } from 'hono'

/** What a guarded route answers. */
export const shown = ({ type, clientId, token, account, session }: Caller) => ({
  type,
  client: clientId,
  subject: token.subject,
  scopes: [...token.scopes],
  account: account?.name ?? null,
  session: session?.id ?? null,
})

/** The routes of the API, and what each demands. */
export const demands = {
  'GET /orders': 'orders.read',
  'POST /orders': { scope: 'orders.write' },
  'GET /reports': { role: 'Manager' },
  'GET /either': { anyScope: ['orders.read', 'orders.write'] },
  'GET /any': undefined,
} as const

type Route = keyof typeof demands

const routes = Object.keys(demands) as Route[]

interface Started {
  readonly port: number
  stop(): Promise<unknown>
}

const listen = async (server: Server): Promise<Started> => {
  if (!server.listening) {
    await new Promise<void>((fulfil) => server.listen(0, '127.0.0.1', fulfil))
  }
  const stop = async () => {
    server.closeAllConnections()
    server.close()
  }
  return { port: (server.address() as AddressInfo).port, stop }
}

const startNode = (options: GuardOptions): Promise<Started> => {
  const auth = nodeGuard(options)
  const listeners = new Map(
    routes.map((route) => [
      route as string,
      auth.requires(demands[route], (_request, response, caller) => {
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify(shown(caller)))
      }),
    ]),
  )
  const server = createServer((request, response) => {
    if (auth.metadata(request, response)) return
    const listener = listeners.get(`${request.method} ${request.url?.replace(/\?.*/, '')}`)
    if (listener === undefined) response.writeHead(404).end()
    else void listener(request, response)
  })
  return listen(server)
}

const startExpress = (options: GuardOptions): Promise<Started> => {
  const auth = expressGuard(options)
  const app = express()
  app.use(auth.metadata)
  for (const route of routes) {
    const [method, path = ''] = route.split(' ')
    const name = method === 'GET' ? 'get' : 'post'
    app[name](path, auth.requires(demands[route]), (request, response) => {
      response.json(shown(callerOf(request)))
    })
  }
  return listen(createServer(app))
}

/** The server's own dependency; the tests of the house have no other need of it. */
const fromServer = createRequire(join(import.meta.dirname, '../../service/server/package.json'))

interface FastifyApp {
  readonly server: Server
  register(plugin: unknown): unknown
  route(options: object): unknown
  ready(): Promise<unknown>
  listen(at: { port: number; host: string }): Promise<unknown>
  close(): Promise<unknown>
}

const startFastify = async (options: GuardOptions): Promise<Started> => {
  const auth = fastifyGuard(options)
  const fastify = fromServer('fastify') as () => FastifyApp
  const app = fastify()
  app.register(auth.metadata)
  for (const route of routes) {
    const [method, url] = route.split(' ')
    const onRequest = auth.requires(demands[route])
    app.route({
      method,
      url,
      onRequest,
      handler: async (request: object) => shown(callerOf(request)),
    })
  }
  await app.listen({ port: 0, host: '127.0.0.1' })
  return listen(app.server)
}

type FetchHandler = (request: Request, environment: object) => Response | Promise<Response>

const startFetch = async (fetch: FetchHandler) => {
  const server = serve({ fetch, port: 0, hostname: '127.0.0.1' }) as Server
  if (!server.listening) await new Promise((fulfil) => server.once('listening', fulfil))
  return listen(server)
}

const startHono = (options: GuardOptions): Promise<Started> => {
  const auth = honoGuard(options)
  const app = new Hono<CallerEnvironment>()
  app.use(auth.metadata)
  for (const route of routes) {
    const [method = '', path = ''] = route.split(' ')
    app.on(method, path, auth.requires(demands[route]), (context) =>
      context.json(shown(context.get('caller'))),
    )
  }
  return startFetch((request, environment) => app.fetch(request, environment))
}

const startWeb = (options: GuardOptions): Promise<Started> => {
  const auth = webGuard(options)
  const handlers = new Map(
    routes.map((route) => [
      route as string,
      auth.requires(demands[route], (_request, caller) => Response.json(shown(caller))),
    ]),
  )
  return startFetch((request) => {
    const handler = handlers.get(`${request.method} ${new URL(request.url).pathname}`)
    return (
      auth.metadata(request) ?? handler?.(request) ?? new Response('not found', { status: 404 })
    )
  })
}

const starts = {
  'node:http': startNode,
  'Express 5': startExpress,
  'Fastify 5': startFastify,
  'Hono 4': startHono,
  'fetch handlers': startWeb,
} as const

export type ServerKind = keyof typeof starts

export const serverKinds = Object.keys(starts) as ServerKind[]

export interface GuardedApi {
  readonly url: string
  stop(): Promise<unknown>
}

/** Starts the API behind a guard; who starts it ends it. */
export const startGuardedApi = async (
  kind: ServerKind,
  options: GuardOptions,
): Promise<GuardedApi> => {
  const { port, stop } = await starts[kind](options)
  return { url: `http://127.0.0.1:${port}`, stop }
}
