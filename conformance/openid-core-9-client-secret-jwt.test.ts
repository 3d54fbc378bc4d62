import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assertE401, assertOk } from './kit/answers.ts'
import { askWithAssertion } from './kit/ask.ts'
import { cBasic, cPkj, cSjwt, makeClient } from './kit/fixtures.ts'
import { assertionClaims, compact, macBytes, makeAssertion, makePair } from './kit/jwt.ts'
import { ours, useDomain } from './kit/start-domain.ts'
import type { Client } from './kit/test-domain.ts'

const domain = await useDomain()
const client = await cPkj(domain)

describe('client_secret_jwt', () => {
  const mac = (alg: string, secret: string, of: Pick<Client, 'clientId'>): string =>
    compact({ alg, typ: 'JWT' }, assertionClaims(of.clientId, domain.issuer), (input) =>
      macBytes(alg, secret, input),
    )

  it('JA-20 client_secret_jwt, apart from private_key_jwt', async () => {
    const sharer = await cSjwt(domain)
    for (const alg of ['HS256', 'HS384']) {
      assertOk(await askWithAssertion(domain, mac(alg, sharer.secret, sharer)))
    }
    assertE401(await askWithAssertion(domain, mac('HS256', `${sharer.secret}x`, sharer)))
    assertE401(await askWithAssertion(domain, mac('HS256', '', sharer)))
    const pair = makePair('RS256')
    assertE401(await askWithAssertion(domain, makeAssertion(sharer, domain.issuer, pair)))
  })

  it('JA-20 a public key is no secret to share', async () => {
    const { createPublicKey } = await import('node:crypto')
    for (const pair of Object.values(client.pairs)) {
      const publicKey = createPublicKey(pair.privateKey)
      const secrets = [
        publicKey.export({ type: 'spki', format: 'pem' }) as string,
        publicKey.export({ type: 'spki', format: 'der' }).toString('latin1'),
        JSON.stringify(pair.publicJwk),
        String(pair.publicJwk['n'] ?? pair.publicJwk['x']),
      ]
      for (const secret of secrets) {
        const assertion = compact(
          { alg: 'HS256', kid: pair.kid },
          assertionClaims(client.clientId, domain.issuer),
          (input) => macBytes('HS256', secret, input),
        )
        assertE401(await askWithAssertion(domain, assertion))
      }
    }
  })

  it('JA-20 a secret of another method is not shared for this one', async () => {
    const basicOnly = await cBasic(domain)
    assertE401(await askWithAssertion(domain, mac('HS256', basicOnly.secret, basicOnly)))
  })

  it('JA-20 a secret shorter than the hash is not registered for it', async () => {
    const own = ours(domain)
    const wish = { methods: ['client_secret_jwt'] as const, secret: 'x'.repeat(31) }
    await assert.rejects(() => makeClient(own, wish), /400/)
  })
})
