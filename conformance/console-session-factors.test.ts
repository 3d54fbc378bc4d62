/** Signing in by password and second factor, proving a session again, and listing sessions. */
import { deepEqual, doesNotMatch, equal, match, notEqual, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { clockAhead } from './kit/clock.ts'
import {
  ask,
  newCode,
  plainDoor,
  sameOrigin,
  tlsDoor,
  trySignIn,
  type Visitor,
  visit,
} from './kit/console.ts'
import {
  addAuthenticator,
  codeOf,
  renewed,
  setPassword,
  showPassword,
  wrongCodes,
} from './kit/console-account.ts'
import { makeClient } from './kit/fixtures.ts'
import { type Answer, send } from './kit/http.ts'
import { startOurs, useMintmark } from './kit/start-domain.ts'
import { askStored } from './kit/stored-rows.ts'

const domain = await useMintmark({ environment: { MINTMARK_WORKERS: '2' } })
const door = plainDoor(domain)
const account = '/console/session/account'
const password = 'seven wise owls at noon'

const expectProblem = (answer: Answer, status: number, reason: string): void => {
  equal(answer.status, status, answer.text)
  equal(answer.json?.['reason'], reason)
  equal(answer.headers['set-cookie'], undefined)
}

const enter = async (home = domain): Promise<Visitor> =>
  visit(plainDoor(home), { pairingCode: await newCode(home) })

/** An administrator with everything: password, authenticator, recovery codes. */
const settle = async (home = domain) => {
  const first = await setPassword(await enter(home), password)
  const { visitor, ...added } = await addAuthenticator(first)
  const answer = await ask(visitor, 'POST', `${account}/recovery-codes`, { body: {} })
  const recoveryCodes = answer.json?.['recoveryCodes'] as readonly string[]
  return { ...added, visitor: renewed(visitor, answer), recoveryCodes }
}

const challengeOf = async (home = domain): Promise<string> => {
  const asked = await showPassword(plainDoor(home), 'administrator', password)
  equal(asked.status, 202, asked.text)
  equal(asked.headers['set-cookie'], undefined)
  return String(asked.json?.['challenge'])
}

describe('a password', () => {
  it('is set by whoever has paired, and signs nobody in without a second factor', async () => {
    const home = await startOurs()
    try {
      const visitor = await setPassword(await enter(home), password)
      const told = (await ask(visitor, 'GET', account)).json
      deepEqual(told, {
        userName: 'administrator',
        hasPassword: true,
        authenticator: null,
        passkeys: [],
        recoveryCodes: 0,
      })
      const answer = await showPassword(plainDoor(home), 'administrator', password)
      expectProblem(answer, 403, 'SECOND_FACTOR_MISSING')
      const accounts = JSON.stringify(await askStored(home, 'SELECT * FROM console_account'))
      const path = join(home.dataDirectory, 'mintmark.db-wal')
      const database = home.databaseUrl === '' ? readFileSync(path, 'latin1') : accounts
      ok(database.includes('$argon2id$v=19$m=19456,t=2,p=1$'))
      ok(!database.includes(password))
    } finally {
      await home.stop()
    }
  })

  it('signs in together with the code of an authenticator, each code once', async () => {
    const { secret, confirmedAtMs, address, recoveryCodes } = await settle()
    // a step that ends amid the test changes none of them
    const codeAfter = (steps: number) => codeOf(secret, steps, confirmedAtMs)
    match(address, /^otpauth:\/\/totp\/Mintmark%20.*:administrator\?secret=[A-Z2-7]{32}&issuer=/)
    equal(recoveryCodes.length, 10)
    // the step that confirmed it was used up by that
    const wish = { challenge: await challengeOf(), code: codeAfter(0) }
    expectProblem(await trySignIn(door, wish), 401, 'SIGN_IN_REFUSED')
    const visitor = await visit(door, { ...wish, code: codeAfter(1) })
    deepEqual((visitor.body['administrator'] as { type: string }).type, 'User')
    match(visitor.setCookie, /^mintmark=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/)
    // neither the challenge nor the code is good again
    for (const challenge of [wish.challenge, await challengeOf()]) {
      const again = await trySignIn(door, { challenge, code: codeAfter(1) })
      expectProblem(again, 401, 'SIGN_IN_REFUSED')
    }
    const far = { challenge: await challengeOf(), code: codeAfter(5) }
    expectProblem(await trySignIn(door, far), 401, 'SIGN_IN_REFUSED')
  })

  it('signs in together with a recovery code, each once, by many at the same moment', async () => {
    const { recoveryCodes } = await settle()
    const [code = ''] = recoveryCodes
    const challenges = await Promise.all([1, 2, 3, 4].map(() => challengeOf()))
    const answers = await Promise.all(
      challenges.map((challenge) => trySignIn(door, { challenge, code: code.toLowerCase() })),
    )
    deepEqual(answers.map(({ status }) => status).toSorted(), [200, 401, 401, 401])
  })

  it('that is changed lets nobody in who began by the old one, or has a pairing code', async () => {
    const { visitor, recoveryCodes } = await settle()
    const challenge = await challengeOf()
    const pairingCode = await newCode(domain)
    await setPassword(visitor, 'another seven wise owls')
    const wishes = [{ challenge, code: recoveryCodes[0] ?? '' }, { pairingCode }]
    for (const wish of wishes) expectProblem(await trySignIn(door, wish), 401, 'SIGN_IN_REFUSED')
  })

  it('is refused as a name that there is not, in the same words', async () => {
    await settle()
    const answers = [
      await showPassword(door, 'administrator', 'wrong wrong wrong'),
      await showPassword(door, 'nobody', password),
    ]
    for (const answer of answers) expectProblem(answer, 401, 'SIGN_IN_REFUSED')
    const [known, unknown] = answers.map(({ json }) => ({ ...json, ecid: '' }))
    deepEqual(known, unknown)
  })

  it('must be worth it', async () => {
    const visitor = await enter()
    for (const weak of ['short', 'aaaaaaaaaaaaaaaa', 'administrator 2026!', 'x'.repeat(201)]) {
      const body = { password: weak }
      const answer = await ask(visitor, 'PUT', `${account}/password`, { body })
      expectProblem(answer, 400, 'MEMBER_INVALID')
      doesNotMatch(answer.text, /a{9}|x{9}/)
    }
  })

  it('that was changed ends the other sessions, and renews this one', async () => {
    const before = await enter()
    const other = await enter()
    const after = await setPassword(before, password)
    notEqual(after.cookie, before.cookie)
    notEqual(after.csrfToken, before.csrfToken)
    for (const [visitor, status] of [
      [before, 401],
      [other, 401],
      [after, 200],
    ] as const) {
      equal((await ask(visitor, 'GET', '/console/session')).status, status)
    }
  })

  it('cannot be guessed: a few wrong ones lock their source out, after a restart too', async () => {
    const home = await startOurs({
      exempt: false,
      environment: { MINTMARK_WORKERS: '2', MINTMARK_RATE_LIMIT_FAILURES: '4' },
    })
    let again = home
    try {
      await settle(home)
      const statuses: number[] = []
      for (let at = 0; at < 5; at += 1) {
        const name = at % 2 === 0 ? 'administrator' : 'nobody'
        statuses.push((await showPassword(plainDoor(home), name, `wrong ${at}`)).status)
      }
      deepEqual(statuses, [401, 401, 401, 429, 429])
      again = await home.restart()
      const right = await showPassword(plainDoor(again), 'administrator', password)
      expectProblem(right, 429, 'TOO_MANY_ATTEMPTS')
    } finally {
      await again.stop()
    }
  })

  it('gives no way to try codes: a few wrong ones lock the account', async () => {
    const home = await startOurs({
      exempt: false,
      environment: { MINTMARK_WORKERS: '2', MINTMARK_RATE_LIMIT_FAILURES: '4' },
    })
    try {
      const { secret } = await settle(home)
      const challenge = await challengeOf(home)
      const statuses: number[] = []
      for (const code of wrongCodes(secret, 5)) {
        const answer = await trySignIn(plainDoor(home), { challenge, code })
        statuses.push(answer.status)
      }
      deepEqual(statuses, [401, 401, 401, 429, 429])
      const right = { challenge: await challengeOf(home), code: codeOf(secret, 1) }
      expectProblem(await trySignIn(plainDoor(home), right), 429, 'TOO_MANY_ATTEMPTS')
    } finally {
      await home.stop()
    }
  })
})

describe('a passkey', () => {
  it('with as long an id as WebAuthn allows can be taken away', async () => {
    const visitor = await enter()
    const id = 'a'.repeat(Math.ceil((1023 * 4) / 3))
    const answer = await ask(visitor, 'DELETE', `${account}/passkeys/${id}`)
    expectProblem(answer, 400, 'MEMBER_INVALID')
    const longer = await ask(visitor, 'DELETE', `${account}/passkeys/${id}${id}`)
    equal(longer.status, 404, longer.text)
    ok(!longer.text.includes('FST_'), longer.text)
  })
})

const pair = (userName: string) =>
  send({
    url: `${domain.url}/console/pairing`,
    headers: {
      authorization: `Bearer ${domain.admin.token}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ userName }),
  })

describe('a pairing code for somebody', () => {
  it('signs in that user, if it administers anything', async () => {
    ok(await domain.admin.createUser('zoe'))
    expectProblem(await pair('nobody'), 400, 'MEMBER_INVALID')
    const powerless = (await pair('zoe')).json as { pairingCode: string }
    const { pairingCode } = powerless
    expectProblem(await trySignIn(door, { pairingCode }), 403, 'ACCOUNT_POWERLESS')
  })
})

describe('a session that was proven more than five minutes ago', () => {
  it('changes no key and no secret until it is proven again', async () => {
    const home = await startOurs({ environment: { MINTMARK_WORKERS: '2' } })
    let again = home
    try {
      const client = await makeClient(home)
      await home.setActive(client, false)
      const { visitor: fresh, recoveryCodes, secret: shared } = await settle(home)
      const aheadMs = 6 * 60_000
      const pairingCode = await newCode(home)
      const once = (by: Visitor) =>
        ask(by, 'POST', '/admin/v1/AppClientSecretRegenerator', {
          headers: {
            cookie: by.cookie,
            'x-csrf-token': by.csrfToken,
            'opc-retry-token': 'once',
            ...sameOrigin,
          },
          body: {
            schemas: ['urn:ietf:params:scim:schemas:oracle:idcs:AppClientSecretRegenerator'],
            appId: client.id,
          },
        })
      const secret = (await once(fresh)).json?.['clientSecret']
      equal((await once(fresh)).json?.['clientSecret'], secret)
      again = await home.restart({ environment: clockAhead(aheadMs) })
      const [code] = wrongCodes(shared, 1, Date.now() + aheadMs)
      let visitor: Visitor = { ...fresh, door: plainDoor(again) }
      const regenerate = {
        schemas: ['urn:ietf:params:scim:schemas:oracle:idcs:AppClientSecretRegenerator'],
        appId: client.id,
      }
      const group = {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
        displayName: 'harmless',
      }
      const bulk = {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
        Operations: [
          { method: 'POST', path: '/Groups', bulkId: 'a', data: group },
          { method: 'DELETE', path: `/Apps/${client.id}` },
        ],
      }
      const guarded = [
        ['POST', '/admin/v1/AppClientSecretRegenerator', regenerate],
        ['DELETE', `/admin/v1/Apps/${client.id}`, undefined],
        ['POST', '/admin/v1/Bulk', bulk],
        ['POST', '/api/v1/keys/rotate', {}],
        ['POST', '/api/v1/backup', {}],
        ['POST', '/console/pairing', { userName: 'administrator' }],
        ['PUT', `${account}/password`, { password }],
        ['POST', `${account}/authenticator`, {}],
        ['DELETE', `${account}/authenticator`, undefined],
        ['POST', `${account}/passkeys`, {}],
        ['POST', `${account}/recovery-codes`, {}],
      ] as const
      for (const [method, path, body] of guarded) {
        const answer = await ask(visitor, method, path, body === undefined ? {} : { body })
        equal(answer.status, 403, `${method} ${path} ${answer.text}`)
        match(answer.text, /PROOF_TOO_OLD/)
      }
      const repeated = await once(visitor)
      equal(repeated.status, 403, 'the answer with a secret was given again')
      match(repeated.text, /PROOF_TOO_OLD/)
      // nothing of the Bulk was kept, and what is no key goes on
      const made = await ask(visitor, 'POST', '/admin/v1/Groups', { body: group })
      equal(made.status, 201, made.text)
      for (const wrong of [
        { password: 'wrong' },
        { code },
        { pairingCode: '0000-0000' },
        { clientSecret: 'wrong' },
        { challenge: 'x', passkey: {} },
      ]) {
        const answer = await ask(visitor, 'POST', '/console/session/proof', { body: wrong })
        expectProblem(answer, 403, 'PROOF_REFUSED')
      }
      for (const right of [{ password }, { code: recoveryCodes[0] }, { pairingCode }]) {
        const before = visitor
        const proven = await ask(visitor, 'POST', '/console/session/proof', { body: right })
        visitor = renewed(visitor, proven)
        notEqual(visitor.cookie, before.cookie)
        equal((await ask(before, 'GET', '/console/session')).status, 401)
      }
      const rotated = await ask(visitor, 'POST', '/admin/v1/AppClientSecretRegenerator', {
        body: regenerate,
      })
      equal(rotated.status, 201, rotated.text)
      const { token } = again.admin
      const byToken = await send({
        url: `${again.url}/admin/v1/AppClientSecretRegenerator`,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(regenerate),
      })
      notEqual(byToken.status, 403, byToken.text)
    } finally {
      await again.stop()
    }
  })
})

describe('a user that is switched off', () => {
  it('is signed out for good: no session comes back with it', async () => {
    const ottoId = await domain.admin.createUser('otto')
    const filter = encodeURIComponent('displayName eq "Audit Administrator"')
    const roles = await domain.admin.call('GET', `/AppRoles?filter=${filter}`)
    const [role] = roles['Resources'] as readonly { id: string }[]
    await domain.admin.call('POST', '/Grants', {
      schemas: ['urn:ietf:params:scim:schemas:oracle:idcs:Grant'],
      app: { value: 'IDCSAppId' },
      entitlement: { attributeName: 'appRoles', attributeValue: role?.id },
      grantMechanism: 'ADMINISTRATOR_TO_USER',
      grantee: { value: ottoId, type: 'User' },
    })
    const [used, unused] = [(await pair('otto')).json, (await pair('otto')).json]
    const otto = await visit(door, { pairingCode: used?.['pairingCode'] })
    equal((await ask(otto, 'GET', '/console/session')).status, 200)
    for (const value of [false, true]) {
      await domain.admin.call('PATCH', `/Users/${ottoId}`, {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations: [{ op: 'replace', path: 'active', value }],
      })
      equal((await ask(otto, 'GET', '/console/session')).status, 401, `active ${value}`)
    }
    const again = await trySignIn(door, { pairingCode: unused?.['pairingCode'] })
    expectProblem(again, 401, 'SIGN_IN_REFUSED')
  })
})

describe('sessions', () => {
  const bearer = (method: string, path: string, home = domain) =>
    send({
      url: `${home.url}/api/v1/${path}`,
      method,
      headers: { authorization: `Bearer ${home.admin.token}` },
    })

  it('are listed with who, from where and until when, and end by their id', async () => {
    const visitor = await enter()
    const { id } = visitor.body as { id: string }
    const listed = (await bearer('GET', 'sessions')).json as { sessions: { id: string }[] }
    const { signedInAt, usedAt, expiresAt, endsAt, ...told } = (listed.sessions.find(
      (each) => each.id === id,
    ) ?? {}) as Record<string, unknown>
    deepEqual(told, {
      id,
      administrator: {
        type: 'User',
        id: (visitor.body['administrator'] as { id: string }).id,
        name: 'user:administrator',
      },
      method: 'pairing-code',
      source: '127.0.0.1',
    })
    const minutes = (from: unknown, to: unknown) =>
      (Date.parse(String(to)) - Date.parse(String(from))) / 60_000
    deepEqual([minutes(signedInAt, endsAt), minutes(usedAt, expiresAt)], [480, 30])
    const asked = await ask(visitor, 'GET', '/api/v1/sessions')
    ok((asked.json as typeof listed).sessions.some((each) => each.id === id))
    equal((await bearer('DELETE', `sessions/${id}`)).status, 200)
    for (let at = 0; at < 4; at += 1) {
      equal((await ask(visitor, 'GET', '/console/session')).status, 401)
    }
    expectProblem(await bearer('DELETE', `sessions/${id}`), 404, 'SESSION_UNKNOWN')
  })

  it('name nothing that could be sent in their place', async () => {
    const visitor = await enter()
    const { id } = visitor.body as { id: string }
    const stolen = { ...visitor, cookie: `mintmark=${id}` }
    equal((await ask(stolen, 'GET', '/console/session')).status, 401)
  })
})

describe('forged requests', () => {
  it('begin no session from another site', async () => {
    await settle()
    const foreign = await showPassword(door, 'administrator', password, {
      'sec-fetch-site': 'cross-site',
    })
    expectProblem(foreign, 403, 'SITE_FOREIGN')
  })

  it('cannot choose the session of somebody else: sign-in always makes a new one', async () => {
    const planted = `mintmark=${'A'.repeat(43)}`
    const pairingCode = await newCode(domain)
    const answer = await trySignIn(door, { pairingCode }, { ...sameOrigin, cookie: planted })
    const [setCookie = ''] = answer.headers['set-cookie'] ?? []
    equal(answer.status, 200, answer.text)
    ok(!setCookie.startsWith(planted))
    const fixed = await send({
      url: `${door.url}/console/session`,
      method: 'GET',
      headers: { cookie: planted, ...sameOrigin },
    })
    equal(fixed.status, 401)
  })

  it('keep the attributes of the cookie over TLS when a session is renewed', async () => {
    const visitor = await visit(tlsDoor(domain), { pairingCode: await newCode(domain) })
    const { setCookie } = await setPassword(visitor, password)
    match(setCookie, /^__Host-mintmark=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure$/)
  })
})
