import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { introspect, issue, revoke } from './kit/afterlife.ts'
import {
  assertE400,
  assertE401,
  assertE405,
  assertInactive,
  assertNotStored,
} from './kit/answers.ts'
import { basicOf, post } from './kit/ask.ts'
import { cBasic, cPkj, cPost, makeClient, rs } from './kit/fixtures.ts'
import { type Answer, send } from './kit/http.ts'
import { assertionType, compact, decode, makeAssertion, nowSeconds } from './kit/jwt.ts'
import { type MintmarkDomain, noDataFile } from './kit/mintmark-domain.ts'
import { ours, useDomain, useMintmark } from './kit/start-domain.ts'
import { askStored } from './kit/stored-rows.ts'
import { type Client, revocationPath, type TestDomain } from './kit/test-domain.ts'
import { withRestarts } from './kit/with-restarts.ts'

const domain = await useDomain()

/** RFC 7009 §2.2: 200, and nothing in the body. */
const assertRevoked = (answer: Answer): void => {
  assert.equal(answer.status, 200, answer.text)
  assert.equal(answer.text, '')
  assertNotStored(answer)
}

/** The API of RS as a caller of introspection. */
const api = async (of: TestDomain): Promise<Client> => (await rs(of)).client as Client

const isActive = async (of: TestDomain, token: string): Promise<boolean> => {
  const answer = await introspect(of, await api(of), token)
  assert.equal(answer.status, 200, answer.text)
  return answer.json?.['active'] === true
}

describe('revocation requests', () => {
  it('RV-01 a form posted, with a token', async () => {
    const headers = basicOf(await cBasic(domain))
    assertE400(await post(domain, revocationPath, {}, headers), 'invalid_request')
    assertE400(await post(domain, revocationPath, { token: '' }, headers), 'invalid_request')
    const url = `${domain.url}${revocationPath}`
    assertE405(await send({ url: `${url}?token=x`, method: 'GET', headers }), 'POST')
    const token = await issue(domain, await cBasic(domain))
    const json = { ...headers, 'content-type': 'application/json' }
    assertE400(
      await send({ url, headers: json, body: JSON.stringify({ token }) }),
      'invalid_request',
    )
    assert.ok(await isActive(domain, token))
  })

  it('RV-02 clients prove themselves as for a token', async () => {
    const client = await cBasic(domain)
    const token = await issue(domain, client)
    assertE401(await post(domain, revocationPath, { token }))
    assertE401(await revoke(domain, { ...client, secret: 'wrong' }, token))
    assertE401(await revoke(domain, { clientId: randomUUID(), secret: 'wrong' }, token))
    assertE401(await post(domain, revocationPath, { token, client_id: client.clientId }))
    assert.ok(await isActive(domain, token), 'a stranger ended the token')
  })

  it('RV-02 the body and an assertion prove a client here as well', async () => {
    const inBody = await cPost(domain)
    const body = { client_id: inBody.clientId, client_secret: inBody.secret }
    const grant = { grant_type: 'client_credentials' }
    const issued = await post(domain, '/oauth2/v1/token', { ...grant, ...body })
    const token = String(issued.json?.['access_token'])
    assertRevoked(await post(domain, revocationPath, { token, ...body }))
    assert.equal(await isActive(domain, token), false)
    const signer = await cPkj(domain)
    const proof = () => ({
      client_assertion_type: assertionType,
      client_assertion: makeAssertion(signer, domain.issuer, signer.pair),
    })
    const signed = await post(domain, '/oauth2/v1/token', { ...grant, ...proof() })
    const second = String(signed.json?.['access_token'])
    assert.ok(await isActive(domain, second))
    assertRevoked(await post(domain, revocationPath, { token: second, ...proof() }))
    assert.equal(await isActive(domain, second), false)
  })

  it('RV-11 token comes once', async () => {
    const client = await cBasic(domain)
    const token = await issue(domain, client)
    const twice = [
      ['token', token],
      ['token', token],
    ] as const
    assertE400(await post(domain, revocationPath, twice, basicOf(client)), 'invalid_request')
    assert.ok(await isActive(domain, token))
  })

  it('RV-12 no JSONP', async () => {
    const client = await cBasic(domain)
    const token = await issue(domain, client)
    assertRevoked(await revoke(domain, client, token, { callback: 'package.callback' }))
    assert.equal(await isActive(domain, token), false)
  })

  it('RV-13 metadata says what is so', async () => {
    const url = `${domain.url}/.well-known/oauth-authorization-server`
    const metadata = (await send({ url, method: 'GET' })).json ?? {}
    assert.equal(metadata['revocation_endpoint'], domain.url + revocationPath)
    const methods = metadata['revocation_endpoint_auth_methods_supported']
    assert.deepEqual(methods, metadata['token_endpoint_auth_methods_supported'])
    const algorithms = metadata['revocation_endpoint_auth_signing_alg_values_supported']
    assert.ok(
      Array.isArray(algorithms) && algorithms.includes('RS256') && !algorithms.includes('none'),
    )
  })
})

describe('what revocation does', () => {
  it('RV-03 an own token ends at once', async () => {
    const client = await cBasic(domain)
    const [token, other] = [await issue(domain, client), await issue(domain, client)]
    assert.ok(await isActive(domain, token))
    assertRevoked(await revoke(domain, client, token))
    assertInactive(await introspect(domain, await api(domain), token))
    assert.ok(await isActive(domain, other), 'another token of the client ended too')
  })

  it('RV-04 a token that is none is a success', async () => {
    const client = await cBasic(domain)
    const ended = await issue(domain, client)
    assertRevoked(await revoke(domain, client, ended))
    const forged = compact({ alg: 'ES256', kid: 'x' }, { jti: 'x' }, () => Buffer.alloc(64))
    for (const token of [
      ended,
      'no token at all',
      'a.b.c',
      forged,
      '\u{1f511}',
      'x'.repeat(9000),
    ]) {
      assertRevoked(await revoke(domain, client, token))
    }
  })

  it('RV-04 an expired token is a success', async () => {
    const client = await cBasic(domain)
    const expiring = `urn:opc:resource:expiry=1 https://rs.example/api:read`
    const token = await issue(ours(domain), client, { scope: expiring })
    await new Promise((fulfil) => setTimeout(fulfil, 2000))
    assert.equal(await isActive(domain, token), false)
    assertRevoked(await revoke(domain, client, token))
    // whoever asks about another's token learns nothing from its being over
    assertRevoked(await revoke(domain, await cPkjWithSecret(), token))
  })

  it("RV-05 another client's token stays alive", async () => {
    const token = await issue(domain, await cBasic(domain))
    const answer = await revoke(domain, await cPkjWithSecret(), token)
    assertE400(answer, 'invalid_grant')
    assert.ok(await isActive(domain, token))
  })

  it('RV-05 the API a token is for cannot end it', async () => {
    const token = await issue(domain, await cBasic(domain))
    assertE400(await revoke(domain, await api(domain), token), 'invalid_grant')
    assert.ok(await isActive(domain, token))
  })

  it('RV-06 a wrong hint stops nothing', async () => {
    const client = await cBasic(domain)
    const token = await issue(domain, client)
    assertRevoked(await revoke(domain, client, token, { token_type_hint: 'refresh_token' }))
    assert.equal(await isActive(domain, token), false)
  })

  it('RV-07 an unknown hint stops nothing', async () => {
    const client = await cBasic(domain)
    for (const hint of ['foo', '', 'access_token']) {
      const token = await issue(domain, client)
      assertRevoked(await revoke(domain, client, token, { token_type_hint: hint }))
      assert.equal(await isActive(domain, token), false, `with hint '${hint}'`)
    }
  })

  it('RV-08 a JWT can be revoked like any token', async () => {
    const client = await cBasic(domain)
    const token = await issue(domain, client)
    assert.equal(token.split('.').length, 3)
    const answer = await revoke(domain, client, token)
    assert.notEqual(answer.json?.['error'], 'unsupported_token_type')
    assertRevoked(answer)
  })

  it('all tokens of a client end with all_tokens=true, and later ones live', async () => {
    const own = ours(domain)
    const client = await makeClient(own)
    const tokens = [await issue(own, client), await issue(own, client)]
    const other = await issue(own, await cBasic(own))
    const headers = basicOf(client)
    assertE400(await post(own, revocationPath, { all_tokens: 'false' }, headers), 'invalid_request')
    assertRevoked(await post(own, revocationPath, { all_tokens: 'true' }, headers))
    for (const token of tokens) assert.equal(await isActive(own, token), false)
    assert.ok(await isActive(own, other))
    assert.ok(await isActive(own, await issue(own, client)))
  })

  it('an end stays for as long as the longest token that was issued, and no longer', async () => {
    const own = await useMintmark()
    const client = await makeClient(own)
    const expiries: number[] = []
    for (const seconds of [60, 7_200, 600]) {
      const scope = `urn:opc:resource:expiry=${seconds} https://rs.example/api:read`
      expiries.push(Number(decode(await issue(own, client, { scope })).claims['exp']))
    }
    const longest = Math.max(...expiries)
    assert.ok(longest > nowSeconds() + 3_600, 'longer than is usual')
    assertRevoked(await post(own, revocationPath, { all_tokens: 'true' }, basicOf(client)))
    for (const table of ['revocation', 'revocation_entry']) {
      const rows = await askStored(own, `SELECT expires_at_ms FROM ${table}`)
      const until = rows.map((row) => Number(row['expires_at_ms']))
      assert.deepEqual(until, [longest * 1000], table)
    }
  })
})

/** Another client of RS, which also holds a secret. */
const cPkjWithSecret = (): Promise<Client> => makeClient(domain)

/** Half-kilobytes that the largest file of its data has, and some to start with. */
const blocksInUse = async ({ dataDirectory }: MintmarkDomain): Promise<number> => {
  // not the reserve for a full disk, which is larger, and made some seconds after a start
  const names = (await readdir(dataDirectory)).filter((name) => name !== 'reserve')
  const sizes = await Promise.all(names.map((name) => stat(join(dataDirectory, name))))
  return Math.ceil(Math.max(...sizes.map(({ size }) => size)) / 512) + 256
}

const assertUnavailable = (answer: Answer): void => {
  assert.equal(answer.status, 503, answer.text)
  assert.ok(Number(answer.headers['retry-after']) > 0)
  assert.equal(answer.json?.['error'], 'temporarily_unavailable')
}

/** Asks until the disk is full. */
const untilUnavailable = async (act: () => Promise<Answer>): Promise<void> => {
  for (let at = 0; at < 2000; at += 1) {
    const answer = await act()
    if (answer.status !== 200) return assertUnavailable(answer)
  }
  assert.fail('the disk never was full')
}

describe('revocation holds', () => {
  it('RV-10 ended everywhere, and after a restart', () =>
    withRestarts({ environment: { MINTMARK_WORKERS: '2' } }, async (server, restart) => {
      const client = await makeClient(server)
      const caller = await api(server)
      const tokens: string[] = []
      for (let at = 0; at < 6; at += 1) {
        const token = await issue(server, client)
        tokens.push(token)
        assert.ok(await isActive(server, token))
        assertRevoked(await revoke(server, client, token))
        // each connection may be taken by either worker
        const close = { connection: 'close' }
        const asked = Array.from({ length: 8 }, () => introspect(server, caller, token, {}, close))
        for (const answer of await Promise.all(asked)) assertInactive(answer)
      }
      const again = await restart({ signal: 'SIGKILL' })
      for (const token of tokens) assertInactive(await introspect(again, caller, token))
      assert.equal(
        (await introspect(again, caller, await issue(again, client))).json?.['active'],
        true,
      )
    }))

  it('RV-09 503 means: still alive', { skip: noDataFile }, () =>
    withRestarts({}, async (server, restart) => {
      const client = await makeClient(server)
      const caller = await api(server)
      const token = await issue(server, client)
      assert.ok(await isActive(server, token))
      const full = await restart({ fileBlocksMax: await blocksInUse(server) })
      await untilUnavailable(() => revoke(full, client, 'not a token'))
      assertUnavailable(await revoke(full, client, token))
      const again = await restart({ fileBlocksMax: 10_000_000 })
      assert.equal((await introspect(again, caller, token)).json?.['active'], true)
      assertRevoked(await revoke(again, client, token))
      assertInactive(await introspect(again, caller, token))
    }),
  )

  it('RV-14 guessing tokens is slowed down', async () => {
    const server = await useMintmark({ exempt: false })
    const client = await makeClient(server)
    const mine = await issue(server, client)
    let refused: Answer | null = null
    for (let at = 0; at < 1000 && refused === null; at += 1) {
      const answer = await revoke(
        server,
        client,
        `${mine.slice(0, -6)}${String(at).padStart(6, 'A')}`,
      )
      if (answer.status === 200) continue
      assert.equal(answer.status, 429, answer.text)
      refused = answer
    }
    assert.ok(refused !== null, 'a thousand guesses and none was refused')
    assert.ok(Number(refused.headers['retry-after']) > 0)
    assert.equal(refused.json?.['error'], 'temporarily_unavailable')
  })
})
