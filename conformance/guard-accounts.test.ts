/**
 * A client of our server becomes an account of an API: found in a table of that API's own database,
 * refused when it may not be used, with a session that ends with the token.
 */
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { after, describe, it } from 'node:test'
import { accountsFromQuery } from '@mintmark/guard/account-sources'
import type { GuardOptions } from '@mintmark/guard/guard-options'
import { revoke } from './kit/afterlife.ts'
import { assertOk } from './kit/answers.ts'
import { askToken, askTokenInBody } from './kit/ask.ts'
import { type ServerKind, serverKinds, startGuardedApi } from './kit/guarded-api.ts'
import { type Answer, send } from './kit/http.ts'
import { decode } from './kit/jwt.ts'
import { useMintmark } from './kit/start-domain.ts'
import type { Client } from './kit/test-domain.ts'

const domain = await useMintmark()

/** Shaped like Siebel: an audience that is the address of the service, and one scope below it. */
const audience = 'https://ai.example:9001/siebel/v1.0/'
const api = await domain.createApi({
  audience,
  scopes: ['orders.read', 'orders.write'],
  introspects: true,
})
const caller = api.client as Client
const makeClient = (clientId: string) =>
  domain.createClient({ clientId, scopes: [`${audience}orders.read`] })
const [batch, left, guessed, nobody] = [
  await makeClient('BATCH'),
  await makeClient('LEFT'),
  await makeClient('GUESSED'),
  await makeClient('NOBODY'),
]

const database = new DatabaseSync(':memory:')
after(() => database.close())
database.exec(`
  CREATE TABLE account (userid TEXT PRIMARY KEY, name TEXT NOT NULL, status TEXT NOT NULL);
  INSERT INTO account VALUES ('BATCH', 'Nightly batch', 'active'), ('LEFT', 'Left', 'disabled'),
    ('GUESSED', 'Guessed', 'locked');
`)
const rowOf = database.prepare('SELECT name, status FROM account WHERE userid = ?')
const find = accountsFromQuery((userid) => rowOf.get(userid) as { name: unknown } | undefined)

const offline: GuardOptions = {
  issuer: domain.issuer,
  audience,
  profile: 'identity-domain',
  accounts: { find },
}
const asking: GuardOptions = {
  ...offline,
  introspection: {
    clientId: caller.clientId,
    clientSecret: caller.secret,
    maxAgeSeconds: 0,
    statusWhenUnreachable: 401,
  },
}

const issue = async (client: Client, more: Readonly<Record<string, string>> = {}) =>
  assertOk(await askTokenInBody(domain, client, { scope: `${audience}orders.read`, ...more }))

const get = (url: string, token: string): Promise<Answer> =>
  send({ url: `${url}/orders`, method: 'GET', headers: { authorization: `Bearer ${token}` } })

const saidOf = ({ status, json }: Answer): string =>
  status === 200 ? `200 ${String(json?.['account'])}` : `${status} ${String(json?.['reason'])}`

const kindTests = (kind: ServerKind): void => {
  for (const [way, options] of Object.entries({ offline, asking })) {
    it(`${way}: the account, or why not`, async (test) => {
      const { url, stop } = await startGuardedApi(kind, options)
      test.after(() => stop())
      assert.equal(saidOf(await get(url, await issue(batch))), '200 Nightly batch')
      assert.equal(saidOf(await get(url, await issue(left))), '403 ACCOUNT_DISABLED')
      assert.equal(saidOf(await get(url, await issue(guessed))), '403 ACCOUNT_LOCKED')
      assert.equal(saidOf(await get(url, await issue(nobody))), '403 ACCOUNT_UNKNOWN')
    })
  }
}

for (const kind of serverKinds) describe(`an API with accounts on ${kind}`, () => kindTests(kind))

describe('a caller with an account', () => {
  it('has one session a token, and is out as soon as it is locked', async (test) => {
    const { url, stop } = await startGuardedApi('node:http', offline)
    test.after(() => stop())
    const [first, second] = [await issue(batch), await issue(batch)]
    const sessions: unknown[] = []
    for (const token of [first, first, second]) {
      const answer = await get(url, token)
      assert.equal(answer.json?.['type'], 'client')
      sessions.push(answer.json?.['session'])
    }
    assert.equal(sessions[0], sessions[1])
    assert.notEqual(sessions[0], sessions[2])
    const setStatus = database.prepare('UPDATE account SET status = ? WHERE userid = ?')
    setStatus.run('locked', 'BATCH')
    assert.equal(saidOf(await get(url, first)), '403 ACCOUNT_LOCKED')
    setStatus.run('active', 'BATCH')
    assert.equal(saidOf(await get(url, first)), '200 Nightly batch')
  })

  it('is out when its token is revoked or its application deactivated', async (test) => {
    const { url, stop } = await startGuardedApi('Express 5', asking)
    test.after(() => stop())
    const token = await issue(batch)
    assert.equal(saidOf(await get(url, token)), '200 Nightly batch')
    await revoke(domain, batch, token)
    assert.equal(saidOf(await get(url, token)), '401 TOKEN_INACTIVE')
    const next = await issue(batch)
    await domain.setActive(batch, false)
    assert.equal(saidOf(await get(url, next)), '401 TOKEN_INACTIVE')
    await domain.setActive(batch, true)
    assert.equal(saidOf(await get(url, next)), '401 TOKEN_INACTIVE', 'what ended stays ended')
  })

  it('may be named by a custom subject field', async (test) => {
    const introspection = { ...asking.introspection, subjectField: 'client_name' }
    const byName = accountsFromQuery((name) => ({ name: `by ${name}` }))
    const options = { ...asking, introspection, accounts: { find: byName } } as GuardOptions
    const { url, stop } = await startGuardedApi('node:http', options)
    test.after(() => stop())
    const token = await issue(batch)
    const name = String(decode(token).claims['client_name'])
    assert.equal(saidOf(await get(url, token)), `200 by ${name}`)
  })

  it('is not let in while the issuer cannot be asked: 401, as Siebel has it', async (test) => {
    const introspection = { ...asking.introspection, endpoint: 'http://127.0.0.1:9/introspect' }
    const options = { ...asking, introspection } as GuardOptions
    const { url, stop } = await startGuardedApi('node:http', options)
    test.after(() => stop())
    assert.equal(saidOf(await get(url, await issue(batch))), '401 TOKEN_INACTIVE')
    const wrong = { ...asking.introspection, clientSecret: 'wrong' }
    const stranger = { ...asking, introspection: wrong } as GuardOptions
    const other = await startGuardedApi('node:http', stranger)
    test.after(() => other.stop())
    assert.equal(saidOf(await get(other.url, await issue(batch))), '401 TOKEN_INACTIVE')
  })

  it('a token for every API is let in where the guard is told of its audience', async (test) => {
    const wide = await domain.createClient({ clientId: 'WIDE', trustScope: 'Account' })
    const scope = 'urn:opc:resource:consumer::all'
    const answer = await askToken(domain, wide, { scope })
    const token = assertOk(answer)
    const named = String(decode(token).claims['aud'])
    assert.equal(named, 'urn:opc:resource:scope:account')
    const anyAccount = { find: (subject: string) => ({ name: subject }) }
    const base = { ...offline, accounts: anyAccount }
    const narrow = await startGuardedApi('node:http', base)
    test.after(() => narrow.stop())
    assert.equal(saidOf(await get(narrow.url, token)), '401 AUDIENCE_MISMATCH')
    const told = await startGuardedApi('node:http', { ...base, audience: [audience, named] })
    test.after(() => told.stop())
    assert.equal(saidOf(await get(told.url, token)), '403 SCOPE_MISSING')
  })
})
