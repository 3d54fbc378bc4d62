/** Reasons of `/admin/v1` and `/api/v1` that no other test names: one request for each. */
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { makeCertificate, nameOf } from './kit/certificate.ts'
import { askHappening } from './kit/explain-rounds.ts'
import { makeClient } from './kit/fixtures.ts'
import { type Answer, send } from './kit/http.ts'
import { useMintmark } from './kit/start-domain.ts'

const domain = await useMintmark()
const { admin } = domain
const core = 'urn:ietf:params:scim:schemas:oracle:idcs:'
const patchOp = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
const errorSchema = 'urn:ietf:params:scim:api:oracle:idcs:extension:messages:Error'

const app = { schemas: [`${core}App`], basedOnTemplate: { value: 'CustomWebAppTemplateId' } }

const scimReason = (answer: Answer): unknown => {
  const error = answer.json?.[errorSchema] as Readonly<Record<string, unknown>> | undefined
  ok(error !== undefined, answer.text)
  equal(typeof answer.json?.['detail'], 'string')
  return (error['additionalData'] as Readonly<Record<string, unknown>>)['reason']
}

const changeStale = async (): Promise<Answer> => {
  const { id } = await makeClient(domain)
  return send({
    url: `${domain.url}/admin/v1/Apps/${id}`,
    method: 'PATCH',
    headers: {
      authorization: `Bearer ${admin.token}`,
      'content-type': 'application/scim+json',
      'if-match': 'W/"of-another-time"',
    },
    body: JSON.stringify({
      schemas: [patchOp],
      Operations: [{ op: 'replace', path: 'description', value: 'x' }],
    }),
  })
}

const deleteUsed = async (): Promise<Answer> => {
  const { der } = makeCertificate({ subject: nameOf(['CN', 'in use']) })
  await admin.uploadCertificate('in-use', der)
  await makeClient(domain, { certificates: ['in-use'] })
  const found = await admin.call('GET', '/OAuthClientCertificates')
  const [first] = found['Resources'] as readonly Readonly<Record<string, unknown>>[]
  return admin.ask('DELETE', `/OAuthClientCertificates/${first?.['id']}`)
}

const postAs = (headers: Readonly<Record<string, string>>, path = '/admin/v1/Apps') =>
  send({
    url: domain.url + path,
    headers: { authorization: `Bearer ${admin.token}`, ...headers },
    body: '{}',
  })

const scim: readonly [reason: string, status: number, ask: () => Promise<Answer>][] = [
  [
    'SCHEMA_UNKNOWN',
    400,
    () => admin.ask('POST', '/Apps', { ...app, schemas: ['urn:x'], displayName: 'x' }),
  ],
  ['ENDPOINT_UNKNOWN', 404, () => admin.ask('GET', '/Applications')],
  ['METHOD_NOT_ALLOWED', 405, () => admin.ask('DELETE', '/Apps')],
  ['BODY_CHARSET_UNSUPPORTED', 400, () => postAs({ 'content-type': 'text/plain; charset=utf-16' })],
  ['BODY_CODING_UNSUPPORTED', 415, () => postAs({ 'content-encoding': 'gzip' })],
  ['SORT_NOT_OFFERED', 400, () => admin.ask('GET', '/Apps?sortBy=allowedScopes')],
  ['VERSION_STALE', 412, changeStale],
  ['CERTIFICATE_IN_USE', 400, deleteUsed],
]

describe('/admin/v1 says', () => {
  for (const [reason, status, ask] of scim) {
    it(reason, async () => {
      const answer = await ask()
      deepEqual([answer.status, scimReason(answer)], [status, reason], answer.text)
    })
  }
})

const ofDomain = () => askHappening(domain, 'POST', '/preview', { client: 'nobody' })

const problems: readonly [reason: string, status: number, ask: () => Promise<Answer>][] = [
  ['TOKEN_MISSING', 401, () => askHappening(domain, 'GET', '/audit', undefined, null)],
  ['TOKEN_REFUSED', 401, () => askHappening(domain, 'GET', '/audit', undefined, 'none')],
  ['CLIENT_UNKNOWN', 404, ofDomain],
  [
    'BODY_CHARSET_UNSUPPORTED',
    400,
    () => postAs({ 'content-type': 'application/json; charset=utf-16' }, '/api/v1/preview'),
  ],
  ['BODY_CODING_UNSUPPORTED', 415, () => postAs({ 'content-encoding': 'br' }, '/api/v1/preview')],
  ['MEMBER_UNKNOWN', 400, () => askHappening(domain, 'POST', '/preview', { client: 'a', x: 1 })],
  ['MEMBER_INVALID', 400, () => askHappening(domain, 'POST', '/preview', { client: 1 })],
  [
    'BODY_NOT_AN_OBJECT',
    400,
    () =>
      send({
        url: `${domain.url}/api/v1/preview`,
        headers: { authorization: `Bearer ${admin.token}`, 'content-type': 'application/json' },
        body: '[]',
      }),
  ],
  [
    'BODY_TOO_LARGE',
    413,
    () => askHappening(domain, 'POST', '/preview', { client: 'x'.repeat(100_000) }),
  ],
]

describe('/api/v1 says', () => {
  for (const [reason, status, ask] of problems) {
    it(reason, async () => {
      const answer = await ask()
      deepEqual([answer.status, answer.json?.['reason']], [status, reason], answer.text)
      const type = `urn:mintmark:problem:${reason.toLowerCase().replaceAll('_', '-')}`
      equal(answer.json?.['type'], type)
      ok(answer.json?.['detail'])
    })
  }
})
