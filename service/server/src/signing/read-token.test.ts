import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Catalog } from '@mintmark/registry/snapshot'
import { newTokenId } from './random-ids.ts'
import { createTokenReader } from './read-token.ts'
import { signJws } from './sign-jws.ts'

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const headers = { 'identity-domain': '', rfc9068: '' }
const key = { kid: 'k', algorithm: 'ES256', privateKey, headers } as const
const verifying = { key: createPublicKey(privateKey), algorithm: 'ES256' } as const
const keys = { active: () => null, verifying: () => verifying }
const catalog = {} as Catalog
const nowSeconds = 1_700_000_000

const claimsOf = (jti: string) => ({
  iss: 'https://tokens.example',
  sub: 'a client of theirs',
  aud: 'https://api.example/',
  exp: nowSeconds + 3600,
  iat: nowSeconds,
  jti,
  client_id: 'a client of theirs',
  scope: 'read write',
  client_name: 'A client of theirs',
  sub_type: 'client',
  tenant: 'one of many tenants',
  region: 'eu-frankfurt-1',
})
const mint = (): string =>
  signJws(key, 'at+jwt', JSON.stringify(claimsOf(newTokenId(nowSeconds * 1000 + 7, '89abcdef'))))
const open = () => createTokenReader(keys, { tokensMax: 10_000, charsMax: 10_000_000 })

test('a token is read back with every claim as it was signed, once and again', () => {
  const read = open()
  const jti = newTokenId(nowSeconds * 1000 + 7, '89abcdef')
  const more = { ...claimsOf(jti), aud: ['u', 'v'], act: { sub: 'x' } }
  const text = signJws(key, 'at+jwt', `${JSON.stringify(more).slice(0, -1)},"__proto__":[1]}`)
  const facts = read(text, catalog)
  assert.deepEqual(facts?.audience, ['u', 'v'])
  assert.equal(facts.issuedAtMs, nowSeconds * 1000 + 7)
  assert.equal(
    JSON.stringify(facts.claims).slice(0, -1),
    JSON.stringify(more).slice(0, -1).concat(',"__proto__":[1]'),
  )
  assert.equal(read(text, catalog), facts)
})

test('a remembered token takes 1,200 bytes of the heap, and not two thousand', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const used = (): number => {
    collect()
    return process.memoryUsage().heapUsed
  }
  const read = open()
  const total = 2000
  const take = (): void => {
    for (let at = 0; at < total; at += 1) read(mint(), catalog)
  }
  take()
  const before = used()
  take()
  const each = (used() - before) / total
  assert.ok(read(mint(), catalog) !== null)
  assert.ok(each < 1400, `${each} bytes`)
})
