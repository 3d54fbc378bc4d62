import assert from 'node:assert/strict'
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { accountsFromFile, accountsFromQuery, accountsOverHttp } from './account-sources.ts'
import { createGuard, type Verdict } from './guard.ts'
import type { AccountOptions, LocalAccount } from './local-account.ts'
import { readRequirement } from './requirement.ts'
import { type TestIssuer, testIssuer } from './testing.ts'

const anything = readRequirement(undefined)
const issuer: TestIssuer = await testIssuer()

const requestOf = (token: string) => ({
  method: 'GET',
  url: '/',
  fields: (name: string) => (name === 'authorization' ? [`Bearer ${token}`] : []),
  raw: null,
})

/** What a guard with these accounts says of a token with these claims. */
const judge = (accounts: AccountOptions, claims: object = {}): Promise<Verdict> =>
  createGuard({ ...issuer.guardOptions, accounts }).check(
    requestOf(issuer.token({ ...claims })),
    anything,
  )

const saidOf = (verdict: Verdict): string =>
  verdict.ok
    ? `ok ${verdict.caller.account?.name}`
    : `${verdict.answer.status} ${verdict.refusal.reason}`

const table: readonly [subject: unknown, expected: string][] = [
  ['nightly', 'ok nightly'],
  ['left', '403 ACCOUNT_DISABLED'],
  ['guessed', '403 ACCOUNT_LOCKED'],
  ['nobody', '403 ACCOUNT_UNKNOWN'],
  ['NIGHTLY', '403 ACCOUNT_UNKNOWN'],
  ["' OR 1=1 --", '403 ACCOUNT_UNKNOWN'],
  ['../nightly', '403 ACCOUNT_UNKNOWN'],
  ['..', '403 ACCOUNT_UNKNOWN'],
  ['nightly/../left', '403 ACCOUNT_UNKNOWN'],
  ['nightly?x=', '403 ACCOUNT_UNKNOWN'],
  ['__proto__', '403 ACCOUNT_UNKNOWN'],
  ['nightly\n', '403 ACCOUNT_UNKNOWN'],
  ['x'.repeat(600), '403 ACCOUNT_UNKNOWN'],
]

const list = [
  { name: 'nightly', attributes: { profile: 'batch' } },
  { name: 'left', status: 'disabled' },
  { name: 'guessed', status: 'locked' },
]

describe('the account that a client runs as', () => {
  it('comes from a file, and a change of the file counts at once', async (test) => {
    const directory = await mkdtemp(join(tmpdir(), 'mintmark-accounts-'))
    test.after(() => rm(directory, { recursive: true }))
    const path = join(directory, 'accounts.json')
    await writeFile(path, JSON.stringify({ accounts: list }))
    const find = accountsFromFile(path)
    for (const [sub, expected] of table)
      assert.equal(saidOf(await judge({ find }, { sub })), expected)
    const changed = [
      { ...list[0], status: 'locked' },
      { name: 'SADMIN', subject: 'app-1' },
    ]
    await writeFile(path, JSON.stringify({ accounts: changed }))
    await utimes(path, 1, 1)
    assert.equal(saidOf(await judge({ find }, { sub: 'nightly' })), '403 ACCOUNT_LOCKED')
    assert.equal(saidOf(await judge({ find }, { sub: 'app-1' })), 'ok SADMIN')
    for (const broken of ['{', '{"accounts":[{"name":"a"},{"name":"a"}]}', '{"accounts":[{}]}']) {
      await writeFile(path, broken)
      assert.equal(saidOf(await judge({ find }, { sub: 'app-1' })), '503 ACCOUNTS_UNREACHABLE')
    }
    await writeFile(path, '{"accounts":[{"name":"a","status":"Disabled"}]}')
    assert.equal(saidOf(await judge({ find }, { sub: 'a' })), '503 ACCOUNTS_UNREACHABLE')
    await rm(path)
    assert.equal(saidOf(await judge({ find }, { sub: 'app-1' })), '503 ACCOUNTS_UNREACHABLE')
  })

  it('comes from a service over HTTP', async (test) => {
    const asked: string[] = []
    const server = createServer((request, response) => {
      asked.push(request.url ?? '')
      const account = list.find(({ name }) => request.url === `/accounts/${name}`)
      const isAllowed = request.headers.authorization === 'Bearer k'
      response.writeHead(isAllowed ? (account ? 200 : 404) : 401).end(JSON.stringify(account ?? {}))
    })
    await new Promise<void>((fulfil) => server.listen(0, '127.0.0.1', fulfil))
    test.after(() => {
      server.closeAllConnections()
      server.close()
    })
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/accounts`
    const find = accountsOverHttp(base, { headers: { authorization: 'Bearer k' } })
    for (const [sub, expected] of table)
      assert.equal(saidOf(await judge({ find }, { sub })), expected)
    assert.ok(
      asked.every((path) => /^\/accounts\/[^/?]+$/.test(path)),
      asked.join(),
    )
    const stranger = accountsOverHttp(base)
    assert.equal(saidOf(await judge({ find: stranger })), '503 ACCOUNTS_UNREACHABLE')
    assert.throws(() => accountsOverHttp('http://directory.test/'), /https only/)
  })

  it('comes from rows, and a status that nobody knows is no leave', async () => {
    const rows = new Map<string, { name: string; status: unknown; profile?: string }>([
      ['a', { name: 'a', status: 'active', profile: 'staff' }],
      ['b', { name: 'b', status: 'retired' }],
      ['c', { name: 'c', status: null }],
      ['d', { name: 'd', status: 'locked' }],
    ])
    const find = accountsFromQuery((subject) => rows.get(subject))
    const said: string[] = []
    for (const sub of ['a', 'b', 'c', 'd', 'e']) said.push(saidOf(await judge({ find }, { sub })))
    assert.deepEqual(said, [
      'ok a',
      '403 ACCOUNT_DISABLED',
      'ok c',
      '403 ACCOUNT_LOCKED',
      '403 ACCOUNT_UNKNOWN',
    ])
    const verdict = await judge({ find }, { sub: 'a' })
    assert.ok(verdict.ok)
    assert.deepEqual(verdict.caller.account?.attributes, { profile: 'staff' })
    assert.equal(verdict.caller.type, 'client')
    assert.equal(verdict.caller.clientId, 'test-client')
  })

  it('is named by the claim that the API says', async () => {
    const find = (subject: string): LocalAccount => ({ name: subject })
    const claims = { user_id: 'SADMIN', list: ['x'] }
    assert.equal(saidOf(await judge({ find, claim: 'user_id' }, claims)), 'ok SADMIN')
    for (const sub of ['a\n', 'a\u0000', '\u0085', 'x'.repeat(513)]) {
      assert.equal(saidOf(await judge({ find }, { sub })), '403 ACCOUNT_UNKNOWN')
    }
    assert.equal(saidOf(await judge({ find, claim: 'absent' }, claims)), '403 ACCOUNT_UNKNOWN')
    assert.equal(saidOf(await judge({ find, claim: 'list' }, claims)), '403 ACCOUNT_UNKNOWN')
    assert.equal(saidOf(await judge({ find, claim: '__proto__' }, claims)), '403 ACCOUNT_UNKNOWN')
  })

  it('is not looked for before the token was found good', async () => {
    let asked = 0
    const find = () => {
      asked += 1
      return { name: 'a' }
    }
    assert.equal(saidOf(await judge({ find }, { aud: 'https://b' })), '401 AUDIENCE_MISMATCH')
    const guard = createGuard({ ...issuer.guardOptions, accounts: { find } })
    const verdict = await guard.check(requestOf(issuer.token()), readRequirement('orders.read'))
    assert.equal(saidOf(verdict), '403 SCOPE_MISSING')
    assert.equal(asked, 0)
  })

  it('cannot be found while the directory is away', async () => {
    const find = () => {
      throw new Error('no directory')
    }
    const verdict = await judge({ find })
    assert.equal(saidOf(verdict), '503 ACCOUNTS_UNREACHABLE')
    assert.ok(!verdict.ok)
    assert.equal(verdict.answer.headers['www-authenticate'], undefined)
    assert.doesNotMatch(verdict.answer.body, /no directory/)
  })
})

describe('the account of a request that goes on', () => {
  /** A verdict that is asked again after so many seconds each, and what it says then. */
  const askAgain = async (find: (asked: number) => LocalAccount, seconds: readonly number[]) => {
    const startMs = Date.now()
    let nowMs = startMs
    let asked = 0
    const accounts = {
      find: () => {
        asked += 1
        return find(asked)
      },
    }
    const guard = createGuard({ ...issuer.guardOptions, nowMs: () => nowMs, accounts })
    const verdict = await guard.check(requestOf(issuer.token()), anything)
    assert.ok(verdict.ok)
    const said: string[] = []
    for (const second of seconds) {
      nowMs = startMs + second * 1000
      const again = await verdict.recheck()
      said.push(again === null ? 'on' : again.refusal.reason)
    }
    return { said, asked }
  }

  it('is looked up every five seconds, not more often', async () => {
    const find = (asked: number): LocalAccount =>
      asked < 3 ? { name: 'a' } : { name: 'a', status: 'locked' }
    const { said, asked } = await askAgain(find, [0.5, 4.9, 5, 5.5, 9.9, 10])
    assert.deepEqual(said, ['on', 'on', 'on', 'on', 'on', 'ACCOUNT_LOCKED'])
    assert.equal(asked, 3)
  })

  it('may be out of sight for a while, but not for long', async () => {
    const find = (asked: number): LocalAccount => {
      if (asked === 2 || asked > 3) throw new Error('no directory')
      return { name: 'a' }
    }
    const { said } = await askAgain(find, [5, 10, 15, 20, 25])
    assert.deepEqual(said, ['on', 'on', 'on', 'on', 'ACCOUNTS_UNREACHABLE'])
  })
})

describe('the session of a caller', () => {
  const find = (subject: string): LocalAccount => ({ name: subject })

  it('is one a token, and ends with it', async () => {
    let nowMs = Date.now()
    const options = { ...issuer.guardOptions, nowMs: () => nowMs, accounts: { find } }
    const guard = createGuard(options)
    const exp = Math.floor(nowMs / 1000) + 300
    const [first, second] = [issuer.token({ exp }), issuer.token({ exp })]
    const sessionOf = async (token: string) => {
      const verdict = await guard.check(requestOf(token), anything)
      return verdict.ok ? verdict.caller.session : null
    }
    const opened = await sessionOf(first)
    assert.equal(opened?.endsAtSeconds, exp)
    opened?.state.set('cart', 1)
    nowMs += 200_000
    assert.equal((await sessionOf(first))?.state.get('cart'), 1)
    assert.notEqual((await sessionOf(second))?.id, opened?.id)
    nowMs += 110_000
    assert.equal((await sessionOf(first))?.id, opened?.id, 'as long as clocks may differ')
    nowMs += 30_000
    assert.equal(await sessionOf(first), null)
  })

  it('has a limit of its own', async () => {
    let nowMs = Date.now()
    const accounts = { find, sessionSecondsMax: 60 }
    const guard = createGuard({ ...issuer.guardOptions, nowMs: () => nowMs, accounts })
    const token = issuer.token()
    const idOf = async () => {
      const verdict = await guard.check(requestOf(token), anything)
      return verdict.ok ? verdict.caller.session?.id : 'refused'
    }
    const first = await idOf()
    nowMs += 59_000
    assert.equal(await idOf(), first)
    nowMs += 1000
    assert.notEqual(await idOf(), first)
  })
})
