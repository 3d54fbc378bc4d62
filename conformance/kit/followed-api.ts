/** An API whose guard follows the revocations of a domain, possibly through a proxy. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { GuardOptions } from '@mintmark/guard/guard-options'
import { guard as nodeGuard } from '@mintmark/guard/node'
import { issue } from './afterlife.ts'
import type { MintmarkDomain } from './mintmark-domain.ts'
import type { Client } from './test-domain.ts'

export interface FollowedApi {
  readonly audience: string
  /** Its own client, which may introspect and is told of revocations. */
  readonly client: Client
  /** A caller that may have tokens for it. */
  readonly caller: Client
}

let counter = 0

/** An API, its own client with the role Authenticator Client, and a caller. */
export const makeFollowedApi = async (
  domain: MintmarkDomain,
  profile: 'rfc9068' | 'identity-domain' = 'rfc9068',
): Promise<FollowedApi> => {
  counter += 1
  const audience = `https://followed-${counter}.example/`
  const api = await domain.createApi({ audience, scopes: ['read'], profile, introspects: true })
  const client = api.client as Client
  const filter = encodeURIComponent('displayName eq "Authenticator Client"')
  const found = await domain.admin.call('GET', `/AppRoles?filter=${filter}`)
  const [role] = found['Resources'] as { id: string; app: { value: string } }[]
  if (role === undefined) throw new Error('there is no role Authenticator Client')
  await domain.admin.grantRole(role.app.value, role.id, client)
  const caller = await domain.createClient({ scopes: [`${audience}read`] })
  return { audience, client, caller }
}

export interface RunningApi {
  /** Status and reason that a token gets there. */
  ask(token: string): Promise<{ readonly status: number; readonly reason: string | null }>
  readonly core: ReturnType<typeof nodeGuard>['core']
  readonly troubles: readonly string[]
  stop(): Promise<void>
}

/** Serves the API over HTTP behind a guard that follows the feed. */
export const serveFollowed = async (
  domain: MintmarkDomain,
  { audience, client }: FollowedApi,
  more: Partial<GuardOptions> & { readonly feed?: string } = {},
): Promise<RunningApi> => {
  const { feed, revocations, ...rest } = more
  const troubles: string[] = []
  const auth = nodeGuard({
    issuer: domain.issuer,
    audience,
    revocations: {
      clientId: client.clientId,
      clientSecret: client.secret,
      ...(feed !== undefined && { endpoint: `${feed}/api/v1/revocations` }),
      ...revocations,
    },
    onEvent: (event) => {
      if (event.kind === 'trouble') troubles.push(event.message)
    },
    ...rest,
  })
  const serve = auth.requires(undefined, (_request, response) => {
    response.end('{}')
  })
  const server = createServer((request, response) => void serve(request, response))
  await new Promise<void>((fulfil) => server.listen(0, '127.0.0.1', fulfil))
  const { port } = server.address() as AddressInfo
  return {
    ask: async (token) => {
      const authorization = `Bearer ${token}`
      const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { authorization } })
      const body = (await answer.json()) as { readonly reason?: string }
      return { status: answer.status, reason: body.reason ?? null }
    },
    core: auth.core,
    troubles,
    stop: async () => {
      auth.core.close()
      server.closeAllConnections()
      await new Promise((fulfil) => server.close(fulfil))
    },
  }
}

/** A token of the caller for the API. */
export const tokenFor = (domain: MintmarkDomain, { audience, caller }: FollowedApi) =>
  issue(domain, caller, { scope: `${audience}read` })
