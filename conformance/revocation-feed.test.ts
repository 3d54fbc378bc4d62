/** A guard that checks tokens by itself learns at once of what ends them before their time. */
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { readEvents } from '@mintmark/guard/event-stream'
import { issue, revoke } from './kit/afterlife.ts'
import { type FeedProxy, startFeedProxy, type Tamper } from './kit/feed-proxy.ts'
import {
  type FollowedApi,
  makeFollowedApi,
  type RunningApi,
  serveFollowed,
  tokenFor,
} from './kit/followed-api.ts'
import { send } from './kit/http.ts'
import { decode, encode } from './kit/jwt.ts'
import { startOurs, useMintmark } from './kit/start-domain.ts'

const domain = await useMintmark()
const api = await makeFollowedApi(domain)
const patienceMs = 10_000

/** Waits until a token gets this answer. */
const until = async (running: RunningApi, token: string, reason: string | null): Promise<void> => {
  const end = Date.now() + patienceMs
  for (;;) {
    const answer = await running.ask(token)
    if (answer.reason === reason) return
    assert.ok(Date.now() < end, `${answer.reason} instead of ${reason}: ${running.troubles}`)
    await sleep(5)
  }
}

const untilTrue = async (what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> => {
  const end = Date.now() + patienceMs
  while (!(await isTrue())) {
    assert.ok(Date.now() < end, what)
    await sleep(5)
  }
}

const running: { stop(): Promise<unknown> }[] = []
after(() => Promise.all(running.map((each) => each.stop())))

const serve = async (...wish: Parameters<typeof serveFollowed>): Promise<RunningApi> => {
  const made = await serveFollowed(...wish)
  running.push(made)
  await made.core.ready()
  return made
}

/** An API behind a guard behind a proxy. */
const serveByProxy = async (
  staleSecondsMax: number,
): Promise<{ proxy: FeedProxy; guarded: RunningApi }> => {
  const proxy = await startFeedProxy(domain.url)
  running.push(proxy)
  const guarded = await serve(domain, api, {
    feed: proxy.url,
    clockSkewSeconds: 0,
    revocations: { staleSecondsMax },
  })
  return { proxy, guarded }
}

const follow = (of: RunningApi) => {
  const { revocations } = of.core.status()
  assert.ok(revocations !== null)
  return revocations
}

const feedUrl = `${domain.url}/api/v1/revocations`
const administrator = { authorization: `Bearer ${domain.admin.token}` }
const get = (path: string, headers: Readonly<Record<string, string>> = administrator) =>
  send({ method: 'GET', url: `${domain.url}/api/v1/revocations${path}`, headers })
const messageOf = (text: unknown) =>
  decode(String(text)).claims as {
    readonly after: string
    readonly cursor: string
    readonly number: number
    readonly epoch: string
    readonly entries: readonly {
      readonly number: number
      readonly previous: number
      readonly jti?: string
    }[]
  }

describe('the revocation feed', () => {
  it('has each revocation once, numbered in the order in which they were answered', async () => {
    const start = messageOf((await get('')).json?.['revocations'])
    const tokens = await Promise.all(Array.from({ length: 20 }, () => tokenFor(domain, api)))
    for (const token of tokens) await revoke(domain, api.caller, token)
    const answer = await get(`?cursor=${start.cursor}`)
    const told = messageOf(answer.json?.['revocations'])
    assert.deepEqual(
      told.entries.map(({ jti }) => jti),
      tokens.map((token) => decode(token).claims['jti']),
    )
    for (const [index, { number, previous }] of told.entries.entries()) {
      assert.deepEqual([number, previous], [start.number + index + 1, number - 1])
    }
    assert.deepEqual([told.after, told.epoch], [start.cursor, start.epoch])
    const { header } = decode(String(answer.json?.['revocations']))
    assert.equal(header['typ'], 'revocation-feed+jwt')
  })

  it('is resumed from places of its own only', async () => {
    const { cursor, epoch, number } = messageOf((await get('')).json?.['revocations'])
    assert.equal((await get('?cursor=x')).status, 400)
    assert.equal((await get('?heartbeat=0')).status, 400)
    assert.equal((await get('?other=1')).status, 400)
    assert.equal((await get('/snapshot?after=x')).status, 400)
    const [, , mark = ''] = cursor.split('.')
    const foreign = [
      `${epoch}.${number + 1}.${mark}`,
      `${[...epoch].reverse().join('')}.${number}.${mark}`,
      `${epoch}.${number - 1}.${mark}`,
    ]
    for (const place of foreign) {
      const answer = await get(`?cursor=${place}`)
      assert.deepEqual([answer.status, answer.json?.['reason']], [410, 'CURSOR_GONE'])
      const events = { ...administrator, accept: 'text/event-stream', 'last-event-id': place }
      assert.equal((await get('', events)).status, 410)
    }
  })

  it('is told to those who check tokens, and to nobody else', async () => {
    assert.equal((await get('', {})).status, 401)
    const token = await tokenFor(domain, api)
    assert.equal((await get('', { authorization: `Bearer ${token}` })).status, 401)
  })

  it('ends with the right to follow it', async () => {
    const own = await makeFollowedApi(domain)
    const token = await issue(domain, own.client, { scope: 'urn:opc:idm:__myscopes__' })
    const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream' }
    const openedMs = performance.now()
    const answer = await fetch(`${feedUrl}?heartbeat=1`, { headers })
    assert.equal(answer.status, 200)
    const body = answer.text()
    await domain.setActive(own.client, false)
    const beats = Math.floor((performance.now() - openedMs) / 1000)
    const text = await body
    // What it may still hear is that it was switched off itself.
    assert.ok(text.split('\n\n').length <= 4 + beats, text)
    assert.equal((await fetch(feedUrl, { headers })).status, 401)
  })

  it('lets nobody take more connections than its share', async () => {
    const headers = { ...administrator, accept: 'text/event-stream' }
    const open = await Promise.all(Array.from({ length: 101 }, () => fetch(feedUrl, { headers })))
    const refused = open.filter(({ status }) => status === 503)
    assert.equal(refused.length, 1)
    const body = (await refused[0]?.json()) as { readonly reason: string }
    assert.equal(body.reason, 'FEED_FULL')
    const others = open.filter(({ status }) => status === 200)
    await Promise.all(others.map((each) => each.body?.cancel()))
    await untilTrue('others get their place', async () => {
      const again = await fetch(feedUrl, { headers })
      await again.body?.cancel()
      return again.status === 200
    })
  })

  it('waits for a reader that reads nothing, and keeps nothing for it', async () => {
    const headers = { ...administrator, accept: 'text/event-stream' }
    const slow = await fetch(`${feedUrl}?heartbeat=1`, { headers })
    const own = await makeFollowedApi(domain)
    const tokens = await Promise.all(Array.from({ length: 500 }, () => tokenFor(domain, own)))
    await Promise.all(tokens.map((token) => revoke(domain, own.caller, token)))
    const wanted = new Set(tokens.map((token) => decode(token).claims['jti']))
    for await (const { data } of readEvents(slow.body as unknown as AsyncIterable<Uint8Array>)) {
      for (const { jti } of messageOf(data).entries) wanted.delete(jti)
      if (wanted.size === 0) break
    }
  })

  it('tells everything in pages, the last of which says so', async () => {
    const told: unknown[] = []
    let after: string | null = null
    let pages = 0
    do {
      const query: string = after === null ? '' : `?after=${after}`
      const answer = await get(`/snapshot${query}`)
      const page = decode(String(answer.json?.['revocations'])).claims as unknown as {
        readonly entries: readonly { readonly jti?: string }[]
        readonly snapshot: { readonly after: string | null; readonly next: string | null }
      }
      assert.equal(page.snapshot.after, after)
      told.push(...page.entries.map(({ jti }) => jti))
      after = page.snapshot.next
      pages += 1
    } while (after !== null)
    assert.ok(pages > 1, `${told.length} revocations`)
    assert.ok(new Set(told.filter((jti) => jti !== undefined)).size >= 520)
    const guarded = await serve(domain, api)
    assert.ok(follow(guarded).entries >= 520)
  })

  it('names its place in the metadata', async () => {
    const url = `${domain.url}/.well-known/oauth-authorization-server`
    const metadata = (await send({ method: 'GET', url })).json
    const place = `${domain.url}/api/v1/revocations`
    assert.equal(metadata?.['mintmark_revocation_feed_endpoint'], place)
  })
})

describe('a guard that follows the feed', () => {
  it('refuses what is revoked, one token and all of a client, in both profiles', async () => {
    for (const profile of ['rfc9068', 'identity-domain'] as const) {
      const own = await makeFollowedApi(domain, profile)
      const guarded = await serve(domain, own, { profile })
      const [first, second] = [await tokenFor(domain, own), await tokenFor(domain, own)]
      assert.deepEqual(await guarded.ask(first), { status: 200, reason: null })
      await revoke(domain, own.caller, first)
      await until(guarded, first, 'TOKEN_REVOKED')
      assert.equal((await guarded.ask(first)).status, 401)
      assert.equal((await guarded.ask(second)).status, 200)
      await domain.setActive(own.caller, false)
      await until(guarded, second, 'TOKEN_REVOKED')
      await domain.setActive(own.caller, true)
      const third = await tokenFor(domain, own)
      assert.equal((await guarded.ask(third)).status, 200)
      assert.equal((await guarded.ask(second)).status, 401, 'dead for good')
    }
  })

  it('knows what was revoked before it started, deleted applications included', async () => {
    const own = await makeFollowedApi(domain)
    const token = await tokenFor(domain, own)
    await domain.setActive(own.caller, false)
    await domain.admin.call('DELETE', `/Apps/${own.caller.id}`)
    const guarded = await serve(domain, own)
    assert.equal((await guarded.ask(token)).reason, 'TOKEN_REVOKED')
  })

  it('lets nobody in when the feed is silent, at the stated limit and never later', async () => {
    const { proxy, guarded } = await serveByProxy(2)
    const token = await tokenFor(domain, api)
    assert.equal((await guarded.ask(token)).status, 200)
    const silentSinceMs = Date.now()
    proxy.silence()
    await revoke(domain, api.caller, token)
    let lastLetInMs = silentSinceMs
    for (;;) {
      const askedMs = Date.now()
      const answer = await guarded.ask(token)
      if (answer.status !== 200) {
        assert.deepEqual(answer, { status: 503, reason: 'REVOCATIONS_UNKNOWN' })
        break
      }
      lastLetInMs = askedMs
      await sleep(10)
    }
    assert.ok(lastLetInMs - silentSinceMs <= 2000, `${lastLetInMs - silentSinceMs} ms`)
    assert.equal(follow(guarded).state, 'stale')
    assert.ok((guarded.core.status().revocationsStaleForMs ?? 0) > 2000)
    proxy.cut()
    await until(guarded, token, 'TOKEN_REVOKED')
  })

  it('asks about each token while the feed is silent, where it may introspect', async () => {
    const proxy = await startFeedProxy(domain.url)
    running.push(proxy)
    const { clientId, secret: clientSecret } = api.client
    const guarded = await serve(domain, api, {
      feed: proxy.url,
      clockSkewSeconds: 0,
      revocations: { staleSecondsMax: 2 },
      introspection: { clientId, clientSecret, maxAgeSeconds: 0 },
    })
    const [live, dead] = [await tokenFor(domain, api), await tokenFor(domain, api)]
    proxy.silence()
    await revoke(domain, api.caller, dead)
    await untilTrue('stale', () => follow(guarded).state === 'stale')
    assert.deepEqual(await guarded.ask(live), { status: 200, reason: null })
    assert.equal((await guarded.ask(dead)).reason, 'TOKEN_INACTIVE')
  })
})

const isNews = (event: string): boolean => {
  const data = event.split('\n').find((line) => line.startsWith('data: '))
  return data !== undefined && messageOf(data.slice(6)).entries.length > 0
}

/** Does something to events with entries as long as `times` says. */
const withNews = (times: number, change: Tamper): Tamper => {
  let left = times
  return (event) => {
    if (left <= 0 || !isNews(event)) return [event]
    left -= 1
    return change(event)
  }
}

const forge: Tamper = (event) => [
  event
    .split('\n')
    .map((line) => {
      if (!line.startsWith('data: ')) return line
      const [header, claims, signature] = line.slice(6).split('.')
      const read = JSON.parse(Buffer.from(claims ?? '', 'base64url').toString('utf8'))
      return `data: ${header}.${encode({ ...read, entries: [] })}.${signature}`
    })
    .join('\n'),
]

const held: string[] = []
const reorder: Tamper = (event) => {
  held.push(event)
  return held.length < 2 ? [] : held.splice(0).reverse()
}

type Count = 'gaps' | 'duplicates' | 'forged'
const tamperings: readonly [what: string, change: Tamper, count: Count][] = [
  ['dropped', withNews(1, () => []), 'gaps'],
  ['doubled', withNews(1, (event) => [event, event]), 'duplicates'],
  ['reordered', withNews(2, reorder), 'gaps'],
  ['forged', withNews(1, forge), 'forged'],
]

describe('a guard behind a network that cannot be trusted', () => {
  for (const [what, change, count] of tamperings) {
    it(`notices messages that are ${what}, and misses none`, async () => {
      const { proxy, guarded } = await serveByProxy(8)
      const tokens = [await tokenFor(domain, api), await tokenFor(domain, api)]
      for (const token of tokens) assert.equal((await guarded.ask(token)).status, 200)
      proxy.tamper(change)
      for (const token of tokens) await revoke(domain, api.caller, token)
      for (const token of tokens) await until(guarded, token, 'TOKEN_REVOKED')
      await untilTrue(`${count} is counted`, () => follow(guarded)[count] > 0)
      assert.equal(follow(guarded).snapshots, 1, 'it went on from where it was')
    })
  }

  it('lets nobody in while every message is replaced by one that was said before', async () => {
    const { proxy, guarded } = await serveByProxy(2)
    const token = await tokenFor(domain, api)
    let first: string | null = null
    proxy.tamper((event) => {
      first ??= event
      return [first]
    })
    await untilTrue('a message without news', () => first !== null)
    await revoke(domain, api.caller, token)
    await until(guarded, token, 'REVOCATIONS_UNKNOWN')
  })
})

const restarting = async (own: FollowedApi, of: typeof domain) => {
  const proxy = await startFeedProxy(of.url)
  running.push(proxy)
  const guarded = await serve(of, own, {
    feed: proxy.url,
    jwksUri: `${proxy.url}/.well-known/jwks.json`,
    revocations: { tokenEndpoint: `${proxy.url}/oauth2/v1/token` },
  })
  return { proxy, guarded }
}

describe('a server that starts again', () => {
  for (const workers of ['1', '2']) {
    it(`with ${workers} worker(s) is followed from where the guard was`, async (test) => {
      const issuer = 'https://issuer.example'
      const environment = { MINTMARK_ISSUER: issuer, MINTMARK_WORKERS: workers }
      let ours = await startOurs({ environment })
      test.after(() => ours.stop())
      const own = await makeFollowedApi(ours)
      const { proxy, guarded } = await restarting(own, ours)
      const tokens = await Promise.all(Array.from({ length: 8 }, () => tokenFor(ours, own)))
      for (const token of tokens.slice(0, 4)) await revoke(ours, own.caller, token)
      for (const token of tokens.slice(0, 4)) await until(guarded, token, 'TOKEN_REVOKED')
      ours = await ours.restart()
      for (const token of tokens.slice(4)) await revoke(ours, own.caller, token)
      proxy.target(ours.url)
      for (const token of tokens.slice(4)) await until(guarded, token, 'TOKEN_REVOKED')
      const { snapshots, connections, number } = follow(guarded)
      assert.deepEqual([snapshots, number], [1, 8])
      assert.ok(connections >= 2)
    })
  }
})
