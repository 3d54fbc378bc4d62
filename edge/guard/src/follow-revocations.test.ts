import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Fetch } from './fetch-document.ts'
import { createGuard, type Guard } from './guard.ts'
import type { GuardOptions } from './guard-options.ts'
import { readRequirement } from './requirement.ts'
import { testIssuer } from './testing.ts'

const anything = readRequirement(undefined)
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

interface Signer {
  readonly kid: string
  readonly key: KeyObject
  readonly jwk: object
}

const newSigner = (kid: string): Signer => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = { ...pair.publicKey.export({ format: 'jwk' }), kid, alg: 'ES256' }
  return { kid, key: pair.privateKey, jwk }
}

/** A server of a feed, as far as a guard sees it, whose state the test sets. */
const openFeed = async (options: Partial<GuardOptions> = {}) => {
  const issuer = await testIssuer()
  const first = newSigner('first')
  const state = {
    signer: first,
    published: [first],
    epoch: 'e1',
    jtis: [] as string[],
    pageSize: 100,
    asked: [] as string[],
    bearers: new Set(['good-1']),
    tokens: 0,
    lastEventIds: [] as (string | null)[],
    refuseResume: false,
  }
  const streams = new Set<ReadableStreamDefaultController<Uint8Array>>()
  const signed = (claims: object): string => {
    const { kid, key } = state.signer
    const input = `${encode({ alg: 'ES256', typ: 'revocation-feed+jwt', kid })}.${encode(claims)}`
    const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' })
    return `${input}.${signature.toString('base64url')}`
  }
  const head = () => ({
    iss: issuer.issuer,
    aud: 'urn:mintmark:revocation-feed',
    iat: Date.now() / 1000,
    epoch: state.epoch,
  })
  const entryOf = (jti: string) => ({
    kind: 'token',
    jti,
    issued_before_ms: 1,
    expires_at_ms: Date.now() + 1_000_000,
  })
  const cursor = (number: number): string => `${state.epoch}.${number}`
  const message = (from: number): string => {
    const number = state.jtis.length
    const entries = state.jtis
      .slice(from)
      .map((jti, at) => ({ number: from + at + 1, previous: from + at, ...entryOf(jti) }))
    const place = { after: cursor(from), cursor: cursor(number), number, more: false }
    return `event: revocations\ndata: ${signed({ ...head(), ...place, entries })}\n\n`
  }
  const page = (after: string | null): string => {
    const from = Number(after ?? 0)
    const end = from + state.pageSize
    const next = end < state.jtis.length ? String(end) : null
    const number = state.jtis.length
    const entries = state.jtis.slice(from, end).map(entryOf)
    return signed({ ...head(), cursor: cursor(number), number, snapshot: { after, next }, entries })
  }
  const openStream = (from: number, signal: AbortSignal | null | undefined): Response => {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        streams.add(controller)
        controller.enqueue(Buffer.from(message(from)))
        signal?.addEventListener('abort', () => {
          if (streams.delete(controller)) controller.error(new Error('aborted'))
        })
      },
    })
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  }
  const answer = (url: URL, init: RequestInit): Response => {
    if (url.pathname === '/token') {
      state.tokens += 1
      return Response.json({ access_token: `good-${state.tokens}`, expires_in: 3600 })
    }
    if (url.pathname === '/introspect') {
      // as little as RFC 7662 wants: who asks has the token itself
      const [, body = ''] = String(init.body).split('.')
      const { jti } = JSON.parse(Buffer.from(body, 'base64url').toString())
      const said = { client_id: 'another', sub: 'another', aud: issuer.audience }
      return Response.json(jti === 'ended' ? { active: false } : { active: true, ...said })
    }
    const headers = new Headers(init.headers)
    const bearer = headers.get('authorization')?.slice(7) ?? ''
    if (!state.bearers.has(bearer)) return new Response('', { status: 401 })
    if (url.pathname === '/feed/snapshot') {
      return Response.json({ revocations: page(url.searchParams.get('after')) })
    }
    const place = headers.get('last-event-id')
    state.lastEventIds.push(place)
    const [epoch, number] = place?.split('.') ?? []
    if (epoch !== state.epoch || Number(number) > state.jtis.length) {
      return new Response('', { status: 410 })
    }
    return openStream(Number(number), init.signal)
  }
  const fetch: Fetch = async (text, init) => {
    const url = new URL(text)
    state.asked.push(url.pathname)
    if (url.pathname !== '/jwks') return answer(url, init)
    const own = await issuer.guardOptions.fetch(`${issuer.issuer}/jwks`, init)
    const { keys } = (await own.json()) as { readonly keys: readonly object[] }
    return Response.json({ keys: [...keys, ...state.published.map(({ jwk }) => jwk)] })
  }
  const guard = createGuard({
    ...issuer.guardOptions,
    jwksUri: 'https://as.test/jwks',
    keyCooldownSeconds: 0,
    fetch,
    revocations: {
      clientId: 'api',
      clientSecret: 's',
      endpoint: 'https://as.test/feed',
      tokenEndpoint: 'https://as.test/token',
    },
    ...options,
  })
  after(() => guard.close())
  /** Revokes and tells all streams. */
  const revoke = (...jtis: readonly string[]): void => {
    const from = state.jtis.length
    state.jtis.push(...jtis)
    for (const stream of streams) stream.enqueue(Buffer.from(message(from)))
  }
  const cut = (): void => {
    for (const stream of streams) stream.close()
    streams.clear()
  }
  return { issuer, state, guard, revoke, cut }
}

const reasonOf = async (guard: Guard, token: string): Promise<string> => {
  const read = await guard.checkToken(token, anything)
  return read.ok ? 'ok' : read.failure.reason
}

const until = async (guard: Guard, token: string, reason: string): Promise<void> => {
  for (let at = 0; at < 1000; at += 1) {
    if ((await reasonOf(guard, token)) === reason) return
    await sleep(5)
  }
  assert.fail(`${await reasonOf(guard, token)} instead of ${reason}`)
}

describe('following revocations', () => {
  it('reads everything in pages before it lets anybody in, then what comes', async () => {
    const { issuer, state, guard, revoke } = await openFeed()
    state.pageSize = 2
    state.jtis.push('a', 'b', 'c', 'd', 'e')
    for (const jti of state.jtis) {
      assert.equal(await reasonOf(guard, issuer.token({ jti })), 'TOKEN_REVOKED')
    }
    assert.equal(state.asked.filter((path) => path === '/feed/snapshot').length, 3)
    const live = issuer.token({ jti: 'f' })
    assert.equal(await reasonOf(guard, live), 'ok')
    await guard.ready()
    await until(guard, live, 'ok')
    await sleep(20)
    revoke('f')
    await until(guard, live, 'TOKEN_REVOKED')
    assert.equal(guard.status().revocations?.number, 6)
  })

  it('goes on when keys are rotated while it follows', async () => {
    const { issuer, state, guard, revoke, cut } = await openFeed()
    const [one, two] = [issuer.token({ jti: '1' }), issuer.token({ jti: '2' })]
    assert.equal(await reasonOf(guard, one), 'ok')
    await sleep(20)
    const second = newSigner('second')
    state.published.push(second)
    state.signer = second
    revoke('1')
    await until(guard, one, 'TOKEN_REVOKED')
    // a key that nobody published is no key
    state.signer = newSigner('third')
    revoke('2')
    await sleep(50)
    assert.equal(await reasonOf(guard, two), 'ok')
    state.signer = second
    cut()
    await until(guard, two, 'TOKEN_REVOKED')
    assert.equal(guard.status().revocations?.snapshots, 1)
  })

  it('reads everything again when the server is another or was set back', async () => {
    const { issuer, state, guard, cut } = await openFeed()
    state.jtis.push('old')
    assert.equal(await reasonOf(guard, issuer.token({ jti: 'old' })), 'TOKEN_REVOKED')
    state.epoch = 'e2'
    state.jtis = ['new']
    await sleep(20)
    cut()
    await until(guard, issuer.token({ jti: 'new' }), 'TOKEN_REVOKED')
    assert.equal(await reasonOf(guard, issuer.token({ jti: 'old' })), 'TOKEN_REVOKED')
    assert.equal(guard.status().revocations?.snapshots, 2)
  })

  it('asks for a new token when the old one has ended', async () => {
    const { issuer, state, guard, cut } = await openFeed()
    const token = issuer.token({ jti: 'x' })
    assert.equal(await reasonOf(guard, token), 'ok')
    await sleep(20)
    state.bearers = new Set(['good-2'])
    state.jtis.push('x')
    cut()
    await until(guard, token, 'TOKEN_REVOKED')
    assert.equal(state.tokens, 2)
  })

  it('lets nobody in who cannot be known, and says why', async () => {
    const troubles: string[] = []
    const { issuer, state, guard } = await openFeed({
      timeoutMs: 300,
      onEvent: (event) => void (event.kind === 'trouble' && troubles.push(event.message)),
    })
    state.bearers.clear()
    assert.equal(await reasonOf(guard, issuer.token({})), 'REVOCATIONS_UNKNOWN')
    await assert.rejects(guard.ready(), /not heard: starting/)
    assert.equal(guard.status().revocations?.state, 'starting')
    assert.match(troubles.join(), /401/)
    guard.close()
    assert.equal(guard.status().revocations?.state, 'closed')
  })

  it('sees in a token the same, whether the feed is heard or the issuer is asked', async () => {
    const { issuer, state, guard } = await openFeed({
      timeoutMs: 300,
      introspection: { clientId: 'api', clientSecret: 's', endpoint: 'https://as.test/introspect' },
    })
    state.bearers.clear()
    const scope = 'orders.read'
    const bound = issuer.token({ jti: 'b', scope, cnf: { jkt: 'x'.repeat(43) } })
    assert.equal(await reasonOf(guard, bound), 'SENDER_UNPROVEN')
    const read = await guard.checkToken(issuer.token({ jti: 'l', scope }), anything)
    assert.ok(read.ok && read.value.scopes.has(scope) && read.value.subject === 'test-client')
    assert.equal(await reasonOf(guard, issuer.token({ jti: 'ended' })), 'TOKEN_INACTIVE')
  })

  it('cannot be made without knowing who asks, or with a limit that is none', async () => {
    const base = { issuer: 'https://as.test', audience: 'a' }
    const secret = { clientId: 'c', clientSecret: 's' }
    const wrong: readonly [object, RegExp][] = [
      [{ revocations: {} }, /clientId and clientSecret/],
      [{ revocations: { ...secret, staleSecondsMax: 1 } }, /2 to 3600/],
      [{ revocations: { ...secret, staleSecondsMax: Number.NaN } }, /2 to 3600/],
      [{ revocations: { ...secret, endpoint: 'http://as.test' } }, /https only/],
      [{ revocations: { ...secret, entriesMax: -1 } }, /entriesMax/],
      [{ revocations: secret, signingCertificates: () => [] }, /signingCertificates/],
    ]
    for (const [options, message] of wrong) {
      assert.throws(() => createGuard({ ...base, ...options }), message)
    }
  })
})
