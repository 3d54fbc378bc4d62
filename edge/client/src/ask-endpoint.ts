import { ClientError } from './client-error.ts'
import { findIssuer } from './find-issuer.ts'
import { type Answer, exchange, makeConnections } from './http-exchange.ts'
import { readCredentials } from './read-credentials.ts'
import type { ClientSettings } from './read-settings.ts'
import { proveClient } from './token-request.ts'

const names = { introspection: 'introspectionEndpoint', revocation: 'revocationEndpoint' } as const

/**
 * Asks, as the client, an endpoint that its server has beside the token endpoint: introspection
 * (RFC 7662 §2.1) or revocation (RFC 7009 §2.1). One request, which is not tried again.
 * @param nowMs for assertions
 * @throws ClientError when the server is not reached, or does not say where the endpoint is
 */
export const askEndpoint = async (
  settings: ClientSettings,
  endpoint: keyof typeof names,
  parameters: Readonly<Record<string, string>>,
  nowMs: number,
): Promise<Answer> => {
  const credentials = await readCredentials(settings)
  const connections = makeConnections(credentials)
  const { timeoutMs, target } = settings
  const { signal } = new AbortController()
  const accept = 'application/json'
  const ask = (url: string): Promise<Answer> =>
    exchange(connections, { method: 'GET', url, headers: { accept }, signal, timeoutMs })
  try {
    const issuer = await findIssuer(settings, target.issuer, ask, nowMs)
    const url = issuer[names[endpoint]]
    if (url === null) {
      const message = `${issuer.issuer} publishes no ${endpoint} endpoint. Check issuer.`
      throw new ClientError('answer_unreadable', message)
    }
    const proof = await proveClient(settings, issuer, credentials, nowMs)
    const body = new URLSearchParams(parameters)
    for (const [name, value] of proof.parameters) body.append(name, value)
    const type = 'application/x-www-form-urlencoded'
    const headers = { accept, 'content-type': type, ...proof.headers }
    return await exchange(connections, {
      ...{ method: 'POST', url, headers, signal, timeoutMs },
      body: body.toString(),
    })
  } finally {
    connections.close()
  }
}
