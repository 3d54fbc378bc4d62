import { match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { assertErrorBody, assertOk } from './kit/answers.ts'
import { askToken, basicOf } from './kit/ask.ts'
import { cBasic } from './kit/fixtures.ts'
import { parseRawAnswer, rawRequest, sendRaw } from './kit/raw-socket.ts'
import { useDomain } from './kit/start-domain.ts'
import { tokenPath } from './kit/test-domain.ts'

const domain = await useDomain()
const body = 'grant_type=client_credentials'

const head = async (...more: readonly string[]): Promise<readonly string[]> => [
  `Authorization: ${basicOf(await cBasic(domain)).authorization}`,
  'Content-Type: application/x-www-form-urlencoded',
  ...more,
]

test('TE-17 a chunked body is read', async () => {
  const headers = await head('Transfer-Encoding: chunked')
  const chunks = ['a\r\ngrant_type\r\n', '13\r\n=client_credentials\r\n', '0\r\n\r\n']
  const text = await sendRaw(
    domain.url,
    rawRequest(domain.url, tokenPath, headers, chunks[0] as string),
    ...chunks.slice(1),
  )
  assertOk(parseRawAnswer(text))
})

test('TE-18 a client that waits for 100 gets it, then the token', async () => {
  const headers = await head('Expect: 100-continue', `Content-Length: ${body.length}`)
  const text = await sendRaw(domain.url, rawRequest(domain.url, tokenPath, headers, ''), body)
  match(text, /^HTTP\/1\.1 100 /)
  assertOk(parseRawAnswer(text))
})

for (const accept of ['text/html', 'application/xml', 'application/jwt', 'x']) {
  test(`TE-19 Accept: ${accept} is answered in JSON, errors too`, async () => {
    const client = await cBasic(domain)
    assertOk(await askToken(domain, client, {}, { accept }))
    assertErrorBody(await askToken(domain, client, { grant_type: 'foo' }, { accept }))
  })
}

test('TE-17 two lengths, or a length beside chunks, are no request', async () => {
  const conflicts = [
    await head('Content-Length: 29', 'Content-Length: 5'),
    await head('Content-Length: 29', 'Transfer-Encoding: chunked'),
  ]
  for (const headers of conflicts) {
    const text = await sendRaw(domain.url, rawRequest(domain.url, tokenPath, headers, body))
    ok(!text.includes('access_token'), text.slice(0, 60))
    match(text, /^HTTP\/1\.1 400 /)
  }
})
