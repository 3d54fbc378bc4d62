/** RFC 9110 §15.6.1: where waiting does not help no door says that it might, or gives a token. */
import { deepEqual, equal, ok } from 'node:assert/strict'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { scimReasonOf } from './kit/administration.ts'
import { askToken } from './kit/ask.ts'
import { askHappening } from './kit/explain-rounds.ts'
import { makeClient } from './kit/fixtures.ts'
import { type Answer, send } from './kit/http.ts'
import { noDataFile } from './kit/mintmark-domain.ts'
import { strangerSecret } from './kit/refused-clients.ts'
import { startOurs } from './kit/start-domain.ts'

const problemReason = ({ json }: Answer): unknown => json?.['reason']

test('INTERNAL: the database is damaged while it is used', { skip: noDataFile }, async () => {
  const domain = await startOurs()
  try {
    const known = await makeClient(domain)
    for (const name of ['mintmark.db', 'mintmark.db-wal']) {
      const file = join(domain.dataDirectory, name)
      writeFileSync(file, Buffer.alloc(statSync(file).size, 'damaged '))
    }
    const audit = await askHappening(domain, 'GET', '/audit')
    deepEqual([audit.status, problemReason(audit)], [500, 'INTERNAL'], audit.text)
    const apps = await domain.admin.ask('GET', '/Apps')
    deepEqual([apps.status, scimReasonOf(apps)], [500, 'INTERNAL'], apps.text)
    equal(apps.headers['retry-after'], undefined)
    // whether the look-up or the record meets the damage first: no token
    for (const client of [known, { clientId: 'somebody', secret: strangerSecret() }]) {
      const answer = await askToken(domain, client)
      equal(answer.json?.['access_token'], undefined)
      ok(answer.status >= 500, answer.text)
    }
    const keys = await send({ url: `${domain.url}/.well-known/jwks.json`, method: 'GET' })
    equal(keys.status, 200, 'what is in memory and needs no record is still told')
  } finally {
    await domain.stop()
  }
})
