/** Signing in at the console, what a session may do, and everything that must not be one. */
import { deepEqual, doesNotMatch, equal, match, notEqual, ok } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { clockAhead } from './kit/clock.ts'
import {
  ask,
  askPairing,
  newCode,
  plainDoor,
  sameOrigin,
  tlsDoor,
  trySignIn,
  type Visitor,
  visit,
} from './kit/console.ts'
import { makeClient } from './kit/fixtures.ts'
import { type Answer, basic, form, formHeaders, send } from './kit/http.ts'
import type { MintmarkDomain } from './kit/mintmark-domain.ts'
import { startOurs, useMintmark } from './kit/start-domain.ts'
import { askStored } from './kit/stored-rows.ts'
import { tokenPath } from './kit/test-domain.ts'

const domain = await useMintmark({ environment: { MINTMARK_WORKERS: '2' } })
const door = plainDoor(domain)

const enter = async (): Promise<Visitor> => visit(door, { pairingCode: await newCode(domain) })

const reasonOf = (answer: Answer): unknown => answer.json?.['reason']

const expectProblem = (answer: Answer, status: number, reason: string): void => {
  equal(answer.status, status, answer.text)
  equal(reasonOf(answer), reason)
  match(answer.headers['content-type'] ?? '', /^application\/problem\+json/)
  equal(answer.headers['cache-control'], 'no-store')
  equal(answer.headers['set-cookie'], undefined)
}

const newGroup = (name: string) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
  displayName: name,
})

const builtInRole = async (name: string): Promise<{ id: string; app: string }> => {
  const filter = encodeURIComponent(`displayName eq "${name}"`)
  const { Resources } = await domain.admin.call('GET', `/AppRoles?filter=${filter}`)
  const [role] = Resources as { id: string; app: { value: string } }[]
  return { id: role?.id ?? '', app: role?.app.value ?? '' }
}

const grantRole = async (granteeType: 'App' | 'User', granteeId: string, roleName: string) => {
  const role = await builtInRole(roleName)
  return domain.admin.call('POST', '/Grants', {
    schemas: ['urn:ietf:params:scim:schemas:oracle:idcs:Grant'],
    app: { value: role.app },
    entitlement: { attributeName: 'appRoles', attributeValue: role.id },
    grantMechanism: granteeType === 'App' ? 'ADMINISTRATOR_TO_APP' : 'ADMINISTRATOR_TO_USER',
    grantee: { value: granteeId, type: granteeType },
  })
}

describe('a pairing code', () => {
  it('is for an Identity Domain Administrator to ask for, and leads to the console', async () => {
    const answer = await askPairing(domain)
    equal(answer.status, 200, answer.text)
    const { pairingCode, expiresAt, url } = answer.json as Record<string, string>
    match(pairingCode ?? '', /^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/)
    equal(url, `${domain.url}/console#pair=${pairingCode}`)
    const minutes = (Date.parse(expiresAt ?? '') - Date.now()) / 60_000
    ok(minutes > 9 && minutes <= 10, String(expiresAt))
    const stranger = await send({ url: `${domain.url}/console/pairing` })
    expectProblem(stranger, 401, 'TOKEN_REFUSED')
    match(stranger.headers['www-authenticate'] ?? '', /^Bearer/)
  })

  it('is not for administrators of less', async () => {
    const client = await makeClient(domain)
    await grantRole('App', client.id, 'Audit Administrator')
    const token = await send({
      url: domain.url + tokenPath,
      headers: formHeaders({ authorization: basic(client.clientId, client.secret) }),
      body: form({ grant_type: 'client_credentials', scope: 'urn:opc:idm:__myscopes__' }),
    })
    const answer = await askPairing(domain, String(token.json?.['access_token']))
    expectProblem(answer, 403, 'ACCESS_DENIED')
  })

  it('signs in once, as the user administrator, who is made by the first', async () => {
    const pairingCode = await newCode(domain)
    const first = await visit(door, { pairingCode })
    const { administrator, roles, domain: told } = first.body
    const { id, ...rest } = administrator as Record<string, unknown>
    match(String(id), /^[0-9a-f]{32}$/)
    deepEqual(rest, { type: 'User', displayName: 'Administrator' })
    deepEqual(roles, ['Identity Domain Administrator'])
    equal((told as { url: string }).url, domain.url)
    expectProblem(await trySignIn(door, { pairingCode }), 401, 'SIGN_IN_REFUSED')
    const again = await enter()
    deepEqual(again.body['administrator'], administrator)
  })

  it('may be typed in small letters, without its dash', async () => {
    const pairingCode = (await newCode(domain)).toLowerCase().replace('-', ' ')
    equal((await trySignIn(door, { pairingCode })).status, 200)
  })

  it('is refused in one way whatever is wrong with it', async () => {
    for (const pairingCode of ['0000-0000', 'short', 'U'.repeat(8), 'x'.repeat(900)]) {
      expectProblem(await trySignIn(door, { pairingCode }), 401, 'SIGN_IN_REFUSED')
    }
  })

  it('is won by one of many who show it at the same moment', async () => {
    const pairingCode = await newCode(domain)
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => trySignIn(door, { pairingCode })),
    )
    equal(answers.filter((answer) => answer.status === 200).length, 1)
  })

  it('cannot be guessed: a few wrong ones lock their source out', async () => {
    const other = await startOurs({
      exempt: false,
      environment: { MINTMARK_WORKERS: '2', MINTMARK_RATE_LIMIT_FAILURES: '5' },
    })
    try {
      const pairingCode = await newCode(other)
      const statuses: number[] = []
      for (let at = 0; at < 8; at += 1) {
        const answer = await trySignIn(plainDoor(other), { pairingCode: `0000-000${at}` })
        statuses.push(answer.status)
      }
      deepEqual(statuses, [401, 401, 401, 401, 429, 429, 429, 429])
      const right = await trySignIn(plainDoor(other), { pairingCode })
      expectProblem(right, 429, 'TOO_MANY_ATTEMPTS')
      ok(Number(right.headers['retry-after']) > 0)
    } finally {
      await other.stop()
    }
  })
})

describe('an application', () => {
  it('signs in by its secret, for as long as that lives', async () => {
    const client = await makeClient(domain)
    const wish = { clientId: client.clientId, clientSecret: client.secret }
    expectProblem(await trySignIn(door, wish), 403, 'ACCOUNT_POWERLESS')
    await grantRole('App', client.id, 'Application Administrator')
    const visitor = await visit(door, wish)
    deepEqual(visitor.body['roles'], ['Application Administrator'])
    equal((visitor.body['administrator'] as { id: string }).id, client.id)
    equal((await ask(visitor, 'GET', '/admin/v1/Apps?count=1')).status, 200)
    equal((await ask(visitor, 'GET', '/api/v1/audit')).status, 403)
    await domain.rotateSecret(client, 0)
    expectProblem(await ask(visitor, 'GET', '/console/session'), 401, 'SESSION_MISSING')
    equal((await ask(visitor, 'GET', '/admin/v1/Apps?count=1')).status, 401)
  })

  it('is signed in no longer once it was inactive', async () => {
    const client = await makeClient(domain)
    await grantRole('App', client.id, 'Application Administrator')
    const visitor = await visit(door, { clientId: client.clientId, clientSecret: client.secret })
    await domain.setActive(client, false)
    equal((await ask(visitor, 'GET', '/console/session')).status, 401)
    await domain.setActive(client, true)
    equal((await ask(visitor, 'GET', '/console/session')).status, 401)
  })

  it('is refused in one way whatever is wrong', async () => {
    const client = await makeClient(domain)
    for (const clientId of [client.clientId, 'nobody']) {
      const answer = await trySignIn(door, { clientId, clientSecret: 'wrong' })
      expectProblem(answer, 401, 'SIGN_IN_REFUSED')
      doesNotMatch(answer.text, /wrong"/)
    }
  })
})

describe('the cookie', () => {
  it('is readable by no script and sent by no other site', async () => {
    const { setCookie } = await enter()
    match(setCookie, /^mintmark=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/)
  })

  it('is Secure and of this host only where there is TLS', async () => {
    const { setCookie } = await visit(tlsDoor(domain), { pairingCode: await newCode(domain) })
    match(setCookie, /^__Host-mintmark=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure$/)
  })

  it('is Secure behind a proxy that speaks TLS', async () => {
    const home = await startOurs({
      environment: {
        MINTMARK_TRUSTED_PROXIES: '127.0.0.1',
        MINTMARK_URL: 'https://auth.example',
      },
    })
    try {
      const visitor = await visit(plainDoor(home), { pairingCode: await newCode(home) })
      match(visitor.setCookie, /^__Host-mintmark=.*; Secure$/)
      equal((await ask(visitor, 'GET', '/admin/v1/Apps?count=1')).status, 200)
      const { url } = (await askPairing(home)).json as { url: string }
      match(url, /^https:\/\/auth\.example\/console#pair=/)
      const { cookie, csrfToken } = visitor
      for (const [origin, status] of [
        ['https://auth.example', 201],
        ['http://auth.example', 403],
      ] as const) {
        const answer = await ask(visitor, 'POST', '/admin/v1/Groups', {
          headers: {
            cookie,
            origin,
            'x-csrf-token': csrfToken,
            'content-type': 'application/json',
          },
          body: newGroup(origin),
        })
        equal(answer.status, status, answer.text)
      }
    } finally {
      await home.stop()
    }
  })

  it('of one door does not open the other by another name', async () => {
    const visitor = await enter()
    const cookie = visitor.cookie
    const secure = { ...visitor, door: tlsDoor(domain) }
    equal((await ask(secure, 'GET', '/admin/v1/Apps')).status, 401)
    const twice = await ask(visitor, 'GET', '/admin/v1/Apps', {
      headers: { cookie: `${cookie}; ${cookie}`, ...sameOrigin },
    })
    equal(twice.status, 401)
  })

  it('comes from none of the other doors', async () => {
    const visitor = await enter()
    for (const [method, path] of [
      ['POST', tokenPath],
      ['POST', '/oauth2/v1/introspect'],
      ['GET', '/.well-known/jwks.json'],
      ['GET', '/admin/v1/Apps?count=1'],
      ['GET', '/console/session'],
      ['GET', '/healthz'],
    ] as const) {
      const answer = await ask(visitor, method, path)
      equal(answer.headers['set-cookie'], undefined, path)
      if (path.startsWith('/oauth2')) notEqual(answer.status, 200, path)
    }
  })
})

/** What was used is written down beside the answer. */
const untilUseIsStored = async (home: MintmarkDomain, minutesAhead: number): Promise<void> => {
  const sinceMs = Date.now() + (minutesAhead - 1) * 60_000
  for (const endMs = Date.now() + 20_000; ; await sleep(20)) {
    const rows = await askStored(home, 'SELECT seen_at_ms FROM console_session')
    if (rows.some((row) => Number(row['seen_at_ms']) > sinceMs)) return
    ok(Date.now() < endMs, `nobody wrote down the use after ${minutesAhead} min`)
  }
}

describe('a session', () => {
  it('does what a bearer of its administrator does, at every worker, and on record', async () => {
    const visitor = await enter()
    const made = await ask(visitor, 'POST', '/admin/v1/Groups', { body: newGroup('by cookie') })
    equal(made.status, 201, made.text)
    for (let at = 0; at < 10; at += 1) {
      equal((await ask(visitor, 'GET', '/console/session')).status, 200)
    }
    const audit = await ask(visitor, 'GET', '/api/v1/audit?actor=user:administrator&limit=5')
    equal(audit.status, 200, audit.text)
    const actions = (audit.json as { events: { action: string }[] }).events.map((e) => e.action)
    ok(actions.includes('group.create'), actions.join(' '))
    ok(actions.includes('console.sign-in'), actions.join(' '))
    const author = made.json?.['idcsCreatedBy'] as Record<string, string> | undefined
    equal(author?.['type'], 'User')
    match(author?.['$ref'] ?? '', /\/Users\/[0-9a-f]{32}$/)
  })

  it('says the same of itself again', async () => {
    const visitor = await enter()
    const again = await ask(visitor, 'GET', '/console/session')
    deepEqual(again.json, visitor.body)
    equal((await ask(visitor, 'GET', '/console/session', { headers: {} })).status, 401)
  })

  it('ends on the server', async () => {
    const visitor = await enter()
    const ended = await ask(visitor, 'DELETE', '/console/session')
    equal(ended.status, 204, ended.text)
    match(String(ended.headers['set-cookie']), /^mintmark=; Max-Age=0;/)
    for (const path of ['/console/session', '/admin/v1/Apps', '/api/v1/audit']) {
      equal((await ask(visitor, 'GET', path)).status, 401, path)
    }
  })

  it('outlives the process that it was begun at', async () => {
    const home = await startOurs()
    let again = home
    try {
      const visitor = await visit(plainDoor(home), { pairingCode: await newCode(home) })
      again = await home.restart()
      const moved = { ...visitor, door: plainDoor(again) }
      equal((await ask(moved, 'GET', '/console/session')).status, 200)
    } finally {
      await again.stop()
    }
  })

  it('ends after 30 minutes unused, and a code after 10', async () => {
    const home = await startOurs()
    let again = home
    try {
      const visitor = await visit(plainDoor(home), { pairingCode: await newCode(home) })
      const pairingCode = await newCode(home)
      for (const [minutes, status] of [
        [9, 200],
        [38, 200],
        [69, 401],
      ] as const) {
        again = await again.restart({ environment: clockAhead(minutes * 60_000) })
        const moved = { ...visitor, door: plainDoor(again) }
        equal((await ask(moved, 'GET', '/console/session')).status, status, `${minutes} min`)
        if (status === 200) await untilUseIsStored(again, minutes)
        if (minutes < 10) continue
        expectProblem(await trySignIn(plainDoor(again), { pairingCode }), 401, 'SIGN_IN_REFUSED')
      }
    } finally {
      await again.stop()
    }
  })

  it('ends after 8 hours, however much it is used', async () => {
    const home = await startOurs()
    let again = home
    try {
      const visitor = await visit(plainDoor(home), { pairingCode: await newCode(home) })
      await home.process().stop()
      // as if it had been in use all the time
      const late = Date.now() - 8 * 3_600_000 + 60_000
      await askStored(home, `UPDATE console_session SET signed_in_at_ms = ${late}`)
      for (const [minutes, status] of [
        [0, 200],
        [2, 401],
      ] as const) {
        again = await again.restart({ environment: clockAhead(minutes * 60_000) })
        const moved = { ...visitor, door: plainDoor(again) }
        const answer = await ask(moved, 'GET', '/console/session')
        equal(answer.status, status, `${minutes} min ${answer.text}`)
      }
    } finally {
      await again.stop()
    }
  })

  it('loses its power with the role, at once and everywhere', async () => {
    const home = await startOurs({ environment: { MINTMARK_WORKERS: '2' } })
    try {
      const visitor = await visit(plainDoor(home), { pairingCode: await newCode(home) })
      const { id } = visitor.body['administrator'] as { id: string }
      const filter = encodeURIComponent(`grantee.value eq "${id}"`)
      const found = await home.admin.call('GET', `/Grants?filter=${filter}`)
      const [grant] = found['Resources'] as { id: string }[]
      equal((await ask(visitor, 'GET', '/admin/v1/Apps')).status, 200)
      await home.admin.call('DELETE', `/Grants/${grant?.id}`)
      for (let at = 0; at < 6; at += 1) {
        equal((await ask(visitor, 'GET', '/admin/v1/Apps')).status, 401)
        equal((await ask(visitor, 'GET', '/api/v1/audit')).status, 401)
        expectProblem(await ask(visitor, 'GET', '/console/session'), 401, 'SESSION_MISSING')
      }
      // a code makes nobody an administrator again
      const code = { pairingCode: await newCode(home) }
      expectProblem(await trySignIn(plainDoor(home), code), 403, 'ACCOUNT_POWERLESS')
    } finally {
      await home.stop()
    }
  })
})

describe('a request that the console did not send', () => {
  const forged = async (headers: Record<string, string>, method = 'POST') => {
    const visitor = await enter()
    const { cookie, csrfToken } = visitor
    const sent = Object.fromEntries(
      Object.entries({ cookie, 'content-type': 'application/json', ...headers }).map(
        // a cookie of chance may hold the word as well
        ([name, value]) => [name, value === 'CSRF' ? csrfToken : value],
      ),
    )
    return ask(visitor, method, '/admin/v1/Groups', {
      headers: sent,
      ...(method === 'POST' ? { body: newGroup(`forged ${Math.random()}`) } : {}),
    })
  }

  for (const [what, headers, reason] of [
    ['no CSRF token', sameOrigin, 'CSRF_TOKEN_WRONG'],
    ['a wrong CSRF token', { ...sameOrigin, 'x-csrf-token': 'wrong' }, 'CSRF_TOKEN_WRONG'],
    ['another site', { 'sec-fetch-site': 'cross-site', 'x-csrf-token': 'CSRF' }, 'SITE_FOREIGN'],
    ['another port', { 'sec-fetch-site': 'same-site', 'x-csrf-token': 'CSRF' }, 'SITE_FOREIGN'],
    ['no page', { 'sec-fetch-site': 'none', 'x-csrf-token': 'CSRF' }, 'SITE_FOREIGN'],
    ['another origin', { origin: 'https://evil.example', 'x-csrf-token': 'CSRF' }, 'SITE_FOREIGN'],
    ['no origin at all', { 'x-csrf-token': 'CSRF' }, 'SITE_FOREIGN'],
  ] as const) {
    it(`changes nothing: ${what}`, async () => {
      expectProblem(await forged(headers as Record<string, string>), 403, reason)
    })
  }

  it('is one of an old browser where its origin is ours', async () => {
    const answer = await forged({ origin: domain.url, 'x-csrf-token': 'CSRF' })
    equal(answer.status, 201, answer.text)
  })

  it('is not answered to another site, whatever it asks', async () => {
    const answer = await forged({ 'sec-fetch-site': 'cross-site' }, 'GET')
    expectProblem(answer, 403, 'SITE_FOREIGN')
  })

  it('does not sign anybody in or out', async () => {
    const pairingCode = await newCode(domain)
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
    ]) {
      expectProblem(await trySignIn(door, { pairingCode }, headers), 403, 'SITE_FOREIGN')
    }
    const visitor = await visit(door, { pairingCode })
    const { cookie } = visitor
    const ended = await ask(visitor, 'DELETE', '/console/session', {
      headers: { cookie, ...sameOrigin },
    })
    expectProblem(ended, 403, 'CSRF_TOKEN_WRONG')
    equal((await ask(visitor, 'GET', '/console/session')).status, 200)
  })

  it('is judged by its bearer token where it has one', async () => {
    const { cookie } = await enter()
    const answer = await send({
      url: `${domain.url}/admin/v1/Groups`,
      headers: { cookie, authorization: 'Bearer wrong', ...sameOrigin },
      method: 'GET',
    })
    equal(answer.status, 401)
    const right = await send({
      url: `${domain.url}/admin/v1/Groups`,
      headers: {
        cookie,
        authorization: `Bearer ${domain.admin.token}`,
        'content-type': 'application/json',
        'sec-fetch-site': 'cross-site',
      },
      body: JSON.stringify(newGroup('by bearer')),
    })
    equal(right.status, 201, right.text)
  })
})

describe('the pages of the console', () => {
  const look = (path: string, headers = {}) =>
    send({ url: domain.url + path, method: 'GET', headers })

  it('are where Oracle guides send people, too', async () => {
    for (const path of ['/console', '/ui/v1/adminconsole', '/ui/v1/adminconsole/?root=x']) {
      const answer = await look(path)
      equal(answer.status, 302, path)
      equal(answer.headers.location, '/console/', path)
    }
  })

  it('come with a policy under which nothing foreign runs, or say how to build them', async () => {
    const answer = await look('/console/applications/one')
    const policy = String(answer.headers['content-security-policy'])
    match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/)
    match(policy, /frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'/)
    match(policy, /; trusted-types 'none'$/)
    doesNotMatch(policy, /unsafe/)
    equal(answer.headers['referrer-policy'], 'no-referrer')
    equal(answer.headers['x-content-type-options'], 'nosniff')
    equal(answer.headers['cross-origin-opener-policy'], 'same-origin')
    equal(answer.headers['cross-origin-resource-policy'], 'same-origin')
    equal(answer.headers['cache-control'], 'no-store')
    if (answer.status === 404) expectProblem(answer, 404, 'CONSOLE_NOT_BUILT')
    else match(answer.text, /<html/)
  })

  it('are nothing but the files that were built', async () => {
    for (const path of [
      '/console/../package.json',
      '/console/%2e%2e/package.json',
      '/console/x.js',
    ]) {
      equal((await look(path)).status, 404, path)
    }
  })
})

describe('a body that is no sign-in', () => {
  for (const [what, wish, reason] of [
    ['both ways', { pairingCode: 'x', clientId: 'x', clientSecret: 'x' }, 'MEMBER_UNKNOWN'],
    ['neither', {}, 'MEMBER_UNKNOWN'],
    ['no text', { pairingCode: 1 }, 'MEMBER_INVALID'],
    ['too long a text', { pairingCode: 'x'.repeat(1001) }, 'MEMBER_INVALID'],
  ] as const) {
    it(what, async () => expectProblem(await trySignIn(door, wish), 400, reason))
  }

  it('no object, too large, or another method', async () => {
    const url = `${domain.url}/console/session`
    expectProblem(await send({ url, body: '[]' }), 400, 'BODY_NOT_AN_OBJECT')
    expectProblem(await send({ url, body: 'x'.repeat(10_000) }), 413, 'BODY_TOO_LARGE')
    expectProblem(await send({ url, method: 'PUT' }), 405, 'METHOD_NOT_ALLOWED')
  })
})
