import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { createGuard } from './guard.ts'
import { readRequirement } from './requirement.ts'
import { testIssuer } from './testing.ts'
import { guard } from './web.ts'

const anything = readRequirement(undefined)

describe('the issuer for tests', () => {
  it('signs what jose verifies too, over HTTP', async (test) => {
    for (const profile of ['rfc9068', 'identity-domain'] as const) {
      const issuer = await testIssuer({ http: true, profile })
      test.after(() => issuer.close())
      const keys = createRemoteJWKSet(new URL(`${issuer.issuer}/jwks`))
      const { payload } = await jwtVerify(issuer.token({ scope: 'a' }), keys, {
        issuer: issuer.issuer,
        audience: issuer.audience,
      })
      assert.equal(payload['scope'], 'a')
      const { fetch: _, ...options } = issuer.guardOptions
      const read = await createGuard(options).checkToken(issuer.token(), anything)
      assert.ok(read.ok)
    }
  })

  it('needs no port, and reaches nobody else', async () => {
    const issuer = await testIssuer({ audience: 'https://api.example/orders' })
    const auth = guard(issuer.guardOptions)
    const orders = auth.requires('orders.read', (_request, { clientId }) => new Response(clientId))
    const ask = (token: string) =>
      orders(new Request('https://api.example/', { headers: { authorization: `Bearer ${token}` } }))
    const answer = await ask(issuer.token({ scope: 'orders.read', client_id: 'c' }))
    assert.deepEqual([answer.status, await answer.text()], [200, 'c'])
    assert.equal((await ask(issuer.token())).status, 403)
    assert.equal((await ask(issuer.token({ exp: 1 }))).status, 401)
    await assert.rejects(issuer.guardOptions.fetch('https://elsewhere.test/', {}))
  })

  it('answers questions about its tokens, to who knows the secret', async () => {
    const issuer = await testIssuer()
    const { introspection } = issuer
    const options = {
      ...issuer.guardOptions,
      introspection: { ...introspection, maxAgeSeconds: 0 },
    }
    const asking = createGuard(options)
    const token = issuer.token()
    assert.ok((await asking.checkToken(token, anything)).ok)
    issuer.revoke(token)
    const ended = await asking.checkToken(token, anything)
    assert.equal(ended.ok ? '' : ended.failure.reason, 'TOKEN_INACTIVE')
    const wrong = { ...introspection, clientSecret: 'wrong' }
    const stranger = createGuard({ ...issuer.guardOptions, introspection: wrong })
    const refused = await stranger.checkToken(issuer.token(), anything)
    assert.equal(refused.ok ? '' : refused.failure.reason, 'INTROSPECTION_UNREACHABLE')
  })

  it('tells of what it revokes, inside the process and over HTTP, before and after', async () => {
    for (const [http, profile] of [
      [false, 'rfc9068'],
      [true, 'identity-domain'],
    ] as const) {
      const issuer = await testIssuer({ http, profile })
      const [early, late, kept] = [issuer.token(), issuer.token(), issuer.token()]
      issuer.revoke(early)
      const { guardOptions, revocations } = issuer
      const following = createGuard({ ...guardOptions, revocations })
      const reasonOf = async (token: string) => {
        const read = await following.checkToken(token, anything)
        return read.ok ? '' : read.failure.reason
      }
      await following.ready()
      assert.deepEqual([await reasonOf(early), await reasonOf(late)], ['TOKEN_REVOKED', ''])
      issuer.revoke(late)
      const endMs = Date.now() + 5000
      while ((await reasonOf(late)) === '') {
        assert.ok(Date.now() < endMs, 'it is told')
        await new Promise((fulfil) => setTimeout(fulfil, 2))
      }
      assert.deepEqual([await reasonOf(late), await reasonOf(kept)], ['TOKEN_REVOKED', ''])
      assert.equal(following.status().revocations?.snapshots, 1, 'it was told, not read again')
      following.close()
      const wrong = { ...revocations, clientSecret: 'wrong' }
      const stranger = createGuard({ ...guardOptions, revocations: wrong, timeoutMs: 200 })
      await assert.rejects(stranger.ready())
      stranger.close()
      await issuer.close()
    }
  })
})
