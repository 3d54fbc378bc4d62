/**
 * Budgets of tokens: so many a minute or a day, of one client or for one API, counted exactly by
 * all processes; what a spent one does depends on its mode.
 */
import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assertOk } from './kit/answers.ts'
import { askToken, basicOf, post } from './kit/ask.ts'
import { clockAhead } from './kit/clock.ts'
import { askHappening } from './kit/explain-rounds.ts'
import { makeClient } from './kit/fixtures.ts'
import { type Answer, send } from './kit/http.ts'
import { decode } from './kit/jwt.ts'
import type { MintmarkDomain } from './kit/mintmark-domain.ts'
import { startOurs, useMintmark } from './kit/start-domain.ts'
import { type AllowanceWish, type Client, tokenPath } from './kit/test-domain.ts'

/**
 * Budgets of a day, so that no minute ends in the middle of a test; and where the day would, on a
 * server for which the next one has begun.
 */
const dayMs = 86_400_000
const aheadMs = dayMs - (Date.now() % dayMs) < 900_000 ? 3_600_000 : 0
const environment = aheadMs === 0 ? {} : clockAhead(aheadMs)
const serverNow = (): number => Date.now() + aheadMs

const domain = await useMintmark({ environment })

const limited = (tokensPerDay: number, more: AllowanceWish = {}) =>
  makeClient(domain, { allowance: { tokensPerDay, ...more } })

const field = ({ headers }: Answer, name: string) => String(headers[name])

/** On a connection of its own, which any worker may take. */
const askAlone = (at: MintmarkDomain, client: Client) =>
  post(
    at,
    tokenPath,
    { grant_type: 'client_credentials' },
    { ...basicOf(client), connection: 'close' },
  )

const decisionOf = async (answer: Answer) => {
  const id = field(answer, 'x-request-id')
  return (await askHappening(domain, 'GET', `/decisions/${id}`)).json as {
    readonly recorded: { readonly detail: Record<string, unknown>; readonly reason: string | null }
    readonly statement: string
    readonly now: { readonly verdict: string }
  }
}

describe('enforce', () => {
  it('refuses what is beyond, and says when there is more', async () => {
    const client = await limited(2)
    const answers = [await askToken(domain, client), await askToken(domain, client)]
    for (const answer of answers) assertOk(answer)
    deepEqual(
      answers.map((answer) => field(answer, 'ratelimit').split(';t=')[0]),
      ['"client-day";r=1', '"client-day";r=0'],
    )
    const fromMs = serverNow()
    const refused = await askToken(domain, client)
    const toMs = serverNow()
    equal(refused.status, 429)
    equal(refused.json?.['error'], 'temporarily_unavailable')
    match(String(refused.json?.['error_description']), /2 tokens a day for this client/)
    equal(field(refused, 'ratelimit-policy'), '"client-day";q=2;w=86400')
    const [, seconds] = /^"client-day";r=0;t=(\d+)$/.exec(field(refused, 'ratelimit')) ?? []
    equal(field(refused, 'retry-after'), seconds)
    const leftAt = (ms: number) => Math.ceil((dayMs - (ms % dayMs)) / 1000)
    ok(Number(seconds) >= leftAt(toMs) && Number(seconds) <= leftAt(fromMs), `${seconds}`)
    const { recorded, statement } = await decisionOf(refused)
    deepEqual([recorded.reason, recorded.detail['budget']], ['BUDGET_SPENT', ['client 2/day']])
    match(statement, /BUDGET_SPENT/)
  })

  it('says nothing of budgets where there are none', async () => {
    const answer = await askToken(domain, await makeClient(domain))
    equal(answer.headers['ratelimit'], undefined)
    equal(answer.headers['ratelimit-policy'], undefined)
  })

  it('counts for an API what all its clients get', async () => {
    const audience = 'https://budget.example/'
    await domain.createApi({ audience, scopes: ['x'], allowance: { tokensPerDay: 3 } })
    const make = () => domain.createClient({ scopes: [`${audience}x`] })
    const statuses: number[] = []
    for (const client of [await make(), await make()]) {
      for (let at = 0; at < 2; at += 1) statuses.push((await askToken(domain, client)).status)
    }
    deepEqual(statuses, [200, 200, 200, 429])
  })

  it('takes a whole minute for a budget of a minute', async () => {
    const client = await makeClient(domain, { allowance: { tokensPerMinute: 100 } })
    const answer = await askToken(domain, client)
    equal(field(answer, 'ratelimit-policy'), '"client-minute";q=100;w=60')
    const [, left60] = /;t=(\d+)$/.exec(field(answer, 'ratelimit')) ?? []
    ok(Number(left60) >= 1 && Number(left60) <= 60)
  })

  it('charges nothing for a request that is refused for another reason', async () => {
    const client = await limited(1)
    equal((await askToken(domain, client, { scope: 'no:such' })).status, 400)
    assertOk(await askToken(domain, client))
  })
})

describe('observe', () => {
  it('answers all the same, tells nobody but the record', async () => {
    const client = await limited(1, { budgetMode: 'observe' })
    assertOk(await askToken(domain, client))
    const answer = await askToken(domain, client)
    assertOk(answer)
    equal(answer.headers['ratelimit'], undefined)
    const { recorded, statement } = await decisionOf(answer)
    deepEqual(recorded.detail['overBudget'], ['client 1/day'])
    match(statement, /The budget was spent: client 1\/day/)
  })
})

describe('reissue', () => {
  it('gives the current token again where there is one, and refuses others', async () => {
    const client = await limited(1, { budgetMode: 'reissue' })
    const first = assertOk(await askToken(domain, client))
    const again = await askToken(domain, client)
    equal(assertOk(again), first)
    equal(field(again, 'ratelimit').split(';t=')[0], '"client-day";r=0')
    const { recorded } = await decisionOf(again)
    deepEqual(recorded.detail['reissued'], true)
    deepEqual(recorded.detail['budget'], ['client 1/day'])
    const narrower = { scope: 'https://rs.example/api:read' }
    equal((await askToken(domain, client, narrower)).status, 429)
  })

  it('does not take of a budget while the re-use window lasts', async () => {
    const client = await limited(2, { tokenReusePercent: 50 })
    const tokens = new Set<string>()
    for (let at = 0; at < 5; at += 1) tokens.add(assertOk(await askToken(domain, client)))
    equal(tokens.size, 1)
    const rotated = await domain.rotateSecret(client, 60)
    notEqual(assertOk(await askToken(domain, rotated)), [...tokens][0])
  })
})

describe('exactness', () => {
  it('two workers and requests at the same time: not one more, also after kill -9', async () => {
    let at = await startOurs({ environment: { ...environment, MINTMARK_WORKERS: '2' } })
    try {
      const client = await makeClient(at, { allowance: { tokensPerDay: 40 } })
      const ask = async (count: number) => {
        const answers = await Promise.all(Array.from({ length: count }, () => askAlone(at, client)))
        const issued = answers.filter(({ status }) => status === 200)
        ok(answers.every(({ status }) => status === 200 || status === 429))
        return new Set(issued.map((answer) => decode(assertOk(answer)).claims['jti'])).size
      }
      equal(await ask(30), 30)
      at = await at.restart({ signal: 'SIGKILL' })
      equal(await ask(60), 10)
      equal(await ask(10), 0)
    } finally {
      await at.stop()
    }
  })
})

it('usage tells what was issued, needed, given again and refused, by client', async () => {
  const client = await limited(3, { tokenReusePercent: 50 })
  for (const scope of ['api:read', 'api:write', 'api:read', '', 'api:write api:read']) {
    await askToken(domain, client, scope === '' ? {} : { scope })
  }
  const path = `/usage?client=${client.clientId}`
  const told = (await askHappening(domain, 'GET', path)).json
  const counts = { issued: 3, needed: 3, reissued: 1, refused: 1, overBudget: 0, waste: 1 }
  deepEqual(told?.['clients'], [{ client: client.clientId, ...counts }])
  equal(told?.['complete'], true)
  const wasteful = await makeClient(domain)
  for (let at = 0; at < 7; at += 1) assertOk(await askToken(domain, wasteful))
  const all = (await askHappening(domain, 'GET', '/usage?limit=1')).json?.['clients']
  const [first] = all as readonly Record<string, unknown>[]
  deepEqual([first?.['client'], first?.['waste']], [wasteful.clientId, 7])
  equal((await askHappening(domain, 'GET', '/usage?limit=x')).status, 400)
  equal((await askHappening(domain, 'GET', '/usage?api=nobody')).status, 400)
  equal((await askHappening(domain, 'GET', '/usage', undefined, null)).status, 401)
})

it('metrics count what met a spent budget, and by no name of a client', async () => {
  const text = (await send({ url: `${domain.url}/metrics`, method: 'GET' })).text
  match(text, /^mintmark_budgets_spent_total\{side="client",mode="enforce"\} [1-9]/m)
  match(text, /^mintmark_budgets_spent_total\{side="api",mode="enforce"\} 1$/m)
  match(text, /^mintmark_tokens_reissued_total [1-9]/m)
})
