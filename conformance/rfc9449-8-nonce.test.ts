import { equal, match, notEqual, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { assertE400, assertOk } from './kit/answers.ts'
import { askToken } from './kit/ask.ts'
import { askWithProof } from './kit/dpop.ts'
import { cAny } from './kit/fixtures.ts'
import type { Answer } from './kit/http.ts'
import { makePair } from './kit/jwt.ts'
import { useMintmark } from './kit/start-domain.ts'

const environment = { MINTMARK_DPOP_NONCES: 'required', MINTMARK_WORKERS: '2' }
const domain = await useMintmark({ environment })
const other = await useMintmark({ environment })
const client = await cAny(domain)
const pair = makePair('ES256')
const ask = (nonce?: unknown) => askWithProof(domain, client, { claims: { nonce } }, pair)

/** The one nonce of an answer. */
const nonceOf = ({ rawHeaders }: Answer): string => {
  const at = rawHeaders.flatMap((name, index) => (/^dpop-nonce$/i.test(name) ? [index] : []))
  equal(at.length, 1)
  return rawHeaders[(at[0] as number) + 1] as string
}

test('DP-17 a proof without a nonce is told one, and is good with it', async () => {
  const answer = await ask()
  assertE400(answer, 'use_dpop_nonce')
  const nonce = nonceOf(answer)
  match(nonce, /^[\w-]{43}$/)
  assertOk(await ask(nonce))
})

test('DP-17 DP-19 an old, foreign or missing nonce is refused, and a new one told', async () => {
  const stranger = await askWithProof(other, await cAny(other), {}, pair)
  const foreign = nonceOf(stranger)
  for (const nonce of [foreign, 'x', undefined, 'x'.repeat(200)]) {
    const answer = await ask(nonce)
    assertE400(answer, 'use_dpop_nonce')
    assertOk(await ask(nonceOf(answer)))
  }
  for (const nonce of [7, '', null, []]) assertE400(await ask(nonce), 'invalid_dpop_proof')
})

test('DP-18 a success tells the nonce of the next request', async () => {
  const answer = await ask(nonceOf(await ask()))
  assertOk(answer)
  assertOk(await ask(nonceOf(answer)))
})

test('DP-20 a nonce is good at every worker, and each server has its own', async () => {
  const nonce = nonceOf(await ask())
  const asked = Array.from({ length: 10 }, () =>
    askWithProof(domain, client, { claims: { nonce } }, makePair('ES256')),
  )
  for (const answer of await Promise.all(asked)) assertOk(answer)
  const foreign = nonceOf(await askWithProof(other, await cAny(other), {}, pair))
  notEqual(foreign, nonce)
})

test('DP-17 who sends no proof is not concerned', async () => {
  const answer = await askToken(domain, client)
  assertOk(answer)
  ok(!('dpop-nonce' in answer.headers))
})
