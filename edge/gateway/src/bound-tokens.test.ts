/** Tokens bound to a key, at the proxy and for a proxy that asks. */
import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { after, it } from 'node:test'
import { testIssuer } from '@mintmark/guard/testing'
import { head, sendBytes, startBench, statusOf } from './test-api.ts'

const issuer = await testIssuer()
const bench = await startBench({
  guard: { ...issuer.guardOptions, dpop: { url: 'https://api.test' } },
  forwardAuth: true,
  trustedProxies: ['127.0.0.1'],
})
after(async () => {
  await bench.close()
  await issuer.close()
})

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const { crv, kty, x, y } = publicKey.export({ format: 'jwk' })
const jkt = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
const token = issuer.token({ scope: 'orders.read', cnf: { jkt } })
const encode = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString('base64url')

const proof = (htm: string, htu: string): string => {
  const ath = createHash('sha256').update(token).digest('base64url')
  const iat = Math.floor(Date.now() / 1000)
  const header = encode({ typ: 'dpop+jwt', alg: 'ES256', jwk: { crv, kty, x, y } })
  const input = `${header}.${encode({ jti: randomUUID(), htm, htu, iat, ath })}`
  const key = { key: privateKey, dsaEncoding: 'ieee-p1363' } as const
  return `DPoP: ${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`
}

const bound = `Authorization: DPoP ${token}`
const right = () => proof('GET', 'https://api.test/orders/1')

it('a token that is bound to a key needs a proof for the very request', async () => {
  const cases: readonly [status: number, ...fields: string[]][] = [
    [200, bound, right()],
    [401, bound],
    [401, `Authorization: Bearer ${token}`],
    [401, bound, proof('POST', 'https://api.test/orders/1')],
    [401, bound, proof('GET', 'https://api.test/orders/2')],
    [401, bound, proof('GET', 'https://other.test/orders/1')],
  ]
  for (const [status, ...fields] of cases) {
    bench.seen.splice(0)
    const said = await sendBytes(bench.port, head('GET /orders/1', ...fields))
    assert.equal(statusOf(said), status, said)
    assert.equal(bench.seen.length, status === 200 ? 1 : 0)
    assert.doesNotMatch(JSON.stringify(bench.seen), /dpop/i)
  }
})

it('and so it is where a proxy asks, for what it was asked', async () => {
  const told = ['X-Original-Method: GET', 'X-Original-URI: /orders/1']
  const ask = async (...fields: string[]) =>
    statusOf(
      await sendBytes(bench.port, head('GET /.mintmark/authorize/nginx', ...told, ...fields)),
    )
  const used = right()
  assert.equal(await ask(bound, used), 200)
  assert.equal(await ask(bound, used), 401)
  assert.equal(await ask(bound, proof('GET', 'https://api.test/.mintmark/authorize/nginx')), 401)
})
