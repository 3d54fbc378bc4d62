import { test } from 'node:test'
import { assertE401, assertOk, assertRefused } from './kit/answers.ts'
import { askByAssertion, askWithAssertion } from './kit/ask.ts'
import { cPkj } from './kit/fixtures.ts'
import {
  assertionClaims,
  compact,
  encode,
  makeAssertion,
  nowSeconds,
  signBytes,
} from './kit/jwt.ts'
import { useMintmark } from './kit/start-domain.ts'

const domain = await useMintmark()
const client = await cPkj(domain)
const { pair } = client

const sign = (input: string): Buffer => signBytes(pair.alg, pair.privateKey, input)
const header = { alg: pair.alg, kid: pair.kid, typ: 'JWT' }
const claims = (more: Readonly<Record<string, unknown>> = {}) =>
  assertionClaims(client.clientId, domain.issuer, more)
/** A JWT of these very texts, rightly signed. */
const signed = (headerText: unknown, payload: unknown) => compact(headerText, payload, sign)
const askJwt = (assertion: string) => askWithAssertion(domain, assertion)

test('JW-01 the JWT that the others are made from is accepted', async () => {
  assertOk(await askJwt(signed(header, claims())))
})

for (const alg of [
  'none',
  'nOnE',
  'NONE',
  '',
  'ES256 ',
  ' ES256',
  'es256',
  'ES256K',
  'RSA1_5',
  'HS256',
]) {
  test(`JW-01 JW-22 alg ${JSON.stringify(alg)} is refused, signed or not`, async () => {
    assertE401(await askJwt(signed({ ...header, alg }, claims())))
    assertE401(await askJwt(`${encode({ ...header, alg })}.${encode(claims())}.`))
  })
}

test('JW-01 an alg that is missing or no text is refused', async () => {
  for (const alg of [undefined, null, 1, ['ES256'], { alg: 'ES256' }]) {
    assertE401(await askJwt(signed({ ...header, alg }, claims())))
  }
})

const critical: Readonly<Record<string, object>> = {
  'an unknown one': { crit: ['exp'], exp: nowSeconds() + 60 },
  'an empty list': { crit: [] },
  'one twice': { crit: ['x', 'x'], x: 1 },
  'one that is absent': { crit: ['x'] },
  'a registered one': { crit: ['alg'] },
  'no list': { crit: 'x', x: 1 },
}
for (const [what, members] of Object.entries(critical)) {
  test(`JW-03 crit with ${what} is refused`, async () => {
    assertE401(await askJwt(signed({ ...header, ...members }, claims())))
  })
}

test('JW-04 a payload that is not encoded is refused', async () => {
  const unencoded = encode({ ...header, b64: false, crit: ['b64'] })
  const payload = JSON.stringify(claims()).replaceAll('.', '')
  const input = `${unencoded}.${payload}`
  assertE401(await askJwt(`${input}.${sign(input).toString('base64url')}`))
  assertE401(await askJwt(signed({ ...header, b64: false, crit: ['b64'] }, claims())))
  assertE401(await askJwt(signed({ ...header, b64: true, crit: ['b64'] }, claims())))
})

const good = () => signed(header, claims())
const parts = () => good().split('.') as [string, string, string]

const otherForms: Readonly<Record<string, () => string>> = {
  'the flattened JSON serialization': () => {
    const [first, payload, signature] = parts()
    return JSON.stringify({ protected: first, payload, signature })
  },
  'the general JSON serialization': () => {
    const [first, payload, signature] = parts()
    return JSON.stringify({ payload, signatures: [{ protected: first, signature }] })
  },
  'two parts': () => parts().slice(0, 2).join('.'),
  'four parts': () => `${good()}.x`,
  'five parts': () => `${good()}.x.y`,
  'an empty first part': () => good().replace(/^[^.]+/, ''),
  'an empty signature': () => `${parts().slice(0, 2).join('.')}.`,
  'a space in front': () => ` ${good()}`,
  'a line break behind': () => `${good()}\n`,
  'a space inside': () => good().replace('.', ' .'),
  padding: () => `${good()}==`,
  braces: () => `{${good()}}`,
  'two JWTs': () => `${good()} ${good()}`,
  'base64 in place of base64url': () => {
    const [first, , signature] = parts()
    // Characters that differ between the two alphabets have to be there.
    const payload = Buffer.from(JSON.stringify(claims({ x: '~~~???>>>' }))).toString('base64')
    return `${first}.${payload.replaceAll('=', '')}.${signature}`
  },
}
for (const [what, make] of Object.entries(otherForms)) {
  test(`JW-05 ${what} is no compact JWT`, async () => {
    assertE401(await askJwt(make()))
  })
}

test('JW-05 a signature whose last character has spare bits set is another text', async () => {
  const rsa = client.pairs['RS256']!
  const assertion = makeAssertion(client, domain.issuer, rsa)
  // 256 bytes end in a character with four spare bits.
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = alphabet.indexOf(assertion.at(-1) as string)
  assertE401(await askJwt(assertion.slice(0, -1) + alphabet[last + 1]))
})

test('JW-06 a header name that comes twice is refused', async () => {
  const kid = JSON.stringify(pair.kid)
  for (const text of [
    `{"alg":"none","kid":${kid},"alg":"${pair.alg}"}`,
    `{"alg":"${pair.alg}","kid":${kid},"alg":"none"}`,
    `{"alg":"${pair.alg}","kid":${kid},"a\\u006cg":"${pair.alg}"}`,
    `{"alg":"${pair.alg}","kid":"other","kid":${kid}}`,
  ]) {
    assertE401(await askJwt(signed(text, claims())))
  }
})

test('JW-06 a claim that comes twice is refused', async () => {
  const text = JSON.stringify(claims())
  const other = JSON.stringify('f'.repeat(32))
  const own = JSON.stringify(client.clientId)
  for (const [first, second] of [
    [`"sub":${other}`, text.slice(1)],
    [`"iss":${own}`, text.slice(1)],
    [`"x":{"y":1,"y":2}`, text.slice(1)],
  ]) {
    assertE401(await askJwt(signed(header, `{${first},${second}`)))
  }
})

const bytesOf = (text: string, encoding: BufferEncoding) => Buffer.from(text, encoding)
/** A JWT whose parts are these very bytes. */
const signedBytes = (first: Buffer, second: Buffer): string => {
  const input = `${first.toString('base64url')}.${second.toString('base64url')}`
  return `${input}.${sign(input).toString('base64url')}`
}

test('JW-07 header and claims are UTF-8 and nothing else', async () => {
  const headerBytes = Buffer.from(JSON.stringify(header))
  const text = JSON.stringify(claims())
  const broken = Buffer.from(text.replace('{', '{"x":"?",'))
  broken[6] = 0xff
  const mark = Buffer.from([0xef, 0xbb, 0xbf])
  for (const [first, second] of [
    [headerBytes, bytesOf(text, 'utf16le')],
    [bytesOf(JSON.stringify(header), 'utf16le'), Buffer.from(text)],
    [headerBytes, Buffer.concat([mark, Buffer.from(text)])],
    [Buffer.concat([mark, headerBytes]), Buffer.from(text)],
    [headerBytes, broken],
    [headerBytes, Buffer.from(text.replace('{', '{"x":"\\ud800",'))],
  ] as const) {
    assertE401(await askJwt(signedBytes(first, second)))
  }
})

for (const payload of [
  '[1]',
  '"x"',
  'null',
  'true',
  '1',
  '',
  '{}{}',
  '{"a":1} x',
  '{"a":1,}',
  "{'a':1}",
]) {
  test(`JW-08 ${JSON.stringify(payload)} is no claims set`, async () => {
    assertE401(await askJwt(signed(header, payload)))
  })
}

test('JW-08 data behind the claims is refused', async () => {
  const text = JSON.stringify(claims())
  for (const payload of [`${text}x`, `${text}${text}`, `[${text}]`, `${text}\u0000`]) {
    assertE401(await askJwt(signed(header, payload)))
  }
})

for (const value of [
  '"9999999999"',
  'true',
  '1e400',
  '-1',
  '{}',
  '[1]',
  'null',
  '-1e400',
  '"NaN"',
]) {
  test(`JW-09 ${value} is no time`, async () => {
    for (const name of ['exp', 'nbf', 'iat']) {
      const rest = JSON.stringify(claims({ [name]: undefined, ...(name === 'exp' ? {} : {}) }))
      assertE401(await askJwt(signed(header, `{"${name}":${value},${rest.slice(1)}`)))
    }
  })
}

test('JW-09 a fraction of a second is a time', async () => {
  const now = Date.now() / 1000
  assertOk(await askByAssertion(domain, client, { claims: { exp: now + 60.5, iat: now + 0.25 } }))
})

const jwe = (members: object): string =>
  [encode({ enc: 'A128GCM', ...members }), 'eA', 'AAAAAAAAAAAAAAAA', 'eA', 'eA'].join('.')

test('JW-20 JW-21 JW-22 JW-24 whatever is encrypted is refused, costly or not', async () => {
  for (const members of [
    { alg: 'PBES2-HS256+A128KW', p2c: 1_000_000_000, p2s: 'eA' },
    { alg: 'dir', zip: 'DEF' },
    { alg: 'RSA1_5' },
    { alg: 'RSA-OAEP-256', cty: 'JWT' },
    { alg: 'none', enc: 'none' },
  ]) {
    assertE401(await askJwt(jwe(members)))
  }
})

test('JW-24 a JWT inside a signed JWT proves nothing', async () => {
  const inner = `${encode({ alg: 'none' })}.${encode(claims())}.`
  assertE401(await askJwt(signed({ ...header, cty: 'JWT' }, inner)))
  assertE401(await askJwt(signed({ ...header, cty: 'JWT' }, good())))
})

for (const typ of ['jwt', 'application/JWT', 'Application/Client-Authentication+jwt']) {
  test(`JW-26 typ ${typ} is the type it names`, async () => {
    assertOk(await askJwt(signed({ ...header, typ }, claims())))
  })
}

for (const typ of ['text/jwt', 'at+jwt', 'application/at+jwt', 'jwt ', 'dpop+jwt', 1, null, '']) {
  test(`JW-26 typ ${JSON.stringify(typ)} is another type`, async () => {
    assertE401(await askJwt(signed({ ...header, typ }, claims())))
  })
}

test('JW-05 an assertion of many kilobytes is refused, not read', async () => {
  assertRefused(await askJwt(signed(header, claims({ x: 'x'.repeat(40_000) }))))
})
