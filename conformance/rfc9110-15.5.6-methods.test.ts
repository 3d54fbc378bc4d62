import { deepEqual, doesNotMatch, equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { freePort } from './kit/free-port.ts'
import { type Answer, send } from './kit/http.ts'
import { rawRequest, sendRaw } from './kit/raw-socket.ts'
import { useMintmark } from './kit/start-domain.ts'

const metricsPort = await freePort()
const metricsUrl = `http://127.0.0.1:${metricsPort}`
const domain = await useMintmark({
  environment: { MINTMARK_METRICS_LISTEN: `127.0.0.1:${metricsPort}` },
})

/** How a door says no: what its body is recognised by, and the media type. */
const formats = {
  oauth: ['application/json', 'error', 'invalid_request'],
  scim: ['application/json', 'status', '405'],
  problem: ['application/problem+json', 'reason', 'METHOD_NOT_ALLOWED'],
} as const

type Door = readonly [format: keyof typeof formats, path: string, allow: string, url?: string]

const read = 'GET, HEAD'
const doors: readonly Door[] = [
  ['oauth', '/oauth2/v1/token', 'POST'],
  ['oauth', '/oauth2/v1/introspect', 'POST'],
  ['oauth', '/oauth2/v1/revoke', 'POST'],
  ['oauth', '/.well-known/oauth-authorization-server', read],
  ['oauth', '/.well-known/openid-configuration', read],
  ['oauth', '/.well-known/jwks.json?x=1', read],
  ['oauth', '/fed/v1/metadata', read],
  ['oauth', '/openapi.json', read],
  ['oauth', '/healthz', read],
  ['oauth', '/readyz', read],
  ['oauth', '/metrics', read, metricsUrl],
  ['scim', '/admin/v1/Apps', 'GET, HEAD, POST'],
  ['scim', '/admin/v1/Apps/nobody', 'GET, HEAD, PUT, PATCH, DELETE'],
  ['scim', '/admin/v1/Apps/.search', 'POST'],
  ['scim', '/admin/v1/Bulk', 'POST'],
  ['scim', '/admin/v1/Schemas', read],
  ['scim', '/admin/v1/SigningCert/jwk', read],
  ['problem', '/api/v1/audit', read],
  ['problem', '/api/v1/preview', 'POST'],
  ['problem', '/api/v1/revocations', read],
  ['problem', '/api/v1/sessions/nobody', 'DELETE'],
  ['problem', '/console', read],
  ['problem', '/console/', read],
  ['problem', '/console/session', 'GET, HEAD, POST, DELETE'],
  ['problem', '/console/session/account/passkeys/nobody', 'DELETE'],
  ['problem', '/ui/v1/adminconsole', read],
]

const bearer = { authorization: `Bearer ${domain.admin.token}` }
const marker = 'marker-of-a-trace-7'

const ask = (method: string, path: string, url = domain.url): Promise<Answer> =>
  send({ url: url + path, method, headers: { ...bearer, 'x-marker': marker } })

const expectRefused = (answer: Answer, [format, path, allow]: Door): void => {
  const [type, member, says] = formats[format]
  equal(answer.status, 405, `${path}: ${answer.status} ${answer.text}`)
  equal(answer.headers.allow, allow, path)
  equal(answer.headers['content-type']?.split(';')[0], type, path)
  equal(answer.json?.[member], says, `${path}: ${answer.text}`)
  match(answer.headers['cache-control'] ?? '', /no-store/, path)
  ok(answer.headers['x-request-id'], path)
  equal(answer.headers['x-content-type-options'], 'nosniff', path)
  doesNotMatch(answer.text, new RegExp(marker))
}

// known to HTTP or to somebody, and to no door of this server
for (const method of ['OPTIONS', 'TRACE', 'PROPFIND', 'QUERY', 'M-SEARCH', 'UNLOCK']) {
  const rows = method === 'TRACE' ? 'HD-01 HD-02' : 'HD-01'
  test(`${rows} ${method} is refused by every door in its own words`, async () => {
    for (const door of doors) expectRefused(await ask(method, door[1], door[3]), door)
  })
}

test('HD-01 a method that other paths of the door take is refused alike', async () => {
  for (const door of doors) {
    const [, path, allow, url] = door
    const method = ['PUT', 'PATCH', 'DELETE', 'POST', 'GET'].find((each) => !allow.includes(each))
    expectRefused(await ask(method as string, path, url), door)
  }
})

test('HD-01 what a refusal allows is there', async () => {
  for (const [, path, allow, url] of doors) {
    for (const method of allow.split(', ')) {
      const answer = await ask(method, path, url)
      ok(![405, 501].includes(answer.status), `${method} ${path}: ${answer.status}`)
      if (method === 'HEAD') equal(answer.text, '')
    }
  }
})

test('HD-01 a path that is not there is 404, whatever the method', async () => {
  const nowhere = ['/nowhere', '/oauth2/v1/nothing', '/admin/v1/Nothing', '/api/v1/nothing']
  for (const path of [...nowhere, '/healthz/', '/.well-known/nothing', '/console/nothing.js']) {
    const methods = path.startsWith('/console') ? ['GET'] : ['GET', 'OPTIONS', 'TRACE', 'QUERY']
    const answers = await Promise.all(methods.map((method) => ask(method, path)))
    deepEqual(
      answers.map(({ status }) => status),
      methods.map(() => 404),
      path,
    )
  }
  for (const method of ['GET', 'OPTIONS']) {
    const answer = await ask(method, '/nothing', metricsUrl)
    equal(answer.status, 404)
    equal(answer.json?.['error'], 'invalid_request', answer.text)
  }
})

test('HD-01 a stranger is told of no path of the administration, by no method', async () => {
  for (const path of ['/admin/v1/Apps', '/admin/v1/Nothing', '/api/v1/audit', '/api/v1/nothing']) {
    for (const method of ['OPTIONS', 'TRACE', 'PUT']) {
      const answer = await send({ url: domain.url + path, method })
      equal(answer.status, 401, `${method} ${path}`)
      equal(answer.headers.allow, undefined)
    }
  }
})

test('HD-01 a body that nobody wants does not stand in the way of what comes next', async () => {
  const body = 'x'.repeat(100_000)
  const text = await sendRaw(
    domain.url,
    `POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`,
    body,
    rawRequest(domain.url, '/healthz', [], '', 'GET'),
  )
  match(text, /^HTTP\/1\.1 405 /)
  match(text, /HTTP\/1\.1 200 OK[\s\S]*\r\n\r\nok$/)
})
