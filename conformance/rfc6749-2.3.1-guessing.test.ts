import { equal, match } from 'node:assert/strict'
import { test } from 'node:test'
import { assertErrorBody, assertOk, brief } from './kit/answers.ts'
import { askToken, basicOf, post } from './kit/ask.ts'
import { makeClient } from './kit/fixtures.ts'
import { useMintmark } from './kit/start-domain.ts'
import { introspectionPath, revocationPath, tokenPath } from './kit/test-domain.ts'

// Addresses behind a proxy that is trusted here: limits are for each address.
const domain = await useMintmark({
  exempt: false,
  environment: { MINTMARK_TRUSTED_PROXIES: '127.0.0.1/32' },
})
const guesser = { 'x-forwarded-for': '203.0.113.5' }
const owner = { 'x-forwarded-for': '198.51.100.7' }
const guessesMax = 20

for (const path of [tokenPath, introspectionPath, revocationPath]) {
  test(`CA-19 guessing secrets at ${path} is slowed down, the owner is not`, async () => {
    const client = await makeClient(domain)
    const wrong = basicOf({ ...client, secret: 'wrong-secret' })
    const parameters = { grant_type: 'client_credentials', token: 'x' }
    let answer = await post(domain, path, parameters, { ...wrong, ...guesser })
    for (let guesses = 1; guesses < guessesMax && answer.status === 401; guesses += 1) {
      answer = await post(domain, path, parameters, { ...wrong, ...guesser })
    }
    equal(answer.status, 429, `still ${brief(answer)} after ${guessesMax} guesses`)
    assertErrorBody(answer)
    match(answer.headers['retry-after'] ?? 'no Retry-After', /^[1-9]\d*$/)
    const right = await askToken(domain, client, {}, guesser)
    equal(right.status, 429, 'the guesser may go on when it guesses right')
    assertOk(await askToken(domain, client, {}, owner))
  })
}
