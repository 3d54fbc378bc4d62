/**
 * Who may do what, as docs/administering/roles.md says it: every cell of role × endpoint × method,
 * asked over HTTP by one client for each role.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { before, describe, it } from 'node:test'
import { askToken } from './kit/ask.ts'
import { type Answer, send } from './kit/http.ts'
import { useMintmark } from './kit/start-domain.ts'

const domain = await useMintmark()
const page = readFileSync(new URL('../docs/administering/roles.md', import.meta.url), 'utf8')
const errorUrn = 'urn:ietf:params:scim:api:oracle:idcs:extension:messages:Error'

/** Endpoint → role → `rw`, `r` or nothing. */
const readTable = (): ReadonlyMap<string, ReadonlyMap<string, string>> => {
  const rows = page
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    )
  const [[, ...roles] = [], , ...cells] = rows
  return new Map(
    cells.map(([endpoint = '', ...powers]) => [
      endpoint.replace(/^`\/|`$/g, ''),
      new Map(roles.map((role, at) => [role, powers[at] ?? ''])),
    ]),
  )
}

const table = readTable()
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** Where a method of an endpoint would be answered, without changing anything. */
const pathOf = (endpoint: string, method: string): string => {
  if (endpoint === 'SigningCert') return '/SigningCert/jwk'
  return method === 'POST' ? `/${endpoint}` : `/${endpoint}/00000000000040008000000000000000`
}

const ask = (token: string, method: string, path: string): Promise<Answer> =>
  send({
    url: `${domain.url}/admin/v1${path}`,
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
    ...(method === 'GET' || method === 'HEAD' || method === 'DELETE' ? {} : { body: '{}' }),
  })

const reasonOf = (answer: Answer): unknown => {
  const error = answer.json?.[errorUrn] as
    | { readonly messageId?: string; readonly additionalData?: { readonly reason?: string } }
    | undefined
  return [error?.messageId, error?.additionalData?.reason]
}

const isDenied = (answer: Answer, method: string): boolean => {
  if (answer.status !== 401) return false
  assert.match(String(answer.headers['www-authenticate']), /^Bearer /)
  if (method !== 'HEAD') {
    assert.deepEqual(reasonOf(answer), ['error.common.common.accessDenied', 'ACCESS_DENIED'])
  }
  return true
}

/** Tokens by role; null: the role has no scope, so there is no token. */
const tokens = new Map<string, string | null>()

const makeToken = async (roleId: string): Promise<string | null> => {
  const client = await domain.createClient({})
  await domain.admin.grantRole('IDCSAppId', roleId, client)
  const answer = await askToken(domain, client, { scope: 'urn:opc:idm:__myscopes__' })
  if (answer.status === 200) return String(answer.json?.['access_token'])
  assert.equal(answer.json?.['error'], 'invalid_scope')
  return null
}

describe('role × endpoint × method', () => {
  before(async () => {
    const path = '/AppRoles?filter=app.value%20eq%20%22IDCSAppId%22&count=100'
    const listed = await domain.admin.call('GET', path)
    for (const role of listed['Resources'] as { id: string; displayName: string }[]) {
      tokens.set(role.displayName, await makeToken(role.id))
    }
  })

  it('the page names every role, and the server has no other', () => {
    assert.equal(tokens.size, 21)
    for (const name of tokens.keys()) assert.ok(page.includes(name), name)
    const named = [...(table.values().next().value?.keys() ?? [])]
    assert.deepEqual(
      named.filter((name) => !tokens.has(name)),
      [],
    )
    for (const name of named) assert.ok(tokens.get(name), `${name} gets a token`)
  })

  it('every cell is as the page says', async () => {
    let cells = 0
    for (const [role, token] of tokens) {
      if (token === null) continue
      for (const [endpoint, powers] of table) {
        for (const method of methods) {
          const power = powers.get(role) ?? ''
          const reads = method === 'GET' || method === 'HEAD'
          const expected = power === 'rw' || (power === 'r' && reads)
          const answer = await ask(token, method, pathOf(endpoint, method))
          const said = `${role}: ${method} ${endpoint} ${answer.status} ${answer.text}`
          assert.ok(answer.status < 500, said)
          assert.equal(!isDenied(answer, method), expected, said)
          cells++
        }
      }
    }
    assert.equal(cells, 11 * 14 * 6)
  })

  it('searching is reading, listing too; an operation of a Bulk is judged by itself', async () => {
    for (const [endpoint, powers] of table) {
      if (['SigningCert', 'Asserter'].includes(endpoint) || /Changer|Regenerator/.test(endpoint)) {
        continue
      }
      for (const [role, power] of powers) {
        const token = tokens.get(role) as string
        const said = `${role} ${endpoint}`
        const listed = await ask(token, 'GET', `/${endpoint}`)
        assert.equal(listed.status, power === '' ? 401 : 200, said)
        const searched = await ask(token, 'POST', `/${endpoint}/.search`)
        assert.equal(searched.status === 401, power === '', `${said}: ${searched.text}`)
        const bulk = await send({
          url: `${domain.url}/admin/v1/Bulk`,
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
          body: JSON.stringify({
            schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
            Operations: [{ method: 'DELETE', path: pathOf(endpoint, 'DELETE') }],
          }),
        })
        const operations = bulk.json?.['Operations'] as { readonly status: string }[] | undefined
        const status = bulk.status === 401 ? '401' : operations?.[0]?.status
        assert.equal(status === '401', power !== 'rw', `${said}: ${bulk.text}`)
      }
    }
  })

  it('what the API itself looks like is open to every token of the domain', async () => {
    for (const path of ['/Schemas', '/ResourceTypes', '/ServiceProviderConfig']) {
      assert.equal((await ask(tokens.get('Me') as string, 'GET', path)).status, 200)
      assert.equal((await ask('nonsense', 'GET', path)).status, 401)
    }
  })
})
