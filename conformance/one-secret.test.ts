/** One secret of several: added without ending others, ended without ending others. */
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { introspect } from './kit/afterlife.ts'
import { askToken } from './kit/ask.ts'
import { askHappening, memberOf } from './kit/explain-rounds.ts'
import { useMintmark } from './kit/start-domain.ts'
import type { Client } from './kit/test-domain.ts'

const domain = await useMintmark()
const { admin } = domain
const core = 'urn:ietf:params:scim:schemas:oracle:idcs:'
const own = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:'
const audience = 'https://secrets.example/'
const api = await admin.createApi({ audience, scopes: ['read'], introspects: true })
const extension = `${own}AppClientSecretRegenerator`

type Json = Readonly<Record<string, unknown>>

const regenerate = (client: Client, said: Json, by = admin) =>
  by.ask('POST', '/AppClientSecretRegenerator', {
    schemas: [`${core}AppClientSecretRegenerator`, extension],
    appId: client.id,
    [extension]: said,
  })

const addSecret = async (client: Client, label: string, by = admin) => {
  const answer = await regenerate(client, { keepOthers: true, label }, by)
  equal(answer.status, 201, answer.text)
  const secretId = String(memberOf(answer, extension)['secretId'])
  return { ...client, secret: String(answer.json?.['clientSecret']), secretId }
}

const createClient = () => domain.createClient({ scopes: [`${audience}read`] })
const ask = (client: Client) => askToken(domain, client, { scope: `${audience}read` })
const end = (id: string, query = '') =>
  admin.ask('DELETE', `/AppClientSecretRegenerator/${id}${query}`)

const isActive = async (token: unknown): Promise<unknown> => {
  const answer = await introspect(domain, api.client as Client, String(token))
  return answer.json?.['active']
}

test('one more secret ends none, and one of three ends alone, before its answer', async () => {
  const first = await createClient()
  const second = await addSecret(first, 'second')
  const third = await addSecret(first, 'third')
  for (const each of [first, second, third]) equal((await ask(each)).status, 200)
  equal((await end(second.secretId)).status, 204)
  deepEqual(
    await Promise.all([first, second, third].map(async (each) => (await ask(each)).status)),
    [200, 401, 200],
  )
  const again = await end(second.secretId)
  equal(again.status, 204, 'what has ended is let be')
  const app = (await admin.call('GET', `/Apps/${first.id}`))[`${own}App`]
  const { secrets } = app as { secrets: readonly Json[] }
  const ended = secrets.filter((each) => each['ends'] !== undefined)
  deepEqual(
    ended.map((each) => each['label']),
    ['second'],
  )
})

test('tokens live on, unless their end is asked for', async () => {
  const client = await createClient()
  const second = await addSecret(client, '')
  const token = (await ask(second)).json?.['access_token']
  equal((await end(second.secretId)).status, 204)
  equal(await isActive(token), true)
  equal((await end(second.secretId, '?revokeTokens=yes')).status, 400)
  equal((await end(second.secretId, '?revokeTokens=true')).status, 204)
  equal(await isActive(token), false)
})

test('it is on record, by label and ending, without anything secret', async () => {
  const client = await createClient()
  const second = await addSecret(client, 'leaked')
  await end(second.secretId)
  const page = await askHappening(domain, 'GET', '/audit?action=application.secret.end&limit=1')
  const events = page.json?.['events'] ?? []
  const [event] = events as readonly Json[]
  ok(event, page.text)
  match(String(event['object']), new RegExp(`^${client.id} `))
  const { after } = event['detail'] as { after: Json }
  deepEqual(
    [after['secretId'], after['label'], after['liveSecrets'], after['revokeTokens']],
    [second.secretId, 'leaked', 1, false],
  )
  ok(!page.text.includes(second.secret))
})

test('refused: no such secret, both ways at once, the last proof of the last one', async () => {
  equal((await end('00000000000040008000000000000000')).status, 404)
  const client = await createClient()
  equal((await regenerate(client, { keepOthers: true, overlapSeconds: 60 })).status, 400)
  for (let made = 1; made < 5; made += 1) await addSecret(client, '')
  const sixth = await regenerate(client, { keepOthers: true })
  equal(sixth.status, 400)
  match(sixth.text, /has 5 live secrets.*End one of them/)
  const name = 'conformance-administrator'
  const found = await admin.call('GET', `/Apps?filter=name%20eq%20%22${name}%22&attributeSets=all`)
  const [mine] = found['Resources'] as readonly Json[]
  ok(mine)
  const { secrets } = mine[`${own}App`] as { secrets: readonly Json[] }
  const last = await end(String(secrets[0]?.['id']))
  equal(last.status, 400, last.text)
  match(last.text, /LAST_ADMINISTRATOR/)
})

test('ended is ended whichever worker is asked, once it was answered; others go on', async () => {
  const several = await useMintmark({ environment: { MINTMARK_WORKERS: '2' } })
  await several.admin.createApi({ audience, scopes: ['read'] })
  const first = await several.createClient({ scopes: [`${audience}read`] })
  const second = await addSecret(first, 'second', several.admin)
  // each request on a connection of its own: the primary deals them out to the workers in turn
  const statuses = async (client: Client): Promise<readonly number[]> => {
    const asked = Array.from({ length: 8 }, () =>
      askToken(several, client, { scope: `${audience}read` }),
    )
    return [...new Set((await Promise.all(asked)).map(({ status }) => status))]
  }
  deepEqual([await statuses(first), await statuses(second)], [[200], [200]])
  const path = `/AppClientSecretRegenerator/${second.secretId}`
  equal((await several.admin.ask('DELETE', path)).status, 204)
  deepEqual([await statuses(second), await statuses(first)], [[401], [200]])
  const stopped = await several.admin.ask('PUT', `/AppStatusChanger/${first.id}`, {
    schemas: [`${core}AppStatusChanger`],
    active: false,
  })
  equal(stopped.status, 200, stopped.text)
  deepEqual(await statuses(first), [401])
  equal((await several.admin.ask('DELETE', `/Apps/${first.id}`)).status, 204)
  deepEqual(await statuses(first), [401])
})
