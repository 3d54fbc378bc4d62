import { doesNotMatch, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { assertE401 } from './kit/answers.ts'
import { cPost } from './kit/fixtures.ts'
import { form, formHeaders, send } from './kit/http.ts'
import { ours, useDomain } from './kit/start-domain.ts'
import { tokenPath } from './kit/test-domain.ts'

const domain = await useDomain({ environment: { MINTMARK_LOG_LEVEL: 'trace' } })

const askInUri = async () => {
  const client = await cPost(domain)
  const query = form({ client_id: client.clientId, client_secret: client.secret })
  const body = form({ grant_type: 'client_credentials' })
  const url = `${domain.url}${tokenPath}?${query}`
  return { client, answer: await send({ url, headers: formHeaders(), body }) }
}

test('TE-11 credentials in the URI prove nothing', async () => {
  assertE401((await askInUri()).answer)
})

test('TE-11 the query is in no log', async () => {
  const { client } = await askInUri()
  const log = ours(domain).log()
  ok(log.includes('"listening"'), 'the log can be read')
  ok(!log.includes(client.secret), 'the secret is in the log')
  doesNotMatch(log, /client_secret=/)
})
