/** RFC 9110 §15.5.14: what is too large is refused in the format of its door, and is not read. */
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { scimReasonOf } from './kit/administration.ts'
import { basicOf } from './kit/ask.ts'
import { cBasic } from './kit/fixtures.ts'
import { type Answer, formHeaders, send } from './kit/http.ts'
import { useMintmark } from './kit/start-domain.ts'

const domain = await useMintmark()
const client = await cBasic(domain)
const bearer = { authorization: `Bearer ${domain.admin.token}`, 'content-type': 'application/json' }

const problemReason = ({ json }: Answer): unknown => json?.['reason']
const oauthError = ({ json }: Answer): unknown => json?.['error']

interface Door {
  readonly path: string
  readonly bytes: number
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly read: (answer: Answer) => unknown
  readonly said: string
}

const doors: readonly Door[] = [
  {
    path: '/oauth2/v1/token',
    bytes: 200_000,
    headers: formHeaders(basicOf(client)),
    read: oauthError,
    said: 'invalid_request',
  },
  {
    path: '/admin/v1/Apps',
    bytes: 2_000_000,
    headers: bearer,
    read: scimReasonOf,
    said: 'BODY_TOO_LARGE',
  },
  {
    path: '/admin/v1/Bulk',
    bytes: 2_000_000,
    headers: bearer,
    read: scimReasonOf,
    said: 'BODY_TOO_LARGE',
  },
  {
    path: '/api/v1/preview',
    bytes: 200_000,
    headers: bearer,
    read: problemReason,
    said: 'BODY_TOO_LARGE',
  },
  {
    path: '/console/session',
    bytes: 200_000,
    headers: { 'content-type': 'application/json' },
    read: problemReason,
    said: 'BODY_TOO_LARGE',
  },
]

for (const { path, bytes, headers, read, said } of doors) {
  test(`POST ${path}: ${bytes} bytes are refused as that door refuses`, async () => {
    const answer = await send({ url: domain.url + path, headers, body: 'x'.repeat(bytes) })
    deepEqual([answer.status, read(answer)], [413, said], answer.text)
    match(answer.headers['content-type'] ?? '', /json/)
    equal(answer.headers['cache-control'], 'no-store')
    // RFC 9110 §15.5.14: nobody reads what is left of it
    equal(answer.headers['connection'], 'close')
    ok(answer.headers['x-request-id'], 'the log knows the answer by an id')
  })
}
