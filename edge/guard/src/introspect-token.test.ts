import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { documentBytesMax, type Fetch } from './fetch-document.ts'
import { createGuard, type Guard } from './guard.ts'
import type { GuardOptions } from './guard-options.ts'
import type { IntrospectionOptions } from './introspect-token.ts'
import { readRequirement } from './requirement.ts'
import { testIssuer } from './testing.ts'

const anything = readRequirement(undefined)
const endpoint = 'https://issuer.test/introspect'
const base: GuardOptions = { issuer: 'https://issuer.test', audience: 'https://api.test' }
const caller = { clientId: 'api', clientSecret: 'a secret:+%', endpoint }

type Asked = { readonly url: string; readonly init: RequestInit }

/** A guard whose issuer answers what the test says. */
const open = (
  answer: (asked: Asked) => Response | Promise<Response>,
  wish: Partial<IntrospectionOptions> = {},
  more: Partial<GuardOptions> = {},
) => {
  const state = { asked: [] as Asked[], nowMs: Date.now(), troubles: [] as string[] }
  const fetch: Fetch = async (url, init) => {
    state.asked.push({ url, init })
    return answer({ url, init })
  }
  const guard = createGuard({
    ...base,
    fetch,
    introspection: { ...caller, ...wish },
    nowMs: () => state.nowMs,
    onEvent: (event) => {
      if (event.kind === 'trouble') state.troubles.push(event.message)
    },
    ...more,
  })
  return { state, guard }
}

const reasonOf = async (guard: Guard, token = 'opaque'): Promise<string> => {
  const read = await guard.checkToken(token, anything)
  return read.ok ? 'ok' : read.failure.reason
}

const live = () => ({
  active: true,
  aud: 'https://api.test',
  client_id: 'c',
  sub: 'c',
  scope: 'data',
  exp: Math.floor(Date.now() / 1000) + 300,
})

/** As an Oracle domain answers Siebel, in its documentation. */
const siebel = () => {
  const now = Math.floor(Date.now() / 1000)
  return {
    active: true,
    scope: 'data',
    client_id: 'CLIENTID',
    client_guid: '5f2c',
    token_type: 'JWT',
    sub_type: 'client',
    exp: now + 3600,
    iat: now,
    sub: 'CLIENTID',
    username: 'SADMIN',
  }
}

describe('asking the issuer', () => {
  it('posts a form with the credentials of the API, encoded before they are joined', async () => {
    const { state, guard } = open(() => Response.json(live()))
    assert.equal(await reasonOf(guard, 'a+b/c='), 'ok')
    const [asked] = state.asked
    assert.equal(asked?.url, endpoint)
    assert.equal(asked?.init.method, 'POST')
    assert.equal(asked?.init.redirect, 'error')
    const headers = new Headers(asked?.init.headers)
    const basic = Buffer.from(headers.get('authorization')?.slice(6) ?? '', 'base64').toString()
    assert.equal(basic, 'api:a+secret%3A%2B%25')
    assert.equal(new URLSearchParams(String(asked?.init.body)).get('token'), 'a+b/c=')
  })

  it('asks once for all who wait, and again after the stated time, not later', async () => {
    const { state, guard } = open(() => Response.json(live()), { maxAgeSeconds: 10 })
    await Promise.all(Array.from({ length: 200 }, () => reasonOf(guard)))
    assert.equal(state.asked.length, 1)
    state.nowMs += 9999
    await reasonOf(guard)
    assert.equal(state.asked.length, 1)
    state.nowMs += 1
    await reasonOf(guard)
    assert.equal(state.asked.length, 2)
    await reasonOf(guard, 'another')
    assert.equal(state.asked.length, 3)
  })

  it('never believes an answer longer than the token lives', async () => {
    const { state, guard } = open(() => Response.json(live()), { maxAgeSeconds: 3600 })
    assert.equal(await reasonOf(guard), 'ok')
    state.nowMs += 331_000
    assert.equal(await reasonOf(guard), 'TOKEN_EXPIRED')
  })

  it('remembers so many answers at most, and none when told so', async () => {
    const small = open(() => Response.json(live()), { answersMax: 2 })
    for (const token of ['a', 'b', 'c', 'a']) await reasonOf(small.guard, token)
    assert.equal(small.state.asked.length, 4)
    const none = open(() => Response.json(live()), { maxAgeSeconds: 0 })
    for (const token of ['a', 'a', 'a']) await reasonOf(none.guard, token)
    assert.equal(none.state.asked.length, 3)
  })

  it('asks for the secret each time, so that it can be rotated', async () => {
    const secrets = ['one', 'two']
    const clientSecret = () => secrets.shift() ?? 'none'
    const { state, guard } = open(() => Response.json(live()), { clientSecret, maxAgeSeconds: 0 })
    await reasonOf(guard)
    await reasonOf(guard)
    const sent = state.asked.map(({ init }) => new Headers(init.headers).get('authorization'))
    assert.notEqual(sent[0], sent[1])
    const broken = open(() => Response.json(live()), {
      clientSecret: () => Promise.reject(new Error('vault sealed')),
    })
    assert.equal(await reasonOf(broken.guard), 'INTROSPECTION_UNREACHABLE')
    assert.match(broken.state.troubles[0] ?? '', /vault sealed/)
  })
})

const answers: readonly [what: string, answer: () => Response, reason: string][] = [
  ['inactive', () => Response.json({ active: false }), 'TOKEN_INACTIVE'],
  [
    'inactive, with all the rest',
    () => Response.json({ ...live(), active: false }),
    'TOKEN_INACTIVE',
  ],
  ['active a text', () => Response.json({ ...live(), active: 'true' }), 'TOKEN_INACTIVE'],
  ['no active', () => Response.json({ sub: 'c', client_id: 'c' }), 'TOKEN_INACTIVE'],
  ['no sub', () => Response.json({ ...live(), sub: undefined }), 'TOKEN_INACTIVE'],
  ['no client_id', () => Response.json({ ...live(), client_id: undefined }), 'TOKEN_INACTIVE'],
  ['exp a text', () => Response.json({ ...live(), exp: '9999999999' }), 'TOKEN_INACTIVE'],
  ['no aud', () => Response.json({ ...live(), aud: undefined }), 'TOKEN_INACTIVE'],
  ['aud a number', () => Response.json({ ...live(), aud: 1 }), 'TOKEN_INACTIVE'],
  ['scope a list', () => Response.json({ ...live(), scope: ['data'] }), 'TOKEN_INACTIVE'],
  ['an ID token', () => Response.json({ ...live(), tok_type: 'IT' }), 'TOKEN_INACTIVE'],
  ['a MAC token', () => Response.json({ ...live(), token_type: 'mac' }), 'TOKEN_INACTIVE'],
  ['expired', () => Response.json({ ...live(), exp: 1 }), 'TOKEN_EXPIRED'],
  ['nbf', () => Response.json({ ...live(), nbf: 9_999_999_999 }), 'TOKEN_NOT_YET_VALID'],
  ['another API', () => Response.json({ ...live(), aud: 'https://b' }), 'AUDIENCE_MISMATCH'],
  ['another issuer', () => Response.json({ ...live(), iss: 'https://b' }), 'ISSUER_MISMATCH'],
  ['a user', () => Response.json({ ...live(), sub_type: 'user' }), 'SUBJECT_NOT_A_CLIENT'],
  ['bound', () => Response.json({ ...live(), cnf: { jkt: 'A' } }), 'SENDER_UNPROVEN'],
  ['DPoP', () => Response.json({ ...live(), token_type: 'DPoP' }), 'SENDER_UNPROVEN'],
  ['wrong secret', () => Response.json({}, { status: 401 }), 'INTROSPECTION_UNREACHABLE'],
  ['broken', () => new Response('x', { status: 500 }), 'INTROSPECTION_UNREACHABLE'],
  ['no JSON', () => new Response('<html>'), 'INTROSPECTION_UNREACHABLE'],
  ['a list', () => Response.json([live()]), 'INTROSPECTION_UNREACHABLE'],
  [
    'active twice',
    () => new Response('{"active":false,"active":true}'),
    'INTROSPECTION_UNREACHABLE',
  ],
  [
    'much',
    () => new Response(`{"x":"${'x'.repeat(documentBytesMax)}"}`),
    'INTROSPECTION_UNREACHABLE',
  ],
]

describe('what the issuer answers', () => {
  it('lets through only what is said plainly', async () => {
    for (const [what, answer, expected] of answers) {
      const { guard } = open(answer)
      assert.equal(await reasonOf(guard), expected, what)
    }
    for (const good of [
      live(),
      { ...live(), exp: undefined },
      { ...live(), aud: ['x', 'https://api.test'] },
    ]) {
      const { guard } = open(() => Response.json(good))
      assert.equal(await reasonOf(guard), 'ok', JSON.stringify(good))
    }
  })

  it('fails closed while it cannot be asked, and does not remember that', async () => {
    let isUp = false
    const { state, guard } = open(() => {
      if (!isUp) throw new Error('connect ECONNREFUSED')
      return Response.json(live())
    })
    assert.equal(await reasonOf(guard), 'INTROSPECTION_UNREACHABLE')
    assert.match(state.troubles[0] ?? '', /ECONNREFUSED/)
    isUp = true
    assert.equal(await reasonOf(guard), 'ok')
    isUp = false
    state.nowMs += 10_000
    assert.equal(await reasonOf(guard), 'INTROSPECTION_UNREACHABLE', 'no stale answer is believed')
  })

  it('has so many questions under way at most', async () => {
    let release = (): void => {}
    const gate = new Promise<void>((fulfil) => {
      release = fulfil
    })
    const { state, guard } = open(async () => {
      await gate
      return Response.json(live())
    })
    const waiting = Array.from({ length: 1001 }, (_, at) => reasonOf(guard, `t${at}`))
    await new Promise((fulfil) => setImmediate(fulfil))
    release()
    const reasons = await Promise.all(waiting)
    assert.equal(reasons.filter((each) => each === 'ok').length, 1000)
    assert.equal(reasons.at(-1), 'INTROSPECTION_UNREACHABLE')
    assert.equal(state.asked.length, 1000)
  })

  it('gives up in time', async () => {
    const never: Fetch = (_url, init) =>
      new Promise((_fulfil, reject) => {
        init.signal?.addEventListener('abort', () => reject(init.signal?.reason))
      })
    const more = { timeoutMs: 50, fetch: never }
    const { guard } = open(() => Response.json(live()), {}, more)
    assert.equal(await reasonOf(guard), 'INTROSPECTION_UNREACHABLE')
  })

  it('answers 503, or 401 as Siebel does', async () => {
    const request = {
      method: 'GET',
      url: '/',
      fields: (name: string) => (name === 'authorization' ? ['Bearer opaque'] : []),
      raw: null,
    }
    const down = () => Response.json({}, { status: 500 })
    const ours = await open(down).guard.check(request, anything)
    assert.ok(!ours.ok)
    assert.equal(ours.answer.status, 503)
    assert.equal(ours.answer.headers['retry-after'], '5')
    const theirs = await open(down, { statusWhenUnreachable: 401 }).guard.check(request, anything)
    assert.ok(!theirs.ok)
    assert.equal(theirs.answer.status, 401)
  })

  it("reads Siebel's answer, and its subject where it was told", async () => {
    const options = {
      audience: 'https://ai.test:9001/siebel/v1.0/',
      profile: 'identity-domain',
    } as const
    const plain = await open(() => Response.json(siebel()), {}, options).guard.checkToken('x', {
      ...anything,
      scopes: ['data'],
    })
    assert.ok(plain.ok)
    assert.equal(plain.value.subject, 'CLIENTID')
    const wish = { subjectField: 'username' }
    const custom = await open(() => Response.json(siebel()), wish, options).guard.checkToken(
      'x',
      anything,
    )
    assert.ok(custom.ok)
    assert.deepEqual([custom.value.subject, custom.value.clientId], ['SADMIN', 'CLIENTID'])
    const other = { subjectField: 'user_id' }
    assert.equal(
      await reasonOf(open(() => Response.json(siebel()), other, options).guard),
      'TOKEN_INACTIVE',
    )
  })
})

describe('finding where to ask', () => {
  it('by discovery, and credentials go to no other origin', async () => {
    const issuer = await testIssuer()
    const { introspection } = issuer
    const guard = createGuard({ ...issuer.guardOptions, introspection })
    assert.equal(await reasonOf(guard, issuer.token()), 'ok')
    assert.deepEqual(issuer.calls, ['/.well-known/oauth-authorization-server', '/introspect'])
    const elsewhere = 'https://evil.test/introspect'
    const document = { issuer: base.issuer, introspection_endpoint: elsewhere }
    const more = { introspection: { clientId: 'api', clientSecret: 's' } }
    const { state, guard: careful } = open(() => Response.json(document), {}, more)
    assert.equal(await reasonOf(careful), 'INTROSPECTION_UNREACHABLE')
    assert.ok(state.asked.every(({ url }) => url.startsWith(base.issuer)))
  })
})
