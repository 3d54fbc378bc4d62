/**
 * node-oidc-provider as its documentation sets it up for client credentials: JWT access tokens for
 * one resource server, opaque ones for another, everything in memory, no log, no audit.
 */
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import process from 'node:process'
import Provider, { type AdapterPayload } from 'oidc-provider'
import { readSettings, serve } from './serve.ts'

const settings = readSettings()
const clientSecret = process.env['BENCH_CLIENT_SECRET']!

/** The adapter that comes with the library forgets all but 1,000 records; this one keeps them. */
class MemoryAdapter {
  readonly #records = new Map<string, AdapterPayload>()

  async upsert(id: string, payload: AdapterPayload): Promise<void> {
    this.#records.set(id, payload)
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    return this.#records.get(id)
  }

  async destroy(id: string): Promise<void> {
    this.#records.delete(id)
  }
}

function signingJwks() {
  const { privateKey } =
    settings.algorithm === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const use = { use: 'sig', kid: 'bench', alg: settings.algorithm }
  return { keys: [{ ...privateKey.export({ format: 'jwk' }), ...use }] }
}

serve(settings.processes, () => {
  const provider = new Provider('http://127.0.0.1', {
    adapter: MemoryAdapter,
    jwks: signingJwks(),
    clients: [
      {
        client_id: 'bench-client',
        client_secret: clientSecret,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        token_endpoint_auth_method: 'client_secret_basic',
        // The library insists on an algorithm it has a key for, although no ID token is ever made.
        id_token_signed_response_alg: settings.algorithm,
      },
    ],
    scopes: ['read'],
    ttl: { ClientCredentials: 3600 },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context, resource) => ({
          scope: 'read',
          audience: resource,
          accessTokenTTL: 3600,
          ...(resource.endsWith('/opaque')
            ? { accessTokenFormat: 'opaque' as const }
            : { accessTokenFormat: 'jwt' as const, jwt: { sign: { alg: settings.algorithm } } }),
        }),
      },
    },
  })
  return createServer(provider.callback())
})
