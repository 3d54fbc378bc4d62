import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { assertE400, assertOk } from './kit/answers.ts'
import { askToken } from './kit/ask.ts'
import { cBasic, cNoCC, makeClient, rs2, rs2Audience, rsScopes } from './kit/fixtures.ts'
import { decode } from './kit/jwt.ts'
import { ours, useDomain } from './kit/start-domain.ts'

const domain = await useDomain()

test('CC-16 a client without the grant type: unauthorized_client', async () => {
  assertE400(await askToken(domain, await cNoCC(domain)), 'unauthorized_client')
})

for (const grant of [
  'password',
  'implicit',
  'authorization_code',
  'refresh_token',
  'foo',
  '__proto__',
]) {
  test(`CC-17 ${grant} is no grant type here`, async () => {
    const answer = await askToken(domain, await cBasic(domain), {
      grant_type: grant,
      username: 'someone',
      password: 'something',
      code: 'x',
      refresh_token: 'x',
    })
    assertE400(answer, 'unsupported_grant_type')
  })
}

/** Bits that a position carries, estimated from what was seen there. */
const bitsAt = (texts: readonly string[], at: number): number => {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text[at] ?? '', (counts.get(text[at] ?? '') ?? 0) + 1)
  let bits = 0
  for (const count of counts.values())
    bits -= (count / texts.length) * Math.log2(count / texts.length)
  return bits
}

test('CC-18 token ids do not repeat and hold at least 96 random bits', async () => {
  await rs2(domain)
  const client = await domain.createClient({ scopes: [`${rs2Audience}other:read`] })
  const ids: string[] = []
  const askMany = async () => {
    for (let count = 0; count < 250; count += 1) {
      const token = assertOk(await askToken(domain, client, { resource: rs2Audience }))
      ids.push(String(decode(token).claims['jti']))
    }
  }
  await Promise.all(Array.from({ length: 8 }, askMany))
  equal(new Set(ids).size, 2000)
  const length = ids[0]?.length ?? 0
  let bits = 0
  for (let at = 0; at < length; at += 1) bits += bitsAt(ids, at)
  ok(bits >= 96, `about ${bits.toFixed(0)} bits`)
})

test('CC-21 audience and scope in one string', async () => {
  const client = await cBasic(domain)
  const answer = await askToken(domain, client, { scope: rsScopes[0] })
  const { aud, scope } = decode(assertOk(answer)).claims
  equal(aud, 'https://rs.example/')
  equal(scope, 'api:read')
  deepEqual(Object.keys(answer.json ?? {}), ['access_token', 'token_type', 'expires_in'])
})

test('CC-21 an audience with a port, and consumer::all behind it', async () => {
  const audience = 'https://0a1b2c.integration.region.example:443'
  const all = 'urn:opc:resource:consumer::all'
  await ours(domain).createApi({ audience, scopes: [all] })
  const client = await domain.createClient({ scopes: [audience + all] })
  const { claims } = decode(assertOk(await askToken(domain, client, { scope: audience + all })))
  equal(claims['aud'], audience)
  equal(claims['scope'], all)
  assertE400(await askToken(domain, client, { scope: `${audience}/${all}` }), 'invalid_scope')
  const short = audience.slice(0, -4)
  assertE400(await askToken(domain, client, { scope: short + all }), 'invalid_scope')
})

for (const myScopes of ['urn:opc:idm:__myscopes__', 'urn:opc:idm:_myscopes_']) {
  test(`CC-21 ${myScopes} is what the roles of the domain confer`, async () => {
    const { admin, url } = ours(domain)
    const client = await makeClient(domain)
    assertE400(await askToken(domain, client, { scope: myScopes }), 'invalid_scope')
    const filter = encodeURIComponent('app.value eq "IDCSAppId" and displayName eq "Me"')
    const found = await admin.call('GET', `/AppRoles?filter=${filter}`)
    const [me] = found['Resources'] as readonly { readonly id: string }[]
    await admin.grantRole('IDCSAppId', String(me?.id), client)
    const answer = await askToken(domain, client, { scope: myScopes })
    const { aud, scope } = decode(assertOk(answer)).claims
    ok((aud as readonly string[]).includes(url), JSON.stringify(aud))
    equal(scope, 'urn:opc:idm:t.user.me')
    equal(answer.json?.['scope'], scope)
  })
}
