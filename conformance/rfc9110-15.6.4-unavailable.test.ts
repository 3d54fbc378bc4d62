import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { scimReasonOf } from './kit/administration.ts'
import { assertErrorBody } from './kit/answers.ts'
import { askToken } from './kit/ask.ts'
import { askHappening } from './kit/explain-rounds.ts'
import { cBasic } from './kit/fixtures.ts'
import { send } from './kit/http.ts'
import { logLineOf } from './kit/log-line.ts'
import { noDataFile } from './kit/mintmark-domain.ts'
import { startOurs } from './kit/start-domain.ts'

/** 512-byte blocks; enough to start with, and full after some hundred tokens. */
const fileBlocksMax = 4096
const triesMax = 3000

const name = 'TE-25 when nothing can be recorded, the answer says so and is no token'

test(name, { skip: noDataFile }, async () => {
  const domain = await startOurs({ fileBlocksMax })
  try {
    const client = await cBasic(domain)
    let answer = await askToken(domain, client)
    for (let tries = 0; tries < triesMax && answer.status === 200; tries += 1) {
      answer = await askToken(domain, client)
    }
    equal(answer.status, 503)
    assertErrorBody(answer)
    equal(answer.json?.['error'], 'temporarily_unavailable')
    equal((await logLineOf(domain, answer))['reason'], 'RECORD_UNAVAILABLE')
    match(answer.headers['retry-after'] ?? 'no Retry-After', /^[1-9]\d*$/)
    const { admin } = domain
    const schemas = ['urn:ietf:params:scim:schemas:oracle:idcs:App']
    const basedOnTemplate = { value: 'CustomWebAppTemplateId' }
    const app = { schemas, basedOnTemplate, displayName: 'No room' }
    const changed = await admin.ask('POST', '/Apps', app)
    deepEqual([changed.status, scimReasonOf(changed)], [503, 'RECORD_UNAVAILABLE'], changed.text)
    match(changed.headers['retry-after'] ?? 'no Retry-After', /^[1-9]\d*$/)
    const rotated = await askHappening(domain, 'POST', '/keys/rotate', {})
    deepEqual([rotated.status, rotated.json?.['reason']], [503, 'RECORD_UNAVAILABLE'], rotated.text)
    match(rotated.headers['retry-after'] ?? 'no Retry-After', /^[1-9]\d*$/)
    const ready = await send({ url: `${domain.url}/readyz`, method: 'GET' })
    ok(ready.status === 503 || (await askToken(domain, client)).status === 503)
  } finally {
    await domain.stop()
  }
})
