/* What operators ask a running server: how it was started, how it is doing, what holds. */
import { deepEqual, doesNotMatch, equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { askToken } from './kit/ask.ts'
import { askHappening } from './kit/explain-rounds.ts'
import { useMintmark } from './kit/start-domain.ts'
import { askStored } from './kit/stored-rows.ts'

const webhook = 'https://hooks.example/T0/canary-of-a-secret'
const domain = await useMintmark({ environment: { MINTMARK_EXPIRY_WEBHOOK_URL: webhook } })

const myScopes = 'urn:opc:idm:__myscopes__'

type Json = Readonly<Record<string, unknown>>

const tell = async (path: string): Promise<Json> => {
  const answer = await askHappening(domain, 'GET', path)
  equal(answer.status, 200, answer.text)
  doesNotMatch(answer.text, /canary/)
  return answer.json as Json
}

test('every setting is told with its source, and of a secret only that it is set', async () => {
  const { settings } = (await tell('/settings')) as { settings: Json[] }
  const of = (key: string) => settings.find((each) => each['key'] === key)
  equal(of('expiryWebhookUrl')?.['value'], '(set)')
  equal(of('expiryWebhookUrl')?.['isSecret'], true)
  const source = { from: 'environment', place: 'MINTMARK_EXPIRY_WEBHOOK_URL' }
  deepEqual(of('expiryWebhookUrl')?.['source'], source)
  deepEqual(of('audit')?.['source'], { from: 'default', place: null })
})

test('health tells the parts', async () => {
  const health = await tell('/health')
  equal(health['ready'], true)
  deepEqual(health['notReady'], [])
  const database = health['database'] as Json
  const isFile = domain.databaseUrl === ''
  equal(database['kind'], isFile ? 'sqlite' : 'postgresql')
  ok(Number(database['schema']) > 0)
  equal((database['servers'] as Json[]).length, isFile ? 0 : 1)
  const processes = health['processes'] as Json
  equal(processes['count'], 1)
  ok(Math.abs(Date.parse(String(health['now'])) - Date.now()) < 60_000)
})

test('an administrator who runs a command after another is not told to keep tokens', async () => {
  const { administrator } = domain
  const asked = await Promise.all(
    Array.from({ length: 12 }, () => askToken(domain, administrator, { scope: myScopes })),
  )
  for (const { status } of asked) equal(status, 200)
  const { issued, attention } = await tell('/overview')
  ok(Number(issued) >= 12)
  deepEqual(attention, [])
})

test('what has no such name or role is refused', async () => {
  equal((await askHappening(domain, 'GET', '/health?x=1')).status, 400)
  equal((await askHappening(domain, 'POST', '/settings', {})).status, 405)
  const client = await domain.createClient({})
  const filter = encodeURIComponent('displayName eq "Application Administrator"')
  const found = await domain.admin.call('GET', `/AppRoles?filter=${filter}`)
  const [role] = found['Resources'] as { id: string }[]
  await domain.admin.grantRole('IDCSAppId', role?.id ?? '', client)
  const granted = await askToken(domain, client, { scope: myScopes })
  const accessToken = String(granted.json?.['access_token'])
  for (const path of ['/health', '/settings', '/audit/verify']) {
    equal((await askHappening(domain, 'GET', path, undefined, accessToken)).status, 403, path)
  }
})

test('the chain holds, until somebody alters a row', async () => {
  const sound = await tell('/audit/verify')
  equal(sound['ok'], true)
  equal(sound['complete'], true)
  ok(Number(sound['events']) > 0)
  const events = (await tell('/audit?limit=1000')) as { events: { chain: { sequence: number } }[] }
  const sequence = Math.min(...events.events.map(({ chain }) => chain.sequence)) + 1
  const before = `SELECT body FROM audit_pack AS other WHERE other.sequence = ${sequence - 1}`
  await askStored(domain, `UPDATE audit_pack SET body = (${before}) WHERE sequence = ${sequence}`)
  const broken = await tell('/audit/verify')
  equal(broken['ok'], false)
  equal((broken['broken'] as Json)['sequence'], sequence)
  match(String((broken['broken'] as Json)['what']), /altered/)
})

test('a domain file is refused by line, tried, applied, and then there', async () => {
  const send = async (text: string, dryRun: boolean) => {
    const answer = await askHappening(domain, 'POST', '/domain-file/apply', { text, dryRun })
    equal(answer.status, 200, answer.text)
    return answer.json as Json
  }
  const refused = await send('apis:\n  - nam: Orders\n', true)
  equal(refused['verdict'], 'refused')
  match(String(refused['message']), /^domain\.yaml:2:/)
  const text = 'apis:\n  - name: Stock\n    audience: https://stock.example/\n    scopes: [read]\n'
  const tried = await send(text, true)
  equal(tried['verdict'], 'would-change')
  equal((tried['lines'] as Json[])[0]?.['mark'], '+')
  equal((await tell('/domain-file'))['text']?.toString().includes('Stock'), false)
  equal((await send(text, false))['verdict'], 'changed')
  equal((await send(text, true))['verdict'], 'unchanged')
  match(String((await tell('/domain-file'))['text']), /name: Stock/)
})
