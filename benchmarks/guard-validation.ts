import { createPublicKey } from 'node:crypto'
import { createGuard } from '@mintmark/guard/guard'
import { readRequirement } from '@mintmark/guard/requirement'
import { testIssuer } from '@mintmark/guard/testing'
import { JwtVerifier } from 'aws-jwt-verify'
import { createVerifier } from 'fast-jwt'
import { createLocalJWKSet, type JSONWebKeySet, type JWK, jwtVerify } from 'jose'
import { type Figure, figure } from './result.ts'
import { spreadOf } from './statistics.ts'

/** One way of checking a token; throws or answers false for a bad one. */
interface Checker {
  readonly name: string
  check(token: string): unknown
}

/** Shares of the time of jose: at least 0.85 and 15 times its speed, turned round. */
const distinctShareMax = 1.18
const rememberedShareMax = 0.067

const guardName = 'guard, distinct tokens'
const rememberedName = 'guard, remembered tokens'
const joseName = 'jose.jwtVerify'

async function measureMicros(checker: Checker, tokens: readonly string[]): Promise<number> {
  const startedAt = performance.now()
  for (const token of tokens) {
    if ((await checker.check(token)) === false) throw new Error(`${checker.name} refused a token`)
  }
  return ((performance.now() - startedAt) * 1_000) / tokens.length
}

/** Fresh tokens and everybody's keys; the remembered ones are seen once before. */
async function openCheckers(count: number) {
  const issuer = await testIssuer()
  const { guardOptions, audience } = issuer
  const answer = await guardOptions.fetch(`${issuer.issuer}/jwks`, {})
  const read: unknown = await answer.json()
  const keySet = read as JSONWebKeySet
  const keys = createLocalJWKSet(keySet)
  const key = createPublicKey({ key: keySet.keys[0] as JWK, format: 'jwk' })
  const pem = key.export({ type: 'spki', format: 'pem' }) as string
  const rules = { issuer: issuer.issuer, audience, typ: 'at+jwt' }
  const fast = createVerifier({
    key: pem,
    algorithms: ['ES256'],
    allowedIss: issuer.issuer,
    allowedAud: audience,
  })
  const jwksUri = `${issuer.issuer}/jwks`
  const aws = JwtVerifier.create({ issuer: issuer.issuer, audience, jwksUri })
  aws.cacheJwks(read as Parameters<typeof aws.cacheJwks>[0])
  const need = readRequirement('orders.read')
  const guard = createGuard({ ...guardOptions, rememberedTokensMax: count * 2 })
  await guard.ready()
  const check = async (token: string) => (await guard.checkToken(token, need)).ok
  const checkers: readonly Checker[] = [
    { name: joseName, check: (token) => jwtVerify(token, keys, rules) },
    { name: guardName, check },
    { name: rememberedName, check },
    { name: 'aws-jwt-verify', check: (token) => aws.verifySync(token) !== undefined },
    { name: 'fast-jwt', check: (token) => fast(token) !== undefined },
  ]
  const tokens = Array.from({ length: count }, () => issuer.token({ scope: 'orders.read' }))
  return { checkers, tokens }
}

/**
 * Time to check one ES256 access token, in this process, one after the other: by the guard, which
 * also judges claims and scope, and by bare libraries.
 */
export async function measureGuard(rounds: number, count: number): Promise<readonly Figure[]> {
  const micros = new Map<string, number[]>()
  const shares = new Map<string, number[]>()
  const note = (to: Map<string, number[]>, name: string, value: number) =>
    to.set(name, [...(to.get(name) ?? []), value])
  // The first round warms the compilers and is not counted.
  for (let round = -1; round < rounds; round += 1) {
    const { checkers, tokens } = await openCheckers(count)
    let jose = Number.NaN
    for (const checker of checkers) {
      const spent = await measureMicros(checker, tokens)
      if (checker.name === joseName) jose = spent
      if (round < 0) continue
      note(micros, checker.name, spent)
      note(shares, checker.name, spent / jose)
    }
  }
  const targets = new Map([
    [guardName, distinctShareMax],
    [rememberedName, rememberedShareMax],
  ])
  const times = [...micros].map(([name, all]) => figure(name, 'µs a token', spreadOf(all)))
  const parts = [...targets].map(([name, target]) =>
    figure(`${name}, over ${joseName}`, 'of its time', spreadOf(shares.get(name) ?? []), target),
  )
  return [...times, ...parts]
}
