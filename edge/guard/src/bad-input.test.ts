import assert from 'node:assert/strict'
import { createHmac, createPublicKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { describe, it } from 'node:test'
import { createGuard } from './guard.ts'
import type { GuardReason } from './guard-refusal.ts'
import { readRequirement } from './requirement.ts'
import { type TestIssuer, testIssuer } from './testing.ts'
import type { TokenProfileName } from './token-profile.ts'

const anything = readRequirement(undefined)
const now = () => Math.floor(Date.now() / 1000)
const encode = (part: unknown): string =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')

const requestOf = (token: string) => ({
  method: 'GET',
  url: '/',
  fields: (name: string) => (name === 'authorization' ? [`Bearer ${token}`] : []),
  raw: null,
})

const resign = (token: string, header: object, claims: unknown): string => {
  const [, payload = ''] = token.split('.')
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const body = claims === undefined ? payload : encode(claims)
  const input = `${encode(header)}.${body}`
  const signature = sign('sha256', Buffer.from(input), {
    key: privateKey,
    dsaEncoding: 'ieee-p1363',
  })
  return `${input}.${signature.toString('base64url')}`
}

type Case = readonly [what: string, expected: GuardReason, token: string]

const headerOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.', 1)[0] ?? '', 'base64url').toString())

/** Forms and headers that no signature is looked at for. */
const formCases = (issuer: TestIssuer): readonly Case[] => {
  const good = issuer.token()
  const [head = '', body = '', signature = ''] = good.split('.')
  const header = headerOf(good)
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString())
  const twice = (text: string, name: string) =>
    encode(JSON.stringify(JSON.parse(text)).replace('{', `{"${name}":"x",`))
  const headText = Buffer.from(head, 'base64url').toString()
  const bodyText = Buffer.from(body, 'base64url').toString()
  return [
    ['two segments', 'TOKEN_MALFORMED', `${head}.${body}`],
    ['four segments', 'TOKEN_MALFORMED', `${good}.${signature}`],
    ['five segments, as a JWE has', 'TOKEN_MALFORMED', `${head}..${body}.${body}.${signature}`],
    ['no JSON', 'TOKEN_MALFORMED', `${encode('{')}.${body}.${signature}`],
    ['a list of claims', 'TOKEN_MALFORMED', `${head}.${encode([claims])}.${signature}`],
    ['alg twice', 'TOKEN_MALFORMED', `${twice(headText, 'alg')}.${body}.${signature}`],
    ['sub twice', 'TOKEN_MALFORMED', `${head}.${twice(bodyText, 'sub')}.${signature}`],
    ['1e400', 'TOKEN_MALFORMED', `${head}.${encode('{"exp":1e400}')}.${signature}`],
    ['crit', 'TOKEN_MALFORMED', issuer.token({}, { crit: ['exp'], exp: 1 })],
    ['crit empty', 'TOKEN_MALFORMED', issuer.token({}, { crit: [] })],
    ['b64', 'TOKEN_MALFORMED', issuer.token({}, { b64: false, crit: ['b64'] })],
    ['b64 alone', 'TOKEN_MALFORMED', issuer.token({}, { b64: true })],
    ['1 MB', 'TOKEN_TOO_LONG', `${head}.${'A'.repeat(1_000_000)}.${signature}`],
    ['1 MB of claims, signed', 'TOKEN_TOO_LONG', issuer.token({ x: 'x'.repeat(1_000_000) })],
    ['alg none', 'ALGORITHM_REFUSED', `${encode({ ...header, alg: 'none' })}.${body}.`],
    ['alg nOnE', 'ALGORITHM_REFUSED', issuer.token({}, { alg: 'nOnE' })],
    ['alg with a space', 'ALGORITHM_REFUSED', issuer.token({}, { alg: `${header['alg']} ` })],
    ['alg in small letters', 'ALGORITHM_REFUSED', issuer.token({}, { alg: 'es256' })],
    ['no alg', 'ALGORITHM_REFUSED', issuer.token({}, { alg: undefined })],
    ['alg a list', 'ALGORITHM_REFUSED', issuer.token({}, { alg: [header['alg']] })],
    ['typ dpop+jwt', 'TYPE_MISMATCH', issuer.token({}, { typ: 'dpop+jwt' })],
    ['typ JWT', 'TYPE_MISMATCH', issuer.token({}, { typ: 'JWT' })],
    ['typ a number', 'TYPE_MISMATCH', issuer.token({}, { typ: 1 })],
    ['kid a number', 'KEY_UNKNOWN', issuer.token({}, { kid: 1 })],
    ['kid of 1000', 'KEY_UNKNOWN', issuer.token({}, { kid: 'k'.repeat(1000) })],
  ]
}

/** The public key as an HMAC secret: the oldest trick (RFC 8725 §2.1). */
const macToken = async (issuer: TestIssuer, jwk: object): Promise<string> => {
  const good = issuer.token()
  const input = `${encode({ ...headerOf(good), alg: 'HS256' })}.${good.split('.')[1]}`
  const pem = createPublicKey({ key: jwk as never, format: 'jwk' }).export({
    type: 'spki',
    format: 'pem',
  })
  return `${input}.${createHmac('sha256', pem).update(input).digest('base64url')}`
}

const foreignCases = (issuer: TestIssuer): readonly Case[] => {
  const good = issuer.token()
  const header = headerOf(good)
  const own = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const jwk = own.publicKey.export({ format: 'jwk' })
  const strange = { ...header, kid: randomUUID() }
  const notOurs = { iss: 'https://issuer.test', aud: 'https://other', exp: now() + 60 }
  const cases: readonly Case[] = [
    ['another signature', 'SIGNATURE_WRONG', resign(good, header, undefined)],
    ['no signature', 'SIGNATURE_WRONG', good.replace(/[^.]*$/, '')],
    ['zeros', 'SIGNATURE_WRONG', good.replace(/[^.]*$/, 'A'.repeat(86))],
    ['an embedded jwk', 'SIGNATURE_WRONG', resign(good, { ...header, jwk }, undefined)],
    ['an unknown kid for another API', 'KEY_UNKNOWN', resign(good, strange, notOurs)],
    ['kid a path', 'KEY_UNKNOWN', resign(good, { ...header, kid: '../../dev/null' }, notOurs)],
  ]
  const references = ['jku', 'x5u'].map((name): Case => {
    const where = { ...header, [name]: `${issuer.issuer}/evil` }
    return [name, 'SIGNATURE_WRONG', resign(good, where, undefined)]
  })
  return [...cases, ...references]
}

/** Claims that are signed rightly and wrong all the same. */
const claimCases = (issuer: TestIssuer): readonly Case[] => {
  const t = (claims: object) => issuer.token({ ...claims })
  const malformed: readonly Case[] = [
    ['no exp', 'CLAIM_MALFORMED', t({ exp: undefined })],
    ['exp a text', 'CLAIM_MALFORMED', t({ exp: String(now() + 60) })],
    ['exp a list', 'CLAIM_MALFORMED', t({ exp: [now() + 60] })],
    ['exp negative', 'CLAIM_MALFORMED', t({ exp: -1 })],
    ['exp null', 'CLAIM_MALFORMED', t({ exp: null })],
    ['no iat', 'CLAIM_MALFORMED', t({ iat: undefined })],
    ['iat a text', 'CLAIM_MALFORMED', t({ iat: '1' })],
    ['nbf a text', 'CLAIM_MALFORMED', t({ nbf: '1' })],
    ['no iss', 'CLAIM_MALFORMED', t({ iss: undefined })],
    ['iss a list', 'CLAIM_MALFORMED', t({ iss: [issuer.issuer] })],
    ['no sub', 'CLAIM_MALFORMED', t({ sub: undefined })],
    ['no client_id', 'CLAIM_MALFORMED', t({ client_id: undefined })],
    ['no jti', 'CLAIM_MALFORMED', t({ jti: undefined })],
    ['no aud', 'CLAIM_MALFORMED', t({ aud: undefined })],
    ['aud a number', 'CLAIM_MALFORMED', t({ aud: 1 })],
    ['aud an object', 'CLAIM_MALFORMED', t({ aud: { [issuer.audience]: true } })],
    ['aud with a number', 'CLAIM_MALFORMED', t({ aud: [issuer.audience, 1] })],
    ['scope a list', 'CLAIM_MALFORMED', t({ scope: ['orders.read'] })],
    ['cnf a text', 'CLAIM_MALFORMED', t({ cnf: 'x' })],
  ]
  return [
    ...malformed,
    ['iss with a slash more', 'ISSUER_MISMATCH', t({ iss: `${issuer.issuer}/` })],
    ['another iss', 'ISSUER_MISMATCH', t({ iss: 'https://evil.test' })],
    ['another aud', 'AUDIENCE_MISMATCH', t({ aud: 'https://other.test' })],
    ['aud with a slash more', 'AUDIENCE_MISMATCH', t({ aud: `${issuer.audience}/` })],
    ['a longer aud', 'AUDIENCE_MISMATCH', t({ aud: `${issuer.audience}.evil` })],
    ['aud empty', 'AUDIENCE_MISMATCH', t({ aud: [] })],
    ['expired', 'TOKEN_EXPIRED', t({ exp: now() - 31 })],
    ['exp 0', 'TOKEN_EXPIRED', t({ exp: 0 })],
    ['iat in the future', 'TOKEN_NOT_YET_VALID', t({ iat: now() + 40, exp: now() + 90 })],
    ['iat in milliseconds', 'TOKEN_NOT_YET_VALID', t({ iat: Date.now() })],
    ['nbf in the future', 'TOKEN_NOT_YET_VALID', t({ nbf: now() + 40 })],
    ['the subject a user', 'SUBJECT_NOT_A_CLIENT', t({ sub_type: 'user' })],
    ['a bound token', 'SENDER_UNPROVEN', t({ cnf: { 'x5t#S256': 'A' } })],
    ['a token bound to nothing', 'SENDER_UNPROVEN', t({ cnf: {} })],
  ]
}

const kinds: Readonly<Record<TokenProfileName, (issuer: TestIssuer) => readonly Case[]>> = {
  rfc9068: (issuer) => [
    ['no typ', 'TYPE_MISMATCH', issuer.token({}, { typ: undefined })],
    ['an ID token', 'TYPE_MISMATCH', issuer.token({ nonce: 'x' }, { typ: 'JWT' })],
  ],
  'identity-domain': (issuer) => [
    ['typ at+jwt', 'TYPE_MISMATCH', issuer.token({}, { typ: 'at+jwt' })],
    ['an ID token', 'TYPE_MISMATCH', issuer.token({ tok_type: 'IT' })],
    ['no tok_type', 'TYPE_MISMATCH', issuer.token({ tok_type: undefined })],
    ['ES256', 'ALGORITHM_REFUSED', issuer.token({}, { alg: 'ES256' })],
    ['PS256', 'ALGORITHM_REFUSED', issuer.token({}, { alg: 'PS256' })],
  ],
}

for (const profile of ['rfc9068', 'identity-domain'] as const) {
  describe(`bad tokens at a guard of profile ${profile}`, async () => {
    const issuer = await testIssuer({ profile })
    const guard = createGuard(issuer.guardOptions)
    await guard.ready()
    const asked = issuer.calls.length
    const published = await issuer.guardOptions.fetch(`${issuer.issuer}/jwks`, {})
    const { keys } = (await published.json()) as { keys: object[] }
    const counted = issuer.calls.length
    const mac: Case = ['HS256', 'ALGORITHM_REFUSED', await macToken(issuer, keys[0] ?? {})]
    const cases = [
      ...formCases(issuer),
      ...foreignCases(issuer),
      ...claimCases(issuer),
      ...kinds[profile](issuer),
      mac,
    ]
    it('refuses each for its reason, and asks nobody', async () => {
      assert.equal(asked, 2, 'metadata and keys')
      for (const [what, expected, token] of cases) {
        const verdict = await guard.check(requestOf(token), anything)
        const { reason, status } = verdict.ok
          ? { reason: 'let through', status: 0 }
          : { reason: verdict.refusal.reason, status: verdict.answer.status }
        assert.equal(reason, expected, what)
        assert.equal(status, 401, what)
      }
      assert.equal(issuer.calls.length, counted)
    })

    it('lets good ones through', async () => {
      const type = profile === 'rfc9068' ? { typ: 'application/AT+JWT' } : {}
      const good = [
        issuer.token(),
        issuer.token({ aud: ['https://other.test', issuer.audience] }),
        issuer.token({ exp: now() - 20 }),
        issuer.token({ iat: now() + 20 }),
        issuer.token({ iat: now() - 0.5 }),
        issuer.token({ scope: undefined }),
        issuer.token({}, { kid: undefined }),
        issuer.token({}, type),
      ]
      for (const [index, token] of good.entries()) {
        const verdict = await guard.check(requestOf(token), anything)
        assert.equal(verdict.ok ? 'ok' : verdict.refusal.detail, 'ok', String(index))
      }
      assert.equal(issuer.calls.length, counted)
    })
  })
}

describe('a guard that has no keys yet', () => {
  it('asks for none on behalf of who does not name its issuer', async () => {
    const issuer = await testIssuer()
    const guard = createGuard(issuer.guardOptions)
    for (const token of [
      'x.y.z',
      issuer.token({ iss: 'https://evil.test' }),
      issuer.token({ exp: 'x' }),
    ]) {
      const verdict = await guard.check(requestOf(token), anything)
      assert.ok(!verdict.ok)
      assert.doesNotMatch(verdict.answer.body, /evil/)
    }
    assert.deepEqual(issuer.calls, [])
  })

  it('says of a signed token for another API which API that is', async () => {
    const issuer = await testIssuer()
    const guard = createGuard(issuer.guardOptions)
    const verdict = await guard.check(requestOf(issuer.token({ aud: 'https://b' })), anything)
    assert.ok(!verdict.ok)
    assert.equal(verdict.refusal.got, 'https://b')
    assert.equal(issuer.calls.length, 2)
  })
})
