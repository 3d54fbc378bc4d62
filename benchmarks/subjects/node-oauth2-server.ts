/**
 * The library `@node-oauth/oauth2-server` behind bare node:http, everything in memory. Left to
 * itself it hands out opaque tokens, random and remembered: what it does not do is sign.
 */
import { timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import process from 'node:process'
import OAuth2Server from '@node-oauth/oauth2-server'
import { readSettings, serve } from './serve.ts'

const settings = readSettings()
const secret = Buffer.from(process.env['BENCH_CLIENT_SECRET']!)
const client: OAuth2Server.Client = { id: 'bench-client', grants: ['client_credentials'] }
const tokens = new Map<string, OAuth2Server.Token>()

const model: OAuth2Server.ClientCredentialsModel = {
  getClient: async (clientId, clientSecret) => {
    const given = Buffer.from(clientSecret ?? '')
    const isClient = clientId === client.id && given.length === secret.length
    return isClient && timingSafeEqual(given, secret) ? client : undefined
  },
  getUserFromClient: async ({ id }) => ({ id }),
  validateScope: async (_user, _client, scope) => scope ?? [],
  saveToken: async (token, ofClient, user) => {
    const saved = { ...token, client: ofClient, user }
    tokens.set(token.accessToken, saved)
    return saved
  },
  getAccessToken: async (accessToken) => tokens.get(accessToken),
}

const authorization = new OAuth2Server({ model, accessTokenLifetime: 3600 })

async function bodyOf(request: IncomingMessage): Promise<Record<string, string>> {
  let text = ''
  request.setEncoding('latin1')
  for await (const chunk of request) text += chunk
  return Object.fromEntries(new URLSearchParams(text))
}

serve(settings.processes, () =>
  createServer(async (request, response) => {
    const headers = request.headers as Record<string, string>
    const asked = { method: request.method ?? '', headers, query: {} }
    const answer = new OAuth2Server.Response({})
    const body = await bodyOf(request)
    // It has written what is wrong into the answer by the time it throws.
    await authorization.token(new OAuth2Server.Request({ ...asked, body }), answer).catch(() => {})
    const written = JSON.stringify(answer.body)
    response.writeHead(answer.status ?? 200, {
      ...answer.headers,
      'Content-Type': 'application/json;charset=UTF-8',
      'Content-Length': Buffer.byteLength(written),
    })
    response.end(written)
  }),
)
