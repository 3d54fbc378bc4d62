import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import { describe, it } from 'node:test'
import { introspect, issue, revoke } from './kit/afterlife.ts'
import { assertE401, assertInactive, assertNotStored } from './kit/answers.ts'
import { askWithAssertion, post } from './kit/ask.ts'
import { cBasic, rs, rs2 } from './kit/fixtures.ts'
import { type Answer, send } from './kit/http.ts'
import { decode, nowSeconds } from './kit/jwt.ts'
import { useMintmark } from './kit/start-domain.ts'
import { type Client, introspectionPath } from './kit/test-domain.ts'

const domain = await useMintmark()
const mediaType = 'application/token-introspection+jwt'
const caller = (await rs(domain)).client as Client
const token = await issue(domain, await cBasic(domain))

const ask = (text: string, accept = mediaType, by = caller): Promise<Answer> =>
  introspect(domain, by, text, {}, { accept })

const insideOf = ({ status, text, headers }: Answer): Readonly<Record<string, unknown>> => {
  assert.equal(status, 200, text)
  assert.equal(headers['content-type'], mediaType)
  return decode(text).claims
}

const get = async (path: string): Promise<Readonly<Record<string, unknown>>> =>
  (await send({ method: 'GET', url: domain.url + path })).json ?? {}

describe('signed introspection answers', () => {
  it('JI-01 only to whoever asks for one', async () => {
    insideOf(await ask(token))
    insideOf(await ask(token, `application/json;q=0.5, ${mediaType}`))
    const plain = ['*/*', 'application/json', 'application/jwt', `${mediaType};q=0`]
    for (const accept of plain) {
      const answer = await ask(token, accept)
      assert.equal(answer.headers['content-type'], 'application/json', accept)
      assert.equal(answer.json?.['active'], true)
    }
  })

  it('JI-02 the type says what it is', async () => {
    const { text } = await ask(token)
    const { header } = decode(text)
    assert.deepEqual([header['typ'], header['alg']], ['token-introspection+jwt', 'RS256'])
    const { keys } = (await get('/.well-known/jwks.json')) as { keys: { kid: string }[] }
    const jwk = keys.find(({ kid }) => kid === header['kid'])
    assert.ok(jwk)
    const [head, body, signature = ''] = text.split('.')
    const key = createPublicKey({ key: jwk as never, format: 'jwk' })
    const bytes = Buffer.from(`${head}.${body}`)
    assert.ok(verify('sha256', bytes, key, Buffer.from(signature, 'base64url')))
  })

  it('JI-03 from the issuer, to the caller, with the plain answer inside', async () => {
    const answer = await ask(token)
    assertNotStored(answer)
    const { iss, aud, iat, token_introspection: inside } = insideOf(answer)
    assert.deepEqual([iss, aud], [domain.issuer, caller.clientId])
    assert.ok(Math.abs(nowSeconds() - Number(iat)) < 10)
    assert.deepEqual(inside, (await introspect(domain, caller, token)).json)
  })

  it('JI-04 no sub and no exp beside it', async () => {
    const names = Object.keys(insideOf(await ask(token)))
    assert.deepEqual(names, ['iss', 'aud', 'iat', 'token_introspection'])
  })

  it('JI-05 inactive says nothing else', async () => {
    const ended = await issue(domain, await cBasic(domain))
    await revoke(domain, await cBasic(domain), ended)
    const stranger = (await rs2(domain)).client as Client
    const answers = [await ask(ended), await ask('x'), await ask(token, mediaType, stranger)]
    for (const answer of answers) {
      assert.deepEqual(insideOf(answer)['token_introspection'], { active: false })
    }
  })

  it('JI-06 only to callers that have proven who they are', async () => {
    const headers = { accept: mediaType }
    assertE401(await post(domain, introspectionPath, { token }, headers))
    const wrong = { ...caller, secret: 'wrong' }
    assertE401(await ask(token, mediaType, wrong))
  })

  it('JI-08 the metadata names the algorithm', async () => {
    const metadata = await get('/.well-known/oauth-authorization-server')
    assert.deepEqual(metadata['introspection_signing_alg_values_supported'], ['RS256'])
  })

  it('JI-09 is no access token and no assertion', async () => {
    const { text } = await ask(token)
    assertInactive(await introspect(domain, caller, text))
    const headers = { authorization: `Bearer ${text}` }
    const answer = await send({ method: 'GET', url: `${domain.url}/admin/v1/Apps`, headers })
    assert.equal(answer.status, 401)
    assertE401(await askWithAssertion(domain, text))
  })
})
