import { deepEqual, equal, match } from 'node:assert/strict'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import type { GuardOptions } from '@mintmark/guard/guard-options'
import { guard } from '@mintmark/guard/node'
import { assertOk } from './kit/answers.ts'
import { askSecurely, basicOf } from './kit/ask.ts'
import { makeAuthority, makeCertificate, nameOf } from './kit/certificate.ts'
import { clientCertificate } from './kit/fixtures.ts'
import { startGuardedApi, shown as tellCaller } from './kit/guarded-api.ts'
import { type Call, send } from './kit/http.ts'
import { useMintmark } from './kit/start-domain.ts'

const domain = await useMintmark()
const audience = 'https://orders.example/'
await domain.createApi({ audience, scopes: ['orders.read'], profile: 'rfc9068' })
const client = await domain.createClient({
  scopes: [`${audience}orders.read`],
  certificateSubject: { kind: 'subject_dn', value: 'CN=worker' },
  certificateBoundTokens: true,
})
const worker = { subject: nameOf(['CN', 'worker']) }
const { shown, der } = clientCertificate(domain, worker)
const again = clientCertificate(domain, worker)
const headers = basicOf(client)
const token = assertOk(await askSecurely(domain, {}, { shown, headers }))
const base: GuardOptions = { issuer: domain.issuer, audience, allowHttp: true }

const authority = makeAuthority('API authority')
const door = makeCertificate({
  subject: nameOf(['CN', 'localhost']),
  alternatives: [{ kind: 'dns', value: 'localhost' }],
  purposes: ['serverAuth'],
  issuer: authority,
})

/** An API that ends TLS itself, and asks every caller for a certificate. */
const startSecure = async (): Promise<string> => {
  const auth = guard(base)
  const listener = auth.requires('orders.read', (_request, response, caller) => {
    response.end(JSON.stringify(tellCaller(caller)))
  })
  const server = createServer(
    { cert: door.pem, key: door.keyPem, requestCert: true, rejectUnauthorized: false },
    (request, response) => void listener(request, response),
  )
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise<void>((fulfil) => server.listen(0, '127.0.0.1', fulfil))
  return `https://localhost:${(server.address() as AddressInfo).port}`
}

const secureUrl = await startSecure()

const call = (more: Partial<Call> = {}, fields: Record<string, string> = {}) =>
  send({
    url: `${secureUrl}/orders`,
    method: 'GET',
    authority: authority.pem,
    headers: { authorization: `Bearer ${token}`, ...fields },
    ...more,
  })

const assertRefused = (answer: Awaited<ReturnType<typeof call>>) => {
  equal(answer.status, 401)
  match(String(answer.headers['www-authenticate']), /error="invalid_token"/)
}

test('MT-17 the bound token needs the very certificate, in the handshake', async () => {
  const good = await call({ shown })
  deepEqual([good.status, good.json?.['client']], [200, client.clientId])
  assertRefused(await call())
  assertRefused(await call({ shown: again.shown }))
  const field = `:${Buffer.from(der).toString('base64')}:`
  assertRefused(await call({}, { 'client-cert': field }))
  assertRefused(await call({ shown: again.shown }, { 'client-cert': field }))
})

test('MT-17 MT-23 behind a proxy the certificate is what that proxy hands on', async () => {
  const field = `:${Buffer.from(der).toString('base64')}:`
  const verdicts = async (trustedProxies: readonly string[], kind: 'node:http' | 'Hono 4') => {
    const certificates = { from: 'rfc9440', trustedProxies } as const
    const api = await startGuardedApi(kind, { ...base, certificates })
    after(() => api.stop())
    const ask = async (fields: Record<string, string>): Promise<number> => {
      const url = `${api.url}/orders`
      const headers = { authorization: `Bearer ${token}`, ...fields }
      return (await call({ url, headers })).status
    }
    const other = `:${Buffer.from(again.der).toString('base64')}:`
    return [
      await ask({ 'client-cert': field }),
      await ask({ 'client-cert': other }),
      await ask({ 'x-ssl-client-cert': encodeURIComponent(shown.cert) }),
      await ask({}),
    ]
  }
  deepEqual(await verdicts(['127.0.0.1'], 'node:http'), [200, 401, 401, 401])
  deepEqual(await verdicts(['127.0.0.1'], 'Hono 4'), [200, 401, 401, 401])
  deepEqual(await verdicts(['192.0.2.0/24'], 'node:http'), [401, 401, 401, 401])
})
