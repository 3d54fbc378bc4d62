/** One token, one verdict: the guard alone, the guard that asks and our server say the same. */
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { createGuard, type Guard } from '@mintmark/guard/guard'
import { readRequirement } from '@mintmark/guard/requirement'
import { testIssuer } from '@mintmark/guard/testing'
import { introspect, revoke } from './kit/afterlife.ts'
import { assertOk } from './kit/answers.ts'
import { askToken } from './kit/ask.ts'
import { startGatewayApi } from './kit/gateway-api.ts'
import type { GuardedApi } from './kit/guarded-api.ts'
import { decode, encode } from './kit/jwt.ts'
import { useMintmark } from './kit/start-domain.ts'
import type { Client } from './kit/test-domain.ts'

const domain = await useMintmark()
const anything = readRequirement(undefined)
const tokensPerProfile = Number(process.env['MINTMARK_GENERATED'] ?? 1000)
const together = 8
type Profile = 'rfc9068' | 'identity-domain'

/** A dice that falls the same way in every run (mulberry32). */
const makeDice = (seed: number) => {
  let state = seed
  return (sides: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * sides)
  }
}
type Dice = ReturnType<typeof makeDice>

const pick = <T>(dice: Dice, from: readonly T[]): T => from[dice(from.length)] as T
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const odd = ['.', '=', '+', '/', ' ', '\n', '~', '%']

const headerChanges: readonly Readonly<Record<string, unknown>>[] = [
  { alg: 'none' },
  { alg: 'HS256' },
  { alg: 'RS384' },
  { typ: 'JWT' },
  { typ: undefined },
  { typ: 'at+jwt' },
  { kid: 'other' },
  { kid: undefined },
  { crit: ['exp'] },
  { b64: false },
  { jwk: { kty: 'oct', k: 'AA' } },
]

/** What somebody might make of two good tokens without holding a key. */
const mutations: readonly ((token: string, other: string, dice: Dice) => string)[] = [
  (token) => token,
  (token) => token,
  (token, _other, dice) => {
    const at = dice(token.length)
    return token.slice(0, at) + pick(dice, [...letters]) + token.slice(at + 1)
  },
  (token, _other, dice) => {
    const at = dice(token.length)
    return token.slice(0, at) + pick(dice, odd) + token.slice(at)
  },
  (token, _other, dice) => token.slice(0, dice(token.length)),
  (token, _other, dice) => token + pick(dice, [...letters, ...odd]),
  (token, other, dice) => {
    const [mine, theirs] = [token.split('.'), other.split('.')]
    const at = dice(3)
    return mine.map((part, index) => (index === at ? theirs[index] : part)).join('.')
  },
  (token, _other, dice) => {
    const [, body, signature] = token.split('.')
    const header = { ...decode(token).header, ...pick(dice, headerChanges) }
    return `${encode(header)}.${body}.${signature}`
  },
  (token, _other, dice) => {
    const [head, , signature] = token.split('.')
    const changes = [{ scope: 'admin' }, { exp: 9_999_999_999 }, { aud: [] }, { nbf: 9e9 }]
    return `${head}.${encode({ ...decode(token).claims, ...pick(dice, changes) })}.${signature}`
  },
]

interface Place {
  readonly profile: Profile
  readonly audience: string
  readonly caller: Client
  readonly client: Client
}

const makePlace = async (profile: Profile, name: string): Promise<Place> => {
  const audience = `https://${name}.example/`
  const scopes = ['read', 'write']
  const api = await domain.createApi({ audience, scopes, profile, introspects: true })
  const client = await domain.createClient({ scopes: scopes.map((each) => audience + each) })
  return { profile, audience, caller: api.client as Client, client }
}

const issue = async ({ audience, client }: Place, more = ''): Promise<string> =>
  assertOk(await askToken(domain, client, { scope: `${audience}read${more}` }))

const places = {
  rfc9068: await makePlace('rfc9068', 'one'),
  'identity-domain': await makePlace('identity-domain', 'two'),
}
const elsewhere = {
  rfc9068: await makePlace('rfc9068', 'three'),
  'identity-domain': await makePlace('identity-domain', 'four'),
}

const gateways: GuardedApi[] = []
after(async () => {
  for (const gateway of gateways) await gateway.stop()
})

const makeGuards = (place: Place) => {
  const { profile, audience, caller } = place
  const options = { issuer: domain.issuer, audience, profile, clockSkewSeconds: 0 }
  const { clientId, secret: clientSecret } = caller
  const introspection = { clientId, clientSecret, maxAgeSeconds: 0 }
  const asking: Guard = createGuard({ ...options, introspection })
  return { offline: createGuard(options), asking, options }
}

/** Tokens before they are changed: of this API, of others, ended, and from a forger. */
const seeds = async (place: Place): Promise<readonly string[]> => {
  const { profile, audience } = place
  const other = profile === 'rfc9068' ? 'identity-domain' : 'rfc9068'
  const ended = [await issue(place, ' urn:opc:resource:expiry=1')]
  const forger = await testIssuer({ issuer: domain.issuer, audience, profile })
  const own = await Promise.all(Array.from({ length: 6 }, () => issue(place)))
  const { kid } = decode(own[0] ?? '').header
  const good = [
    ...own,
    await issue(elsewhere[profile]),
    await issue(places[other]),
    forger.token(),
    forger.token({}, { kid }),
    ...ended,
  ]
  await new Promise((fulfil) => setTimeout(fulfil, 2100))
  return good
}

const inBatches = async (
  tokens: readonly string[],
  judge: (token: string) => Promise<void>,
): Promise<void> => {
  for (let at = 0; at < tokens.length; at += together) {
    await Promise.all(tokens.slice(at, at + together).map(judge))
  }
}

const isAccepted = async (guard: Guard, token: string): Promise<boolean> =>
  (await guard.checkToken(token, anything)).ok

/** What a token gets through a gateway; null for one that no header field can carry. */
const passesGateway = async (gateway: GuardedApi, token: string): Promise<boolean | null> => {
  if (!/^[\x21-\x7e]+$/.test(token)) return null
  const headers = { authorization: `Bearer ${token}` }
  const { status } = await fetch(`${gateway.url}/any`, { headers })
  assert.match(String(status), /^(?:200|40[01])$/)
  return status === 200
}

for (const profile of ['rfc9068', 'identity-domain'] as const) {
  describe(`${tokensPerProfile} tokens of profile ${profile}`, () => {
    it('are judged alike by guard, asking guard, gateway and server', async () => {
      const place = places[profile]
      const { offline, asking, options } = makeGuards(place)
      const gateway = await startGatewayApi(options)
      gateways.push(gateway)
      const dice = makeDice(profile.length)
      const from = await seeds(place)
      const tokens = Array.from({ length: tokensPerProfile }, () =>
        pick(dice, mutations)(pick(dice, from), pick(dice, from), dice),
      )
      const counts = { yes: 0, no: 0 }
      await inBatches(tokens, async (token) => {
        const answer = await introspect(domain, place.caller, token)
        const isActive = answer.json?.['active'] === true
        assert.equal(answer.status, token === '' ? 400 : 200, answer.text)
        counts[isActive ? 'yes' : 'no'] += 1
        assert.equal(await isAccepted(offline, token), isActive, `offline: ${token}`)
        assert.equal(await isAccepted(asking, token), isActive, `asking: ${token}`)
        const passes = await passesGateway(gateway, token)
        if (passes !== null) assert.equal(passes, isActive, `gateway: ${token}`)
      })
      assert.ok(counts.yes > tokensPerProfile / 20, JSON.stringify(counts))
      assert.ok(counts.no > tokensPerProfile / 2, JSON.stringify(counts))
    })

    it('a token that was ended is seen as such by the guard that asks', async () => {
      const place = places[profile]
      const { offline, asking } = makeGuards(place)
      const token = await issue(place)
      assert.deepEqual(
        [await isAccepted(offline, token), await isAccepted(asking, token)],
        [true, true],
      )
      await revoke(domain, place.client, token)
      assert.deepEqual(
        [await isAccepted(offline, token), await isAccepted(asking, token)],
        [true, false],
      )
      const later = await issue(place)
      await domain.setActive(place.client, false)
      assert.equal(await isAccepted(asking, later), false)
      await domain.setActive(place.client, true)
    })
  })
}
