import { equal, ok } from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import { test } from 'node:test'
import { assertOk } from './kit/answers.ts'
import { askToken } from './kit/ask.ts'
import { clockAhead } from './kit/clock.ts'
import { cBasic } from './kit/fixtures.ts'
import { send } from './kit/http.ts'
import { decode } from './kit/jwt.ts'
import { startOurs } from './kit/start-domain.ts'
import type { TestDomain } from './kit/test-domain.ts'

type Jwk = Readonly<Record<string, string>>

const dayMs = 86_400_000

interface KeySet {
  readonly keys: readonly Jwk[]
  readonly maxAgeMs: number
}

const keySetOf = async (domain: TestDomain): Promise<KeySet> => {
  const url = `${domain.url}/.well-known/jwks.json`
  const { json, headers } = await send({ url, method: 'GET' })
  const seconds = /max-age=(\d+)/.exec(headers['cache-control'] ?? '')?.[1]
  return { keys: json?.['keys'] as readonly Jwk[], maxAgeMs: Number(seconds) * 1000 }
}

const kidsOf = (set: KeySet): readonly (string | undefined)[] => set.keys.map((key) => key['kid'])

const isSignedBy = (token: string, set: KeySet): boolean => {
  const [header = '', claims = '', signature = ''] = token.split('.')
  const jwk = set.keys.find((each) => each['kid'] === decode(token).header['kid'])
  if (jwk === undefined) return false
  const key = createPublicKey({ key: { ...jwk }, format: 'jwk' })
  const data = Buffer.from(`${header}.${claims}`)
  return verify('sha256', data, key, Buffer.from(signature, 'base64url'))
}

test('MD-20 a new key is published before it signs, and the old one while it counts', async () => {
  const first = await startOurs()
  let domain = first
  try {
    const client = await cBasic(first)
    const before = await keySetOf(first)
    const old = assertOk(await askToken(first, client))
    const oldKid = decode(old).header['kid']

    // The day a new key is due: it is there for everybody to fetch, and signs nothing yet.
    domain = await first.restart({ environment: clockAhead(91 * dayMs) })
    const due = await keySetOf(domain)
    ok(due.keys.length > before.keys.length, 'a new key is in the set')
    equal(decode(assertOk(await askToken(domain, client))).header['kid'], oldKid)

    // When no cache can still hold a set without it, it signs; the old one still checks old tokens.
    domain = await domain.restart({ environment: clockAhead(91 * dayMs + 2.5 * due.maxAgeMs) })
    const turned = await keySetOf(domain)
    const token = assertOk(await askToken(domain, client))
    const newKid = String(decode(token).header['kid'])
    ok(newKid !== oldKid, 'the new key signs')
    ok(kidsOf(due).includes(newKid), 'it was published before')
    ok(isSignedBy(token, turned))
    ok(isSignedBy(old, turned), 'the old key is still in the set')
  } finally {
    await domain.stop()
  }
})
