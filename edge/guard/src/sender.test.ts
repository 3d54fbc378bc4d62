import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto'
import { test } from 'node:test'
import { createGuard } from './guard.ts'
import type { GuardOptions } from './guard-options.ts'
import type { GuardRequest } from './guard-request.ts'
import { readRequirement } from './requirement.ts'
import { testIssuer } from './testing.ts'

const issuer = await testIssuer()
const need = readRequirement(undefined)
const url = 'https://api.example/base'
const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('base64url')

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

const makeKey = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const { crv, kty, x, y } = publicKey.export({ format: 'jwk' })
  const jwk = { crv, kty, x, y }
  return { privateKey, jwk, jkt: sha256(JSON.stringify(jwk)) }
}
const key = makeKey()
const other = makeKey()

interface Wish {
  readonly key?: { readonly privateKey: KeyObject; readonly jwk: object }
  readonly claims?: Readonly<Record<string, unknown>>
  readonly header?: Readonly<Record<string, unknown>>
}

const proofFor = (token: string, wish: Wish = {}): string => {
  const { privateKey, jwk } = wish.key ?? key
  const claims = {
    jti: randomUUID(),
    htm: 'GET',
    htu: `${url}/orders`,
    iat: Math.floor(Date.now() / 1000),
    ath: sha256(token),
    ...wish.claims,
  }
  const header = { typ: 'dpop+jwt', alg: 'ES256', jwk, ...wish.header }
  const input = `${encode(header)}.${encode(claims)}`
  const signature = sign('sha256', Buffer.from(input), {
    key: privateKey,
    dsaEncoding: 'ieee-p1363',
  })
  return `${input}.${signature.toString('base64url')}`
}

type Fields = Readonly<Record<string, string | readonly string[]>>

const requestOf = (fields: Fields, more: Partial<GuardRequest> = {}): GuardRequest => ({
  method: 'GET',
  url: '/orders?all=1',
  fields: (name) => [fields[name] ?? []].flat(),
  raw: null,
  ...more,
})

const guardOf = (more: Partial<GuardOptions>) =>
  createGuard({ ...issuer.guardOptions, ...more } as GuardOptions)

const verdictOf = async (
  guard: ReturnType<typeof createGuard>,
  fields: Fields,
  more: Partial<GuardRequest> = {},
): Promise<string> => {
  const verdict = await guard.check(requestOf(fields, more), need)
  return verdict.ok ? 'ok' : verdict.refusal.reason
}

const token = issuer.token({ cnf: { jkt: key.jkt } })
const unbound = issuer.token()
const shown = (proof: string | readonly string[], text = token): Fields => ({
  authorization: `DPoP ${text}`,
  dpop: proof,
})

const rows: readonly [name: string, Fields, string][] = [
  ['token and proof', shown(proofFor(token)), 'ok'],
  [
    'the scheme in small letters',
    { ...shown(proofFor(token)), authorization: `dpop ${token}` },
    'ok',
  ],
  ['no proof', { authorization: `DPoP ${token}` }, 'PROOF_WRONG'],
  ['two proofs', shown([proofFor(token), proofFor(token)]), 'PROOF_WRONG'],
  ['a bound token as Bearer', { authorization: `Bearer ${token}` }, 'SENDER_UNPROVEN'],
  [
    'a bound token as Bearer, with a proof',
    { ...shown(proofFor(token)), authorization: `Bearer ${token}` },
    'SENDER_UNPROVEN',
  ],
  ['an unbound token as DPoP', shown(proofFor(unbound), unbound), 'TOKEN_UNBOUND'],
  ['an unbound token as Bearer', { authorization: `Bearer ${unbound}` }, 'ok'],
  ['another key', shown(proofFor(token, { key: other })), 'SENDER_UNPROVEN'],
  [
    'the right jwk, signed by another key',
    shown(proofFor(token, { key: { privateKey: other.privateKey, jwk: key.jwk } })),
    'PROOF_WRONG',
  ],
  ['another method', shown(proofFor(token, { claims: { htm: 'POST' } })), 'PROOF_WRONG'],
  ['another path', shown(proofFor(token, { claims: { htu: `${url}/other` } })), 'PROOF_WRONG'],
  [
    'another host',
    shown(proofFor(token, { claims: { htu: 'https://evil.example/base/orders' } })),
    'PROOF_WRONG',
  ],
  ['htu with a query', shown(proofFor(token, { claims: { htu: `${url}/orders?x` } })), 'ok'],
  ['no ath', shown(proofFor(token, { claims: { ath: undefined } })), 'PROOF_WRONG'],
  ['ath of another token', shown(proofFor(unbound)), 'PROOF_WRONG'],
  ['an old proof', shown(proofFor(token, { claims: { iat: 1000 } })), 'PROOF_WRONG'],
  ['another typ', shown(proofFor(token, { header: { typ: 'JWT' } })), 'PROOF_WRONG'],
]

for (const [name, fields, expected] of rows) {
  test(`DPoP: ${name}: ${expected}`, async () => {
    assert.equal(await verdictOf(guardOf({ dpop: { url } }), fields), expected)
  })
}

test('DPoP: a proof is used once', async () => {
  const guard = guardOf({ dpop: { url } })
  const fields = shown(proofFor(token))
  assert.equal(await verdictOf(guard, fields), 'ok')
  assert.equal(await verdictOf(guard, fields), 'PROOF_WRONG')
  const claims = { jti: 'same' }
  assert.equal(await verdictOf(guard, shown(proofFor(token, { claims }))), 'ok')
  assert.equal(await verdictOf(guard, shown(proofFor(token, { claims }))), 'PROOF_WRONG')
})

test('DPoP: when too many are remembered, none is taken', async () => {
  const guard = guardOf({ dpop: { url, proofsMax: 1 } })
  assert.equal(await verdictOf(guard, shown(proofFor(token))), 'ok')
  assert.equal(await verdictOf(guard, shown(proofFor(token))), 'PROOFS_TOO_MANY')
})

test('DPoP: proofs can be remembered for several processes; a fault there is a no', async () => {
  const claimed = new Set<string>()
  const claimProof = (name: string) => !claimed.has(name) && claimed.add(name).size > 0
  const [one, two] = [
    guardOf({ dpop: { url, claimProof } }),
    guardOf({ dpop: { url, claimProof } }),
  ]
  const fields = shown(proofFor(token))
  assert.equal(await verdictOf(one, fields), 'ok')
  assert.equal(await verdictOf(two, fields), 'PROOF_WRONG')
  const failing = guardOf({ dpop: { url, claimProof: () => Promise.reject(new Error('down')) } })
  assert.equal(await verdictOf(failing, shown(proofFor(token))), 'SENDER_UNPROVEN')
})

test('DPoP: without the option a bound token is refused, and the scheme is unknown', async () => {
  assert.equal(await verdictOf(guardOf({}), shown(proofFor(token))), 'TOKEN_MISSING')
  assert.equal(
    await verdictOf(guardOf({}), { authorization: `Bearer ${token}` }),
    'SENDER_UNPROVEN',
  )
})

test('DPoP: an API can take bound tokens only', async () => {
  const guard = guardOf({ dpop: { url, required: true } })
  assert.equal(await verdictOf(guard, { authorization: `Bearer ${unbound}` }), 'TOKEN_UNBOUND')
  assert.equal(await verdictOf(guard, shown(proofFor(token))), 'ok')
  const alone = await guard.checkToken(unbound, need)
  assert.ok(!alone.ok)
})

test('DPoP: challenges are one for each scheme, with an error in the one used', async () => {
  const guard = guardOf({ dpop: { url } })
  const challenge = async (fields: Fields): Promise<string> => {
    const verdict = await guard.check(requestOf(fields), need)
    assert.ok(!verdict.ok)
    return verdict.answer.headers['www-authenticate'] ?? ''
  }
  const algs = 'algs="ES256 PS256 Ed25519 EdDSA"'
  const none = await challenge({})
  assert.match(none, /^Bearer realm="api".*, DPoP realm="api"/)
  assert.ok(none.endsWith(algs) && !none.includes('error'))
  const wrong = await challenge({ authorization: `DPoP ${token}` })
  assert.match(wrong, /^DPoP realm="api", error="invalid_dpop_proof", error_description="/)
  assert.match(wrong, /, Bearer realm="api", resource_metadata="[^"]*"$/)
  assert.ok(wrong.includes(`${algs}, Bearer`))
  const asBearer = await challenge({ authorization: `Bearer ${token}` })
  assert.match(asBearer, /^Bearer realm="api", error="invalid_token".*, DPoP realm="api"/)
})

test('DPoP: nonces are asked for, told, and shared by a secret', async () => {
  const nonces = 'a secret that all processes have'
  const [one, two] = [guardOf({ dpop: { url, nonces } }), guardOf({ dpop: { url, nonces } })]
  const refused = await one.check(requestOf(shown(proofFor(token))), need)
  assert.ok(!refused.ok)
  assert.equal(refused.refusal.reason, 'PROOF_NONCE')
  assert.match(refused.answer.headers['www-authenticate'] ?? '', /error="use_dpop_nonce"/)
  const nonce = refused.answer.headers['dpop-nonce']
  assert.equal(await verdictOf(two, shown(proofFor(token, { claims: { nonce } }))), 'ok')
  const foreign = guardOf({ dpop: { url, nonces: true } })
  assert.equal(
    await verdictOf(foreign, shown(proofFor(token, { claims: { nonce } }))),
    'PROOF_NONCE',
  )
})

test('DPoP: behind a trusted proxy the address is what the proxy says', async () => {
  const guard = guardOf({ dpop: { trustedProxies: ['10.0.0.0/8'] } })
  const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'api.example' }
  const proof = () => proofFor(token, { claims: { htu: 'https://api.example/orders' } })
  const from = (address: string) => ({ connection: () => ({ address, certificate: null }) })
  const ask = (more: Fields, address = '::ffff:10.1.2.3') =>
    verdictOf(guard, { ...shown(proof()), ...forwarded, ...more }, from(address))
  assert.equal(await ask({}), 'ok')
  assert.equal(await ask({}, '192.0.2.1'), 'PROOF_WRONG')
  assert.equal(await ask({ 'x-forwarded-host': 'evil.example' }), 'PROOF_WRONG')
  assert.equal(await ask({ 'x-forwarded-host': ['api.example', 'api.example'] }), 'PROOF_WRONG')
  assert.equal(await ask({ 'x-forwarded-host': 'evil.example, api.example' }), 'PROOF_WRONG')
  assert.equal(await ask({ 'x-forwarded-host': [] }), 'PROOF_WRONG')
})

const der = Buffer.from('30030201ff', 'hex')
const x5t = sha256(der)
const bound = issuer.token({ cnf: { 'x5t#S256': x5t } })
const base64 = der.toString('base64')
const pem = `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`
const escaped = encodeURIComponent(pem)
const hex = createHash('sha256').update(der).digest('hex')

const forms: readonly [string, field: string, value: string, wrong: readonly string[]][] = [
  ['rfc9440', 'client-cert', `:${base64}:`, [base64, `:${base64}:, :${base64}:`, ':AAAA:']],
  ['nginx', 'x-ssl-client-cert', escaped, [base64, escaped + escaped, '%', '']],
  ['envoy', 'x-forwarded-client-cert', `By=a;Hash=${hex};Subject="CN=a,O=\\"b;Hash=c\\""`, []],
  [
    'envoy',
    'x-forwarded-client-cert',
    `Hash=${hex};Cert="${escaped}"`,
    [`Hash=${hex},Hash=${hex}`],
  ],
  ['envoy', 'x-forwarded-client-cert', `Hash=${hex}`, [hex, `Hash=${hex};Hash=${hex}`, 'Hash=']],
  ['haproxy', 'x-ssl-client-der', base64, [escaped, `${base64} `, 'AAAA']],
  ['traefik', 'x-forwarded-tls-client-cert', base64, [pem, 'AAAA']],
  ['traefik', 'x-forwarded-tls-client-cert', encodeURIComponent(`${base64},AAAA`), ['%E0']],
]

for (const [from, field, value, wrong] of forms) {
  test(`certificates: as ${from} hands them on: ${value.slice(0, 20)}`, async () => {
    const trustedProxies = ['127.0.0.1', '::1']
    const guard = guardOf({ certificates: { from: from as 'nginx', trustedProxies } })
    const ask = (fields: Fields, address = '127.0.0.1', certificate: Uint8Array | null = null) =>
      verdictOf(
        guard,
        { authorization: `Bearer ${bound}`, ...fields },
        { connection: () => ({ address, certificate }) },
      )
    assert.equal(await ask({ [field]: value }), 'ok')
    assert.equal(await ask({ [field]: value }, '192.0.2.1'), 'SENDER_UNPROVEN', 'of a stranger')
    assert.equal(await ask({ [field]: [value, value] }), 'SENDER_UNPROVEN', 'two fields')
    assert.equal(await ask({}, '127.0.0.1', der), 'SENDER_UNPROVEN', "the proxy's own certificate")
    for (const text of wrong) assert.equal(await ask({ [field]: text }), 'SENDER_UNPROVEN', text)
    assert.equal(
      await verdictOf(guard, { authorization: `Bearer ${bound}`, [field]: value }),
      'SENDER_UNPROVEN',
    )
  })
}

test('certificates: without options, of the handshake and of nothing else', async () => {
  const connection = (certificate: Uint8Array | null) => ({
    connection: () => ({ address: '127.0.0.1', certificate }),
  })
  const fields = { authorization: `Bearer ${bound}`, 'client-cert': `:${base64}:` }
  assert.equal(await verdictOf(guardOf({}), fields, connection(der)), 'ok')
  assert.equal(
    await verdictOf(guardOf({}), fields, connection(Buffer.from('3000', 'hex'))),
    'SENDER_UNPROVEN',
  )
  assert.equal(await verdictOf(guardOf({}), fields, connection(null)), 'SENDER_UNPROVEN')
  assert.equal(await verdictOf(guardOf({}), fields), 'SENDER_UNPROVEN')
})

test('a token that is bound to both needs both; what is not known is not passed over', async () => {
  const both = issuer.token({ cnf: { jkt: key.jkt, 'x5t#S256': x5t } })
  const guard = guardOf({ dpop: { url } })
  const connection = () => ({ address: '127.0.0.1', certificate: der })
  assert.equal(await verdictOf(guard, shown(proofFor(both), both), { connection }), 'ok')
  assert.equal(await verdictOf(guard, shown(proofFor(both), both)), 'SENDER_UNPROVEN')
  const bearer = { authorization: `Bearer ${both}` }
  assert.equal(await verdictOf(guard, bearer, { connection }), 'SENDER_UNPROVEN')
  for (const cnf of [{}, { jwk: {} }, { jkt: 7 }, { jkt: key.jkt, kid: 'x' }, { 'x5t#S256': '' }]) {
    const odd = issuer.token({ cnf })
    assert.notEqual(await verdictOf(guard, shown(proofFor(odd), odd), { connection }), 'ok')
  }
})

test('options that cannot be are refused when the program starts', () => {
  const wrong: Partial<GuardOptions>[] = [
    { dpop: {} },
    { dpop: { url, trustedProxies: ['127.0.0.1'] } },
    { dpop: { url: '/orders' } },
    { dpop: { url: 'https://api.example/?a' } },
    { dpop: { trustedProxies: ['everybody'] } },
    { dpop: { url, nonces: 'short' } },
    { dpop: { url, proofsMax: 0 } },
    { certificates: { from: 'nginx' } },
    { certificates: { from: 'apache' as 'nginx', trustedProxies: ['127.0.0.1'] } },
    { certificates: { from: 'handshake', trustedProxies: ['127.0.0.1'] } },
    { certificates: { from: 'envoy', trustedProxies: ['10.0.0.0/33'] } },
  ]
  for (const options of wrong) {
    assert.throws(() => guardOf(options), TypeError, JSON.stringify(options))
  }
})
