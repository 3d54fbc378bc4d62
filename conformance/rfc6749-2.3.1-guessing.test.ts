import { equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { assertErrorBody, assertOk, brief } from './kit/answers.ts'
import { askToken, basicOf, post } from './kit/ask.ts'
import { makeClient } from './kit/fixtures.ts'
import { parseRawAnswer, rawRequest, sendRaw } from './kit/raw-socket.ts'
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

test('CA-19 the addresses that one host has in IPv6 count as one', async () => {
  const client = await makeClient(domain)
  const from = (address: string) => ({ 'x-forwarded-for': address })
  const guess = (at: number) =>
    askToken(domain, { ...client, secret: 'wrong' }, {}, from(`2001:DB8:0:7::${at.toString(16)}`))
  let answer = await guess(0)
  for (let at = 1; at < guessesMax && answer.status === 401; at += 1) answer = await guess(at)
  equal(answer.status, 429, `still ${brief(answer)} after ${guessesMax} guesses`)
  const right = await askToken(domain, client, {}, from('2001:db8:0:7:1:2:3:4'))
  equal(right.status, 429, 'another address of the same host may go on')
  assertOk(await askToken(domain, client, {}, from('2001:db8:0:8::1')))
})

test('CA-19 a guess that was under way when others locked its client out fails', async () => {
  const client = await makeClient(domain, { secret: 'chosen by somebody' })
  const body = 'grant_type=client_credentials'
  const guess = async (secret: string) => {
    const headers = [
      `Authorization: ${basicOf({ ...client, secret }).authorization}`,
      'Content-Type: application/x-www-form-urlencoded',
      `Content-Length: ${body.length}`,
      'X-Forwarded-For: 203.0.113.77',
    ]
    return parseRawAnswer(
      await sendRaw(domain.url, rawRequest(domain.url, tokenPath, headers, body)),
    )
  }
  // ten lock it out
  const wrong = Array.from({ length: 12 }, (_, at) => `guess ${at}`)
  const answers = await Promise.all([...wrong, client.secret].map(guess))
  ok(answers.some(({ status }) => status === 429))
  equal(answers.at(-1)?.status, 429, answers.map(brief).join(', '))
  assertOk(await askToken(domain, client, {}, owner))
})
