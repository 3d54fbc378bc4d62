/** Whoever looks on is told of each OAuth request as it is answered, and of nothing secret. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { readEvents } from '@mintmark/guard/event-stream'
import { issue } from './kit/afterlife.ts'
import { askToken } from './kit/ask.ts'
import { askHappening } from './kit/explain-rounds.ts'
import type { MintmarkDomain } from './kit/mintmark-domain.ts'
import { useMintmark } from './kit/start-domain.ts'
import type { Client } from './kit/test-domain.ts'

type Json = Readonly<Record<string, unknown>>

const audience = 'https://looked-on.example/'
const scope = `${audience}read`

const makeClient = async (domain: MintmarkDomain): Promise<Client> => {
  await domain.createApi({ audience, scopes: ['read'] })
  return domain.createClient({ scopes: [scope] })
}

const page = async (domain: MintmarkDomain, query: string): Promise<readonly Json[]> => {
  const answer = await askHappening(domain, 'GET', `/requests${query}`)
  assert.equal(answer.status, 200, answer.text)
  return (answer.json?.['requests'] ?? []) as readonly Json[]
}

const open = (
  domain: MintmarkDomain,
  query: string,
  more: { readonly token?: string; readonly after?: string } = {},
) =>
  fetch(`${domain.url}/api/v1/requests${query}`, {
    headers: {
      authorization: `Bearer ${more.token ?? domain.admin.token}`,
      accept: 'text/event-stream',
      ...(more.after === undefined ? {} : { 'last-event-id': more.after }),
    },
  })

/** Listens; gives back what was told when so many were. */
const listen = async (domain: MintmarkDomain, query: string, after?: string) => {
  const answer = await open(domain, query, after === undefined ? {} : { after })
  assert.equal(answer.status, 200)
  const events = readEvents(answer.body as unknown as AsyncIterable<Uint8Array>)
  const told: Json[] = []
  return async (count: number): Promise<readonly Json[]> => {
    while (told.length < count) {
      const { value, done } = await events.next()
      assert.ok(!done && value !== undefined, 'the stream has ended')
      if (value.event === 'request') told.push(JSON.parse(value.data))
    }
    await events.return()
    // A response that nobody holds is collected, and its body with it.
    assert.ok(answer.ok)
    return told
  }
}

const makeClientOf = (domain: MintmarkDomain) => domain.createClient({ scopes: [scope] })

const domain = await useMintmark()
const client = await makeClient(domain)
const several = await useMintmark({ environment: { MINTMARK_WORKERS: '3' } })
const caller = await makeClient(several)
const wrong = { ...client, secret: 'mms_wrongwrongwrongwrongwrongwrongwrongwrongwrongwrong' }

describe('the last requests', () => {
  it('are told newest first, with what was decided and nothing secret', async () => {
    const answered = await askToken(domain, client, { scope })
    const refused = await askToken(domain, wrong, { scope })
    const password = { clientId: 'hunter2-is-my-password', secret: 'x' }
    await askToken(domain, password, {})
    const [unknown, denied, issued] = await page(domain, '?limit=3')
    assert.deepEqual([unknown?.['reason'], unknown?.['client']], ['CLIENT_UNKNOWN', null])
    assert.deepEqual(
      [denied?.['status'], denied?.['client'], denied?.['ecid'], denied?.['api']],
      [401, client.clientId, refused.headers['x-request-id'], null],
    )
    assert.equal(issued?.['ecid'], answered.headers['x-request-id'])
    assert.deepEqual(
      [issued?.['status'], issued?.['reason'], issued?.['scopes']],
      [200, null, 'read'],
    )
    assert.match(String(issued?.['api']), /^API \d+$/)
    assert.ok(Number(issued?.['ms']) > 0)
    const all = JSON.stringify(await page(domain, '?limit=500'))
    for (const secret of [client.secret, wrong.secret, 'hunter2']) {
      assert.ok(!all.includes(secret), secret)
    }
    // the id of a request may hold these three letters, once in some thousand runs
    assert.ok(!all.replaceAll(/"ecid":"[0-9A-Za-z]{20}"/g, '').includes('eyJ'), 'a token')
  })

  it('by application, API, reason, and whether they were refused', async () => {
    const other = await domain.createClient({ scopes: [scope] })
    await askToken(domain, other, { scope })
    await askToken(domain, other, { scope: `${audience}write` })
    const reasons = async (query: string) =>
      (await page(domain, query)).map((each) => each['reason'])
    assert.deepEqual(await reasons(`?app=${other.clientId}`), ['SCOPE_UNKNOWN', null])
    assert.deepEqual(await reasons(`?app=${other.id}&denied=true`), ['SCOPE_UNKNOWN'])
    assert.deepEqual(await reasons(`?app=${other.id}&reason=SCOPE_UNKNOWN`), ['SCOPE_UNKNOWN'])
    const [refused] = await page(domain, `?app=${other.id}&denied=true`)
    assert.equal(refused?.['scopes'], `${audience}write`)
    const found = await page(domain, `?app=${other.id}`)
    const api = found.find((each) => each['reason'] === null)?.['api']
    const named = encodeURIComponent(String(api).toUpperCase())
    assert.deepEqual(await reasons(`?app=${other.id}&api=${named}`), ['SCOPE_UNKNOWN', null])
    assert.deepEqual(await reasons(`?app=${other.id}&api=None`), [])
  })

  it('and what cannot be read is refused', async () => {
    for (const [query, status] of [
      ['?limit=501', 400],
      ['?denied=yes', 400],
      ['?reason=a-b', 400],
      ['?heartbeat=0', 400],
      ['?other=1', 400],
      ['?app=nobody', 404],
      ['/x', 404],
    ] as const) {
      assert.equal((await askHappening(domain, 'GET', `/requests${query}`)).status, status, query)
    }
    assert.equal((await askHappening(domain, 'POST', '/requests')).status, 405)
  })
})

describe('requests as they are answered', () => {
  it('are told to who listens, those before first where that is asked', async () => {
    const before = await askToken(domain, client, { scope })
    const all = await listen(domain, '?limit=1')
    const denied = await listen(domain, `?denied=true&app=${client.clientId}`)
    await askToken(domain, client, { scope })
    await askToken(domain, wrong, {})
    const told = await all(3)
    assert.equal(told[0]?.['ecid'], before.headers['x-request-id'])
    assert.deepEqual(
      told.map((each) => each['status']),
      [200, 200, 401],
    )
    assert.deepEqual(await denied(1), [told[2]])
  })

  it('go on after the last one that who comes back has seen', async () => {
    const mine = await makeClientOf(domain)
    const answers = [await askToken(domain, mine, { scope }), await askToken(domain, mine, {})]
    const [first, second] = answers.map(({ headers }) => String(headers['x-request-id']))
    const again = await listen(domain, `?app=${mine.clientId}`, first)
    assert.deepEqual((await again(1))[0]?.['ecid'], second)
    const refused = await open(domain, '', { after: 'no id' })
    assert.equal(refused.status, 400)
    const forgotten = await open(domain, '', { after: '0000000aaaaaaaaaaaaa' })
    const reader = readEvents(forgotten.body as unknown as AsyncIterable<Uint8Array>)
    const { value } = await reader.next()
    assert.equal(value?.event, 'gap')
    await reader.return()
    assert.ok(forgotten.ok)
  })

  it('are told to administrators only, for as long as they are', async () => {
    assert.equal((await askHappening(domain, 'GET', '/requests', undefined, null)).status, 401)
    const token = await issue(domain, client, { scope })
    assert.equal((await open(domain, '', { token })).status, 401)
    const roles = await domain.admin.call(
      'GET',
      '/AppRoles?filter=displayName%20eq%20%22Audit%20Administrator%22',
    )
    const [{ id } = { id: '' }] = roles['Resources'] as readonly { id: string }[]
    const auditor = await domain.createClient({})
    await domain.admin.grantRole('IDCSAppId', id, auditor)
    const audit = await issue(domain, auditor, { scope: 'urn:opc:idm:__myscopes__' })
    const answer = await open(domain, '?heartbeat=1', { token: audit })
    assert.equal(answer.status, 200)
    const body = answer.text()
    await domain.setActive(auditor, false)
    await body
    assert.equal((await open(domain, '', { token: audit })).status, 401)
  })

  it('by no more connections than a share of them', async () => {
    const opened = await Promise.all(Array.from({ length: 11 }, () => open(domain, '')))
    const [full, ...more] = opened.filter((answer) => answer.status === 503)
    assert.ok(full !== undefined && more.length === 0)
    assert.equal(((await full.json()) as Json)['reason'], 'FEED_FULL')
    for (const answer of opened) if (answer !== full) await answer.body?.cancel()
  })
})

describe('with several workers', () => {
  /** Asks so often at once, over connections to all workers. */
  const askOften = async (count: number): Promise<readonly string[]> => {
    const asks = Array.from({ length: count }, () => askToken(several, caller, { scope }))
    return (await Promise.all(asks)).map(({ headers }) => String(headers['x-request-id']))
  }
  const query = `?app=${caller.clientId}`

  /** The ids that are told, in a list that grows until the server ends. */
  const hearIds = async (): Promise<readonly string[]> => {
    const { body } = await open(several, query)
    const heard: string[] = []
    const hear = async () => {
      for await (const { event, data } of readEvents(body as unknown as AsyncIterable<Uint8Array>))
        if (event === 'request') heard.push(String(JSON.parse(data).ecid))
    }
    hear().catch(() => {})
    return heard
  }

  const comes = async (isSo: () => boolean, withinMs: number): Promise<boolean> => {
    const deadline = performance.now() + withinMs
    while (!isSo() && performance.now() < deadline) await sleep(5)
    return isSo()
  }

  it('one listener and one page know of all of them', async () => {
    const heard = await hearIds()
    const allHeard = (ids: readonly string[], withinMs: number) =>
      comes(() => ids.every((id) => heard.includes(id)), withinMs)
    const before = new Set<string>()
    // The other workers learn a moment later that somebody listens.
    for (let isKnown = false; !isKnown; ) {
      assert.ok(before.size < 320, 'some worker never learns that somebody listens')
      const ids = await askOften(16)
      for (const id of ids) before.add(id)
      isKnown = await allHeard(ids, 500)
    }
    const asked = await askOften(60)
    await allHeard(asked, 10_000)
    const unprobed = (ids: readonly string[]) => ids.filter((id) => !before.has(id)).toSorted()
    assert.deepEqual(unprobed(heard), asked.toSorted())
    const remembered = await page(several, `${query}&limit=500`)
    assert.deepEqual(unprobed(remembered.map((each) => String(each['ecid']))), asked.toSorted())
  })
})
