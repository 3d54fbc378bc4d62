import { doesNotMatch, equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { assertOk } from './kit/answers.ts'
import { askSecurely, askToken, basicOf, post } from './kit/ask.ts'
import { cBasic } from './kit/fixtures.ts'
import { form, formHeaders, send } from './kit/http.ts'
import { rawRequest, sendRaw } from './kit/raw-socket.ts'
import { startRefused } from './kit/server-process.ts'
import { ours, useDomain } from './kit/start-domain.ts'
import { tokenPath } from './kit/test-domain.ts'

const domain = await useDomain()
const grant = form({ grant_type: 'client_credentials' })

test('TE-03 plain HTTP to the TLS door is not answered with a token', async () => {
  const { secureUrl } = ours(domain)
  const client = await cBasic(domain)
  const url = secureUrl.replace('https:', 'http:')
  const headers = [
    `Authorization: ${basicOf(client).authorization}`,
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${grant.length}`,
  ]
  const text = await sendRaw(url, rawRequest(url, tokenPath, headers, grant))
  doesNotMatch(text, /access_token|HTTP\/1\.1 [23]/)
  assertOk(await askSecurely(domain, {}, { headers: basicOf(client) }))
})

test('TE-03 a plain door that others could reach is not opened', async () => {
  const { dataDirectory } = ours(domain)
  const { code, output } = await startRefused({
    MINTMARK_DATA: `${dataDirectory}-public`,
    MINTMARK_LISTEN: '0.0.0.0:0',
  })
  ok(code !== 0, 'it started')
  doesNotMatch(output, /"listening"/)
  match(output, /MINTMARK_LISTEN/)
})

test('TE-20 no answer of the endpoint is a redirect', async () => {
  const client = await cBasic(domain)
  const answers = [
    await askToken(domain, client),
    await askToken(domain, { ...client, secret: 'wrong' }),
    await post(domain, tokenPath, {}),
    await send({ url: domain.url + tokenPath, method: 'GET' }),
    await send({
      url: `${domain.url}/${tokenPath}`,
      headers: formHeaders(basicOf(client)),
      body: grant,
    }),
  ]
  for (const { status, headers } of answers) {
    ok(status < 300 || status >= 400, `status ${status}`)
    equal(headers.location, undefined)
  }
})

test('TE-21 a page of another origin can read nothing of the endpoint', async () => {
  const client = await cBasic(domain)
  const origin = 'https://evil.example'
  const answer = await askToken(domain, client, {}, { origin })
  assertOk(answer)
  const preflight = await send({
    url: domain.url + tokenPath,
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'POST' },
  })
  for (const { headers } of [answer, preflight]) {
    const allowed = Object.keys(headers).filter((name) => name.startsWith('access-control-allow'))
    equal(allowed.join(), '')
  }
})
