import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { introspect, issue, revoke } from './kit/afterlife.ts'
import {
  assertE400,
  assertE401,
  assertE405,
  assertInactive,
  assertNotStored,
  assertOk,
  comparable,
} from './kit/answers.ts'
import { askSecurely, askToken, basicOf, post } from './kit/ask.ts'
import { nameOf } from './kit/certificate.ts'
import { beforeItEnds } from './kit/clock.ts'
import { cAny, cBasic, clientCertificate, cPkj, makeClient, rs, rs2 } from './kit/fixtures.ts'
import { type Answer, send } from './kit/http.ts'
import {
  assertionType,
  compact,
  decode,
  encode,
  makeAssertion,
  makePair,
  signBytes,
} from './kit/jwt.ts'
import { ours, useDomain, useMintmark } from './kit/start-domain.ts'
import { type Api, type Client, introspectionPath, type TestDomain } from './kit/test-domain.ts'

const domain = await useDomain()

const callerOf = async (api: Promise<Api>): Promise<Client> => (await api).client as Client
const rs1 = (of: TestDomain = domain) => callerOf(rs(of))

/** A client of RS2 that holds nothing of RS. */
const rs2Client = async (): Promise<Client> => {
  await rs2(domain)
  return domain.createClient({ scopes: ['https://rs2.example/other:read'] })
}

const claimsOf = (answer: Answer): Readonly<Record<string, unknown>> => {
  assert.equal(answer.status, 200, answer.text)
  assert.equal(answer.json?.['active'], true, answer.text)
  return answer.json ?? {}
}

const otherLetter = (text: string, at: number): string =>
  `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`

describe('introspection requests', () => {
  it('IN-01 a form posted, with one token', async () => {
    const caller = await rs1()
    const token = await issue(domain, await cBasic(domain))
    const headers = basicOf(caller)
    assertE400(await post(domain, introspectionPath, {}, headers), 'invalid_request')
    assertE400(await post(domain, introspectionPath, { token: '' }, headers), 'invalid_request')
    const twice = [
      ['token', token],
      ['token', token],
    ] as const
    assertE400(await post(domain, introspectionPath, twice, headers), 'invalid_request')
    const url = domain.url + introspectionPath
    const json = { ...headers, 'content-type': 'application/json' }
    assertE400(
      await send({ url, headers: json, body: JSON.stringify({ token }) }),
      'invalid_request',
    )
  })

  it('IN-02 strangers learn nothing', async () => {
    const caller = await rs1()
    const token = await issue(domain, await cBasic(domain))
    const wrong = { ...caller, secret: 'wrong' }
    for (const subject of [token, 'no token']) {
      assertE401(await post(domain, introspectionPath, { token: subject }))
      assertE401(await introspect(domain, wrong, subject))
    }
    const [alive, none] = [
      await introspect(domain, wrong, token),
      await introspect(domain, wrong, 'no token'),
    ]
    assert.deepEqual(comparable(alive), comparable(none))
    // the token is no credential for asking about itself
    assertE401(
      await post(domain, introspectionPath, { token }, { authorization: `Bearer ${token}` }),
    )
  })

  it('IN-10 hints change nothing', async () => {
    const token = await issue(domain, await cBasic(domain))
    const plain = claimsOf(await introspect(domain, await rs1(), token))
    for (const hint of ['access_token', 'refresh_token', 'foo', '']) {
      const hinted = await introspect(domain, await rs1(), token, { token_type_hint: hint })
      assert.deepEqual(claimsOf(hinted), plain)
    }
  })

  it('IN-11 no GET', async () => {
    const token = await issue(domain, await cBasic(domain))
    const url = `${domain.url}${introspectionPath}?token=${token}`
    const answer = await send({ url, method: 'GET', headers: basicOf(await rs1()) })
    assertE405(answer, 'POST')
    assert.doesNotMatch(answer.text, /active/)
  })

  it('IN-12 answers are not stored', async () => {
    const caller = await rs1()
    const alive = await introspect(domain, caller, await issue(domain, await cBasic(domain)))
    claimsOf(alive)
    assertNotStored(alive)
    assertNotStored(await introspect(domain, caller, 'no token'))
    assert.equal(alive.headers.etag, undefined)
  })
})

describe('what an active token tells', () => {
  it('IN-04 active is a boolean, always there', async () => {
    const token = await issue(domain, await cBasic(domain))
    const answer = await introspect(domain, await rs1(), token)
    assert.equal(claimsOf(answer)['active'], true)
    assert.match(answer.headers['content-type'] ?? '', /^application\/json(?:;|$)/)
    assertInactive(await introspect(domain, await rs1(), 'no token'))
  })

  it('IN-05 the other members have their types and are true', async () => {
    const client = await cBasic(domain)
    const token = await issue(domain, client, { scope: 'https://rs.example/api:read' })
    const { claims } = decode(token)
    const answer = claimsOf(await introspect(domain, await rs1(), token))
    assert.equal(answer['scope'], 'api:read')
    assert.equal(answer['client_id'], client.clientId)
    assert.equal(answer['sub'], client.clientId)
    assert.equal(answer['iss'], domain.issuer)
    assert.equal(answer['aud'], 'https://rs.example/')
    assert.match(String(answer['jti']), /^[0-9a-f]{36}$/)
    for (const name of ['exp', 'iat']) assert.ok(Number.isInteger(answer[name]), name)
    for (const [name, value] of Object.entries(claims)) assert.deepEqual(answer[name], value, name)
    assert.ok(!('username' in answer))
  })

  it('IN-05 token_type is Bearer where the API has the profile of RFC 9068', async () => {
    const client = await rs2Client()
    const token = await issue(domain, client)
    assert.equal(
      claimsOf(await introspect(domain, await callerOf(rs2(domain)), token))['token_type'],
      'Bearer',
    )
  })

  it('IN-19 members of the identity domain beside the standard ones', async () => {
    const client = await cBasic(ours(domain))
    const answer = claimsOf(await introspect(domain, await rs1(), await issue(domain, client)))
    assert.equal(answer['token_type'], 'JWT')
    assert.equal(answer['sub_type'], 'client')
    assert.equal(answer['client_guid'], client.id)
    assert.equal(answer['tok_type'], 'AT')
    assert.equal(answer['gtp'], 'cc')
    assert.match(String(answer['client_tenantname']), /^idcs-[0-9a-f]{32}$/)
    assert.equal(answer['tenant'], answer['client_tenantname'])
  })

  it('IN-16 the bound certificate is shown', async () => {
    const own = ours(domain)
    const { shown, der } = clientCertificate(own, { subject: nameOf(['CN', 'bound']) })
    const certificateSubject = { kind: 'subject_dn', value: 'CN=bound' }
    const client = await makeClient(own, { certificateSubject, certificateBoundTokens: true })
    const token = assertOk(await askSecurely(own, { client_id: client.clientId }, { shown }))
    const { createHash } = await import('node:crypto')
    const thumbprint = createHash('sha256').update(der).digest('base64url')
    const answer = claimsOf(await introspect(domain, await rs1(), token))
    assert.deepEqual(answer['cnf'], { 'x5t#S256': thumbprint })
  })
})

describe('what is not alive', () => {
  it('IN-06 whatever is not alive is inactive', async () => {
    const caller = await rs1()
    const client = await cBasic(domain)
    const alive = await issue(domain, client)
    const ended = await issue(domain, client)
    assert.equal((await revoke(domain, client, ended)).status, 200)
    const { header, claims } = decode(alive)
    const foreign = makePair(String(header['alg']))
    const [first = '', second = '', third = ''] = alive.split('.')
    const sign = (head: unknown, body: unknown) =>
      compact(head, body, (input) => signBytes(foreign.alg, foreign.privateKey, input))
    const hour = 3600
    const cases: Record<string, string> = {
      'no token': 'no token',
      'three empty parts': '..',
      revoked: ended,
      'another signature': sign(header, claims),
      'another issuer': sign({ ...header, kid: foreign.kid }, { ...claims, iss: 'https://other/' }),
      'a changed signature': `${first}.${second}.${otherLetter(third, 8)}`,
      'a changed header': `${otherLetter(first, 12)}.${second}.${third}`,
      'a changed payload': `${first}.${otherLetter(second, 12)}.${third}`,
      'without signature': `${first}.${second}.`,
      'alg none': `${encode({ ...header, alg: 'none' })}.${second}.`,
      expired: sign(header, { ...claims, exp: Number(claims['iat']) - hour }),
      'not yet valid': sign(header, { ...claims, nbf: Number(claims['iat']) + hour }),
      'with a line end': `${alive}\n`,
      'with a space': ` ${alive}`,
      'twice the same': `${alive} ${alive}`,
      'a letter too much': `${alive}A`,
      'very long': 'x'.repeat(40_000),
      NUL: `${first}.${second}\u0001.${third}`,
    }
    for (const [what, token] of Object.entries(cases)) {
      await assertIsInactive(caller, token, what)
    }
    claimsOf(await introspect(domain, caller, alive))
  })

  it('IN-06 an expired token is inactive', async () => {
    const [client, caller] = [await cBasic(domain), await rs1()]
    const { token, inTime, endsMs } = await beforeItEnds(async (lifeSeconds) => {
      const scope = `urn:opc:resource:expiry=${lifeSeconds} https://rs.example/api:read`
      const token = await issue(ours(domain), client, { scope })
      const endsMs = Number(decode(token).claims['exp']) * 1000
      return { token, inTime: await introspect(domain, caller, token), endsMs }
    })
    claimsOf(inTime)
    await sleep(endsMs + 100 - Date.now())
    assertInactive(await introspect(domain, caller, token))
  })

  it('IN-07 inactive gives no reason', async () => {
    const client = await cBasic(domain)
    const caller = await rs1()
    const ended = await issue(domain, client)
    await revoke(domain, client, ended)
    const notHis = await issue(domain, await rs2Client())
    const answers: unknown[] = []
    for (const token of [ended, notHis, 'no token', otherLetter(ended, ended.length - 9)]) {
      for (let at = 0; at < 20; at += 1)
        answers.push(comparable(await introspect(domain, caller, token)))
    }
    for (const answer of answers) assert.deepEqual(answer, answers[0])
  })

  it('IN-08 a token for the administration is inactive for who may reach every API', async () => {
    const home = ours(domain)
    const client = await makeClient(domain, { trustScope: 'Account', operations: ['introspect'] })
    const token = await issue(domain, await makeClient(domain))
    claimsOf(await introspect(domain, client, token))
    assertInactive(await introspect(domain, client, home.admin.token))
  })

  it("IN-08 another API's token is inactive", async () => {
    const token = await issue(domain, await cBasic(domain))
    const rs2Caller = await callerOf(rs2(domain))
    assertInactive(await introspect(domain, rs2Caller, token))
    claimsOf(await introspect(domain, await rs1(), token))
    const forRs2 = await issue(ours(domain), await rs2Client())
    claimsOf(await introspect(domain, rs2Caller, forRs2))
    assertInactive(await introspect(domain, await rs1(), forRs2))
  })

  it('IN-13 a plain client learns only what it is allowed to', async () => {
    const client = await cBasic(domain)
    const token = await issue(domain, client)
    assertInactive(await introspect(domain, client, token))
    const own = ours(domain)
    const allowed = await makeClient(own, { operations: ['introspect'], scopes: [] })
    assertInactive(await introspect(own, allowed, token))
    const withAccess = await makeClient(own, { operations: ['introspect'] })
    const itsOwn = await issue(own, withAccess)
    claimsOf(await introspect(own, withAccess, itsOwn))
    claimsOf(await introspect(own, withAccess, token))
    assertInactive(await introspect(own, allowed, itsOwn))
  })

  it('IN-14 what is no access token is inactive', async () => {
    const signer = await cPkj(domain)
    const assertion = makeAssertion(signer, domain.issuer, signer.pair)
    const { header } = decode(await issue(domain, await cBasic(domain)))
    const unknown = makePair('RS256')
    const jwt = compact({ ...header, typ: 'JWT' }, { sub: 'x' }, (input) =>
      signBytes('RS256', unknown.privateKey, input),
    )
    const encrypted =
      'eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA'
    for (const token of [assertion, jwt, encrypted, '{"active":true}', randomUUID()]) {
      await assertIsInactive(await rs1(), token, token.slice(0, 20))
    }
    // an assertion that was asked about is still good for its one use
    const proof = { client_assertion_type: assertionType, client_assertion: assertion }
    assertOk(await post(domain, '/oauth2/v1/token', { grant_type: 'client_credentials', ...proof }))
  })

  const assertIsInactive = async (caller: Client, token: string, what: string): Promise<void> => {
    const answer = await introspect(domain, caller, token)
    assert.equal(answer.status, 200, `${what}: ${answer.text}`)
    assert.deepEqual(answer.json, { active: false }, what)
  }
})

describe('introspection looks at everything', () => {
  it('IN-09 every state is looked at: client, API, keys', async () => {
    const own = ours(domain)
    const caller = await rs1()
    const client = await makeClient(own)
    const token = await issue(own, client)
    claimsOf(await introspect(own, caller, token))
    await own.setActive(client, false)
    assertInactive(await introspect(own, caller, token))
    await own.setActive(client, true)
    // decision of the house: what ended stays ended
    assertInactive(await introspect(own, caller, token))
    claimsOf(await introspect(own, caller, await issue(own, client)))

    const deleted = await makeClient(own)
    const orphan = await issue(own, deleted)
    await own.setActive(deleted, false)
    await own.admin.call('DELETE', `/Apps/${deleted.id}`)
    assertInactive(await introspect(own, caller, orphan))

    const rotated = await makeClient(own)
    const before = await issue(own, rotated)
    await own.rotateSecret(rotated, 0)
    claimsOf(await introspect(own, caller, before))
  })

  it('IN-09 a token of an API that is gone or switched off is inactive', async () => {
    const own = ours(domain)
    const wish = { scopes: ['use'], introspects: true }
    const api = await own.createApi({ audience: 'https://gone.example/', ...wish })
    const scopes = ['https://gone.example/use']
    const asker = await makeClient(own, { operations: ['introspect'], scopes })
    const token = await issue(own, asker)
    claimsOf(await introspect(own, api.client as Client, token))
    await own.setActive({ ...(api.client as Client) }, false)
    assertE401(await introspect(own, api.client as Client, token))
    assertInactive(await introspect(own, asker, token))
  })

  it("IN-15 scope and aud are cut to the caller's own", async () => {
    const own = ours(domain)
    await rs(own)
    await rs2(own)
    const scopes = ['https://rs.example/api:read', 'https://rs2.example/other:read']
    const client = await makeClient(own, { scopes })
    const scope = `${scopes.join(' ')} urn:opc:resource:multiresourcescope`
    const answer = await askToken(own, client, { scope })
    assert.equal(answer.status, 200, answer.text)
    const responses = answer.json?.['tokenResponses'] as { access_token: string }[]
    const [first = '', second = ''] = responses.map((each) => each.access_token)
    const forRs = claimsOf(await introspect(own, await rs1(), first))
    assert.deepEqual([forRs['scope'], forRs['aud']], ['api:read', 'https://rs.example/'])
    assertInactive(await introspect(own, await rs1(), second))
    const forRs2 = claimsOf(await introspect(own, await callerOf(rs2(own)), second))
    assert.deepEqual([forRs2['scope'], forRs2['aud']], ['other:read', 'https://rs2.example/'])
  })

  it('IN-20 scanning tokens is slowed down', async () => {
    const server = await useMintmark({ exempt: false })
    const caller = await rs1(server)
    const token = await issue(server, await cAny(server))
    let at = 0
    let answer = await introspect(server, caller, 'x')
    while (answer.status === 200 && at < 1000) {
      at += 1
      answer = await introspect(
        server,
        caller,
        `${token.slice(0, -6)}${String(at).padStart(6, 'A')}`,
      )
    }
    assert.equal(answer.status, 429, `after ${at} tokens: ${answer.text}`)
    assert.ok(Number(answer.headers['retry-after']) > 0)
    // a right caller that asks about right tokens is another matter
    const other = await callerOf(rs2(server))
    assertInactive(await introspect(server, other, token))
  })
})
