/** Explain, preview and audit over HTTP: what `/api/v1` says against what the server does. */
import { deepEqual, doesNotMatch, equal, match, ok } from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import {
  askHappening,
  askLive,
  compare,
  explainRounds,
  memberOf,
  type Round,
} from './kit/explain-rounds.ts'
import { send } from './kit/http.ts'
import { useMintmark } from './kit/start-domain.ts'
import type { Client } from './kit/test-domain.ts'

const domain = await useMintmark()
const rounds: readonly Round[] = await explainRounds(domain, {
  pairs: 300,
  pairsPerClient: 5,
  seed: 20_261_121,
})

type Json = Readonly<Record<string, unknown>>

test('the verdict of explain is the live answer for 300 generated pairs', () => {
  equal(rounds.length, 300)
  const reasons = new Set(rounds.map((round) => round.reason))
  for (const reason of ['issued', 'SCOPE_NOT_GRANTED', 'SCOPE_UNKNOWN', 'TARGET_UNKNOWN']) {
    ok(reasons.has(reason), `${reason} was not among ${[...reasons].join(' ')}`)
  }
})

/** The request as a fix would have it. */
const changed = (asked: Round['asked'], step: Json): Round['asked'] => ({
  grantType: (step['grantType'] as string | undefined) ?? asked.grantType,
  scope: step['scope'] === undefined ? asked.scope : (step['scope'] as string | null),
  resource: (step['resources'] as string[] | undefined) ?? asked.resource,
})

/** Does everything that a fix says, through SCIM and in the request. */
const applyFix = async (round: Round, fix: Json): Promise<[Client, Round['asked']]> => {
  let { client, asked } = round
  for (const step of fix['steps'] as Json[]) {
    const scim = step['scim'] as { method: string; path: string; body: Json } | null
    if (scim === null) {
      asked = changed(asked, step)
      continue
    }
    const answer = await domain.admin.call(
      scim.method,
      scim.path.slice('/admin/v1'.length),
      scim.body,
    )
    if (step['kind'] === 'add-credential') {
      client = { ...client, secret: String(answer['clientSecret']) }
    }
  }
  return [client, asked]
}

/** Kinds of fixes that the generated pairs must have put to the test. */
const kindsFlipped = ['SCOPE_NOT_GRANTED grant-scope', 'CLIENT_INACTIVE activate']

/** Needs what this test does not send: a certificate, a proof, another way to authenticate. */
const isBeyondThisTest = (fix: Json): boolean =>
  (fix['steps'] as Json[]).some(
    (step) => step['certificate'] === true || step['dpop'] === true || 'method' in step,
  )

const nameOf = (round: Round, fix: Json): string => `${round.reason} ${fix['kind']}`

test('a fix of each kind, applied through SCIM, flips the live answer', async () => {
  const done = new Set<string>()
  const touched = new Set<string>()
  for (const round of rounds) {
    if (round.reason === 'issued' || touched.has(round.client.id)) continue
    const fixes = round.preview['fixes'] as Json[]
    const fix = fixes.find((each) => !isBeyondThisTest(each) && !done.has(nameOf(round, each)))
    if (fix === undefined) continue
    done.add(nameOf(round, fix))
    touched.add(round.client.id)
    const [client, asked] = await applyFix(round, fix)
    const live = await askLive(domain, client, asked)
    equal(live.status, 200, `${round.reason}: ${fix['sentence']}\n${live.text}`)
  }
  for (const kind of kindsFlipped) {
    ok(done.has(kind), `${kind} was not among ${[...done].join(', ')}`)
  }
})

const makeUser = async (): Promise<Client> =>
  domain.createClient({ scopes: ['https://orders.example/read'] })

test('a decision is told with its trace, and with what has changed since', async () => {
  const client = await makeUser()
  const asked = {
    grantType: 'client_credentials',
    scope: 'write',
    resource: ['https://orders.example/'],
  }
  const live = await askLive(domain, client, asked)
  equal(live.status, 400, live.text)
  const ecid = String(live.json?.['ecid'])
  const path = `/decisions/${ecid}`
  const before = await askHappening(domain, 'GET', path)
  equal(before.status, 200, before.text)
  equal(memberOf(before, 'recorded')['reason'], 'SCOPE_NOT_GRANTED')
  match(String(before.json?.['statement']), /would be answered so now/)
  const now = before.json?.['now'] as { steps: Json[]; fixes: Json[] }
  equal(now.steps.at(-1)?.['ok'], false)
  match(String(now.steps.at(-1)?.['detail']), /app role 'Writer'/)
  match(String(now.steps[2]?.['detail']), /^Secret .*does not expire/)
  doesNotMatch(before.text, new RegExp(client.secret))
  await applyFix({ client, wish: {}, asked, reason: '', preview: {} }, now.fixes[0] as Json)
  const after = await askHappening(domain, 'GET', path)
  equal(after.json?.['changedSince'], true, after.text)
  match(String(after.json?.['statement']), /changed since: now a token would be issued/)
  equal((await askLive(domain, client, asked)).status, 200)
})

test('the id of an unproven caller tells the true reason and what could be proven', async () => {
  const client = await makeUser()
  const asked = { grantType: 'client_credentials', scope: null, resource: [] }
  const ecids: string[] = []
  for (let each = 0; each < 3; each += 1) {
    const live = await askLive(domain, { ...client, secret: 'mms_wrong' }, asked)
    equal(live.status, 401)
    ecids.push(String(live.json?.['ecid']))
  }
  const deadline = Date.now() + 10_000
  for (const ecid of ecids) {
    let told = await askHappening(domain, 'GET', `/decisions/${ecid}`)
    while (told.status === 404 && Date.now() < deadline) {
      await new Promise((fulfil) => setTimeout(fulfil, 100))
      told = await askHappening(domain, 'GET', `/decisions/${ecid}`)
    }
    equal(told.status, 200, told.text)
    equal(told.json?.['client'], client.clientId)
    match(String(memberOf(told, 'recorded')['reason']), /SECRET/)
    equal(memberOf(told, 'now')['verdict'], null)
    doesNotMatch(told.text, /mms_wrong/)
  }
})

test('a preview has the claims that the token has', async () => {
  const client = await makeUser()
  const { preview } = await compare(domain, client, {
    grantType: 'client_credentials',
    scope: 'read',
    resource: [],
  })
  const [token] = preview['tokens'] as { claims: Json }[]
  const live = await askLive(domain, client, {
    grantType: 'client_credentials',
    scope: 'read',
    resource: [],
  })
  const [, payload = ''] = String(live.json?.['access_token']).split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Json
  const stable = ({ iat: _i, exp: _e, jti: _j, ...rest }: Json) => rest
  deepEqual(stable(token?.claims as Json), stable(claims))
})

test('the audit is listed by filter, newest first, page by page', async () => {
  const client = await makeUser()
  const found: Json[] = []
  let cursor: string | null = ''
  do {
    const path = `/audit?action=application.*&limit=25${cursor ? `&cursor=${cursor}` : ''}`
    const page = await askHappening(domain, 'GET', path)
    equal(page.status, 200, page.text)
    const events = page.json?.['events'] as Json[]
    ok(events.length <= 25)
    found.push(...events)
    cursor = page.json?.['cursor'] as string | null
  } while (cursor !== null)
  ok(found.length >= 30, String(found.length))
  ok(found.every((event) => String(event['action']).startsWith('application.')))
  const times = found.map((event) => Date.parse(String(event['at'])))
  deepEqual(
    times,
    times.toSorted((a, b) => b - a),
  )
  const created = await askHappening(domain, 'GET', `/audit?object=${client.id}`)
  const event = (created.json?.['events'] as Json[] | undefined)?.at(-1)
  equal(event?.['action'], 'application.create')
  ok((event?.['detail'] as Json | undefined)?.['after'])
  doesNotMatch(created.text, new RegExp(client.secret))
})

test('the export is a chain that whoever has it can follow', async () => {
  const answer = await askHappening(domain, 'GET', '/audit/export')
  equal(answer.status, 200)
  match(String(answer.headers['content-type']), /^application\/x-ndjson/)
  let before = '0'.repeat(64)
  let packs = 0
  let lines: string[] = []
  let pack: { previous: string; hash: string; events: number } | null = null
  const check = (): void => {
    if (pack === null) return
    equal(pack.previous, before)
    equal(lines.length, pack.events)
    const body = lines.map((line) => `${line}\n`).join('')
    before = createHash('sha256').update(Buffer.from(before, 'hex')).update(body).digest('hex')
    equal(pack.hash, before)
    packs += 1
  }
  for (const line of answer.text.split('\n').filter((each) => each !== '')) {
    const value = JSON.parse(line) as Record<string, unknown>
    if ('pack' in value) {
      check()
      pack = value['pack'] as typeof pack
      lines = []
    } else lines.push(line)
  }
  check()
  ok(packs > 100, String(packs))
})

const tokenOf = async (roleName: string): Promise<string> => {
  const client = await makeUser()
  const roles = await domain.admin.call(
    'GET',
    `/AppRoles?filter=${encodeURIComponent(`displayName eq "${roleName}"`)}`,
  )
  const [role] = roles['Resources'] as Json[]
  await domain.admin.grantRole('IDCSAppId', String(role?.['id']), client)
  const live = await askLive(domain, client, {
    grantType: 'client_credentials',
    scope: 'urn:opc:idm:__myscopes__',
    resource: [],
  })
  return String(live.json?.['access_token'])
}

const doors = [
  ['GET', '/audit'],
  ['GET', '/audit/export'],
  ['GET', '/decisions/01234567890123456789'],
  ['POST', '/preview'],
] as const

test('a stranger sees none of it, and hears the same of every path', async () => {
  for (const [method, path] of [...doors, ['GET', '/nothing'] as const]) {
    for (const token of [null, 'not-a-token', domain.admin.token.slice(0, -2)]) {
      const answer = await askHappening(domain, method, path, undefined, token)
      equal(answer.status, 401, `${method} ${path}`)
      match(String(answer.headers['content-type']), /^application\/problem\+json/)
      match(String(answer.headers['www-authenticate']), /^Bearer realm="/)
      equal(answer.json?.['status'], 401)
      equal(answer.json?.['ecid'], answer.headers['x-request-id'])
      match(String(answer.json?.['fix']), /__myscopes__/)
    }
  }
  const ordinary = await makeUser()
  const live = await askLive(domain, ordinary, {
    grantType: 'client_credentials',
    scope: 'read',
    resource: [],
  })
  const token = String(live.json?.['access_token'])
  equal((await askHappening(domain, 'GET', '/audit', undefined, token)).status, 401)
})

test('each role of the domain is told what its row of the table says', async () => {
  const open: Readonly<Record<string, readonly string[]>> = {
    'Audit Administrator': ['/audit', '/audit/export', '/decisions/01234567890123456789'],
    'Security Administrator': ['/audit', '/audit/export', '/decisions/01234567890123456789'],
    'Application Administrator': ['/decisions/01234567890123456789', '/preview'],
    'User Administrator': [],
  }
  for (const [role, paths] of Object.entries(open)) {
    const token = await tokenOf(role)
    for (const [method, path] of doors) {
      const answer = await askHappening(domain, method, path, undefined, token)
      const isOpen = paths.includes(path)
      equal(answer.status === 403, !isOpen, `${role} ${method} ${path}: ${answer.status}`)
      if (isOpen) continue
      match(String(answer.headers['content-type']), /^application\/problem\+json/)
      equal(answer.json?.['type'], 'urn:mintmark:problem:access-denied')
      equal(answer.json?.['reason'], 'ACCESS_DENIED')
      match(String(answer.json?.['detail']), new RegExp(role))
    }
  }
})

test('what cannot be read is refused with a problem that names it', async () => {
  const cases = [
    ['GET', '/audit?colour=red', 400, 'QUERY_UNKNOWN'],
    ['GET', '/audit?limit=0', 400, 'QUERY_INVALID'],
    ['GET', '/audit?from=yesterday', 400, 'QUERY_INVALID'],
    ['GET', '/audit?cursor=__proto__', 400, 'QUERY_INVALID'],
    ['GET', '/audit?from=1&from=2', 400, 'QUERY_UNKNOWN'],
    ['POST', '/audit', 405, 'METHOD_NOT_ALLOWED'],
    ['GET', '/preview', 405, 'METHOD_NOT_ALLOWED'],
    ['GET', '/nothing', 404, 'PATH_UNKNOWN'],
    ['GET', '/decisions/01234567890123456789', 404, 'DECISION_UNKNOWN'],
    ['GET', '/decisions/..%2f', 404, 'PATH_UNKNOWN'],
  ] as const
  for (const [method, path, status, reason] of cases) {
    const answer = await askHappening(domain, method, path)
    equal(answer.status, status, `${path}: ${answer.text}`)
    equal(answer.json?.['reason'], reason)
    ok(answer.json?.['title'] && answer.json?.['detail'] && answer.json?.['fix'])
  }
  const bodies = [
    '',
    '[]',
    '{"client":"a","client":"b"}',
    '{"client":1}',
    '{"client":"a","x":1}',
    '{',
    `{"client":"${'x'.repeat(100_000)}"}`,
    '{"client":"nobody"}',
  ]
  for (const body of bodies) {
    const answer = await send({
      url: `${domain.url}/api/v1/preview`,
      headers: {
        authorization: `Bearer ${domain.admin.token}`,
        'content-type': 'application/json',
      },
      body,
    })
    ok([400, 404, 413].includes(answer.status), `${body.slice(0, 80)}: ${answer.status}`)
    match(String(answer.headers['content-type']), /^application\/problem\+json/)
  }
})
