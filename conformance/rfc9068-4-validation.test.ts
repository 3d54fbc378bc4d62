/** How an API behind the guard judges tokens of our server, and survives what happens to it. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, it } from 'node:test'
import { createGuard, type Guard } from '@mintmark/guard/guard'
import type { GuardOptions } from '@mintmark/guard/guard-options'
import { readRequirement } from '@mintmark/guard/requirement'
import { Agent, type RequestInit as UndiciInit, fetch as undiciFetch } from 'undici'
import { assertOk } from './kit/answers.ts'
import { askToken } from './kit/ask.ts'
import { compact, decode, encode, makePair, signBytes } from './kit/jwt.ts'
import { useKeyServer } from './kit/key-server.ts'
import { useMintmark } from './kit/start-domain.ts'

const domain = await useMintmark()
const anything = readRequirement(undefined)

const makeApi = async (profile: 'rfc9068' | 'identity-domain', name: string) => {
  const audience = `https://${name}.example/`
  const api = await domain.createApi({ audience, scopes: ['read'], profile, introspects: true })
  const client = await domain.createClient({ scopes: [`${audience}read`] })
  const options: GuardOptions = { issuer: domain.issuer, audience, profile }
  const issue = async (scope = `${audience}read`) =>
    assertOk(await askToken(domain, client, { scope }))
  return { api, client, audience, options, issue }
}

const modern = await makeApi('rfc9068', 'modern')
const classic = await makeApi('identity-domain', 'classic')

const reasonOf = async (guard: Guard, token: string): Promise<string> => {
  const read = await guard.checkToken(token, anything)
  return read.ok ? 'ok' : read.failure.reason
}

describe('an API looks at what a token is', () => {
  it('AT-10 typ decides, and a guard takes one profile', async () => {
    const [first, second] = [await modern.issue(), await classic.issue()]
    assert.equal(decode(first).header['typ'], 'at+jwt')
    assert.equal(decode(second).header['typ'], undefined)
    assert.equal(await reasonOf(createGuard(modern.options), first), 'ok')
    assert.equal(await reasonOf(createGuard(classic.options), second), 'ok')
    const wrong = createGuard({ ...classic.options, profile: 'rfc9068' })
    assert.equal(await reasonOf(wrong, second), 'TYPE_MISMATCH')
    const alsoWrong = createGuard({ ...modern.options, profile: 'identity-domain' })
    assert.equal(await reasonOf(alsoWrong, first), 'TYPE_MISMATCH')
  })

  it('AT-11 iss, aud, signature and exp', async () => {
    const guard = createGuard(modern.options)
    assert.equal(await reasonOf(guard, await modern.issue()), 'ok')
    const other = createGuard({ ...modern.options, audience: classic.audience })
    assert.equal(await reasonOf(other, await modern.issue()), 'AUDIENCE_MISMATCH')
    const [head = '', body = ''] = (await modern.issue()).split('.')
    assert.equal(await reasonOf(guard, `${head}.${body}.${'A'.repeat(86)}`), 'SIGNATURE_WRONG')
    const scope = `${modern.audience}read urn:opc:resource:expiry=60`
    const short = await modern.issue(scope)
    // the guard's clock stands still, so that the edges of the skew are met whatever time it takes
    const expiresMs = Number(decode(short).claims['exp']) * 1000
    let nowMs = expiresMs - 1
    const timed = createGuard({ ...modern.options, nowMs: () => nowMs })
    assert.equal(await reasonOf(timed, short), 'ok')
    nowMs = expiresMs + 29_999
    assert.equal(await reasonOf(timed, short), 'ok', 'within the skew')
    nowMs = expiresMs + 30_000
    assert.equal(await reasonOf(timed, short), 'TOKEN_EXPIRED')
    const { issuer } = modern.options
    const named = createGuard({ ...modern.options, issuer: `${issuer}/`, discoveryUrl: issuer })
    await assert.rejects(named.ready(), /No keys from the issuer/)
    assert.equal(await reasonOf(named, short), 'ISSUER_MISMATCH')
  })

  it('AT-12 keys come from the issuer alone, and nothing is fetched for a token', async () => {
    const keys = await useKeyServer()
    const guard = createGuard(modern.options)
    await guard.ready()
    const { header, claims } = decode(await modern.issue())
    const own = makePair('ES256')
    keys.serve('/jwks', { keys: [own.publicJwk] })
    const sign = (input: string) => signBytes('ES256', own.privateKey, input)
    const url = `${keys.url}/jwks`
    for (const more of [
      { jwk: own.publicJwk },
      { jku: url },
      { x5u: url },
      { jku: url, kid: url },
    ]) {
      const token = compact({ ...header, ...more }, claims, sign)
      assert.match(await reasonOf(guard, token), /^(?:SIGNATURE_WRONG|KEY_UNKNOWN)$/)
    }
    const none = `${encode({ ...header, alg: 'none' })}.${encode(claims)}.`
    assert.equal(await reasonOf(guard, none), 'ALGORITHM_REFUSED')
    assert.deepEqual(keys.calls, [])
  })

  it('BT-14 a token that lives longer than the API allows is refused', async () => {
    const strict = createGuard({ ...modern.options, lifetimeSecondsMax: 300 })
    assert.equal(await reasonOf(strict, await modern.issue()), 'LIFETIME_TOO_LONG')
    const scope = `${modern.audience}read urn:opc:resource:expiry=60`
    assert.equal(await reasonOf(strict, await modern.issue(scope)), 'ok')
  })
})

/** The issuer as the guard sees it through a window that counts, and that shows other keys. */
const useWindow = async () => {
  const seen = { calls: [] as string[], keys: null as readonly object[] | null, isUp: true }
  const server = createServer(async (request, response) => {
    seen.calls.push(request.url ?? '')
    const isKeys = request.url?.endsWith('jwks.json') === true
    const answer = await fetch(domain.url + request.url)
    const json = (await answer.json()) as Record<string, unknown>
    if (isKeys && seen.keys !== null) json['keys'] = seen.keys
    const { port } = server.address() as AddressInfo
    const jwks_uri = `http://127.0.0.1:${port}/.well-known/jwks.json`
    const shown = isKeys ? json : { ...json, jwks_uri }
    response.writeHead(seen.isUp ? 200 : 500, { 'content-type': 'application/json' })
    response.end(JSON.stringify(shown))
  })
  await new Promise<void>((fulfil) => server.listen(0, '127.0.0.1', fulfil))
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { seen, url: `http://127.0.0.1:${port}` }
}

describe('an API and the keys of its issuer', () => {
  it('AT-18 one more look for an unknown key, and not one for each token', async () => {
    const { seen, url } = await useWindow()
    seen.keys = [makePair('ES256').publicJwk]
    let nowMs = Date.now()
    const discoveryUrl = `${url}/.well-known/openid-configuration`
    const guard = createGuard({ ...modern.options, discoveryUrl, nowMs: () => nowMs })
    await guard.ready()
    assert.equal(seen.calls.length, 2)
    const token = await modern.issue()
    for (let at = 0; at < 50; at += 1) assert.equal(await reasonOf(guard, token), 'KEY_UNKNOWN')
    assert.equal(seen.calls.length, 2)
    seen.keys = null
    nowMs += 31_000
    const answers = Array.from({ length: 50 }, () => reasonOf(guard, token))
    assert.deepEqual(new Set(await Promise.all(answers)), new Set(['ok']))
    assert.equal(seen.calls.length, 3, 'the keys alone, once for all who waited')
    seen.isUp = false
    nowMs += 600_000
    assert.equal(await reasonOf(guard, token), 'ok', 'known keys are good while the issuer is away')
  })

  it('AT-12 keys over TLS come from a certificate that is believed, or not at all', async () => {
    const jwksUri = `${domain.secureUrl}/.well-known/jwks.json`
    const token = await modern.issue()
    const careful = createGuard({ ...modern.options, jwksUri })
    assert.equal(await reasonOf(careful, token), 'ISSUER_UNREACHABLE')
    await assert.rejects(careful.ready(), /certificate/)
    const dispatcher = new Agent({ connect: { ca: domain.authority } })
    after(() => dispatcher.close())
    const believing = (url: string, init: RequestInit) =>
      undiciFetch(url, {
        ...(init as unknown as UndiciInit),
        dispatcher,
      }) as unknown as Promise<Response>
    const guard = createGuard({ ...modern.options, jwksUri, fetch: believing })
    assert.equal(await reasonOf(guard, token), 'ok')
  })

  it('no keys, no answer: an issuer that never answered refuses with 503', async () => {
    const { seen, url } = await useWindow()
    seen.isUp = false
    const discoveryUrl = `${url}/.well-known/openid-configuration`
    // after the first failure it waits for a second: on a clock that no busy machine moves
    let nowMs = Date.now()
    const guard = createGuard({ ...modern.options, discoveryUrl, nowMs: () => nowMs })
    assert.equal(await reasonOf(guard, await modern.issue()), 'ISSUER_UNREACHABLE')
    const calls = seen.calls.length
    nowMs += 999
    for (let at = 0; at < 20; at += 1) await reasonOf(guard, await modern.issue())
    assert.equal(seen.calls.length, calls, 'nor is it asked again at once')
    nowMs += 1
    await reasonOf(guard, await modern.issue())
    assert.equal(seen.calls.length, calls + 1, 'but a second later')
  })
})
