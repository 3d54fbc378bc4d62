/** Who can reach a scope is told, with every way, and it is true: each of them gets it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { askToken } from './kit/ask.ts'
import { askHappening } from './kit/explain-rounds.ts'
import { useMintmark } from './kit/start-domain.ts'

type Json = Readonly<Record<string, unknown>>

const domain = await useMintmark()
const audience = 'https://reached.example/'
const api = await domain.createApi({ audience, scopes: ['read', 'write'] })
const other = await domain.createApi({ audience: 'https://other.example/', scopes: ['read'] })
const roleId = await domain.admin.createRole(api, 'Reader', ['read'])
const named = await domain.createClient({ scopes: [`${audience}read`] })
const granted = await domain.createClient({ scopes: [] })
await domain.admin.grantRole(api.id, roleId, granted)
const idle = await domain.createClient({ scopes: [`${audience}read`] })
await domain.setActive(idle, false)
const elsewhere = await domain.createClient({ scopes: ['https://other.example/read'] })

const ask = async (query: string) => askHappening(domain, 'GET', `/access/holders?${query}`)
const holders = async (query: string): Promise<readonly Json[]> => {
  const answer = await ask(query)
  assert.equal(answer.status, 200, answer.text)
  return answer.json?.['holders'] as readonly Json[]
}

describe('who can reach a scope', () => {
  it('is told with every way and with what stands against it', async () => {
    const found = await holders(`api=${encodeURIComponent(audience)}&scope=read`)
    const told = new Map(found.map((each) => [each['clientId'], each]))
    assert.deepEqual(
      [...told.keys()].toSorted(),
      [named, granted, idle].map(({ clientId }) => clientId).toSorted(),
    )
    assert.deepEqual(told.get(named.clientId)?.['paths'], [
      { kind: 'scope', fqs: `${audience}read` },
    ])
    assert.deepEqual(told.get(granted.clientId)?.['paths'], [
      { kind: 'role', roleId, role: 'Reader' },
    ])
    assert.equal(told.get(idle.clientId)?.['hindrance'], 'CLIENT_INACTIVE')
    for (const each of [named, granted, elsewhere, idle]) {
      const { status } = await askToken(domain, each, { scope: `${audience}read` })
      const isTold = told.get(each.clientId)?.['hindrance'] === null
      assert.equal(status === 200, isTold, each.clientId)
    }
  })

  it('for an API by name or id, a scope in either spelling, page by page', async () => {
    assert.deepEqual(await holders(`api=${api.id}&scope=write`), [])
    const full = encodeURIComponent('https://other.example/read')
    assert.equal((await holders(`api=${other.id}&scope=${full}`)).length, 1)
    const paged: unknown[] = []
    let cursor: unknown = ''
    for (let pages = 0; cursor !== null; pages += 1) {
      assert.ok(pages < 5)
      const { json = {} } = await ask(`api=${api.id}&scope=read&limit=1&cursor=${cursor}`)
      const found = (json?.['holders'] ?? []) as readonly Json[]
      paged.push(...found.map((each) => each['clientId']))
      cursor = json?.['cursor'] ?? null
    }
    assert.equal(new Set(paged).size, 3)
  })

  it('and what cannot be read is refused', async () => {
    for (const [query, status] of [
      ['api=nothing&scope=read', 400],
      [`api=${api.id}&scope=nothing`, 400],
      [`api=${api.id}`, 400],
      [`api=${api.id}&scope=read&limit=0`, 400],
      [`api=${api.id}&scope=read&cursor=%27`, 400],
      [`api=${api.id}&scope=read&more=1`, 400],
    ] as const) {
      assert.equal((await ask(query)).status, status, query)
    }
    assert.equal((await askHappening(domain, 'GET', '/access')).status, 404)
    assert.equal(
      (await askHappening(domain, 'GET', '/access/holders', undefined, null)).status,
      401,
    )
  })
})

describe('the map of what was given', () => {
  const map = async (query: string) => {
    const answer = await askHappening(domain, 'GET', `/access/map?${query}`)
    assert.equal(answer.status, 200, answer.text)
    return answer.json as Json
  }
  it('tells what each has of which API, and when it was used', async () => {
    const told = await map(`api=${api.id}`)
    const access = told['access'] as readonly Json[]
    const lastUses = new Map(access.map((each) => [each['application'], each['lastUsed']]))
    assert.deepEqual(access.map(({ kind }) => kind).toSorted(), ['role', 'scope', 'scope'])
    assert.match(String(lastUses.get(named.id)), /^20/)
    assert.equal(lastUses.get(idle.id), null)
    assert.ok(Date.parse(String(told['usedSince'])) < Date.now() - 29 * 86_400_000)
    const sizeOf = async (query: string) =>
      ((await map(query))['applications'] as readonly Json[]).length
    assert.equal(await sizeOf(`api=${api.id}&use=day`), 2)
    assert.equal(await sizeOf(`api=${api.id}&use=unused`), 1)
    assert.equal(await sizeOf(`app=${named.id}`), 1)
    assert.equal(await sizeOf('status=inactive'), 1)
    assert.notEqual((await map('limit=1'))['cursor'], null)
    const refused = await askHappening(domain, 'GET', '/access/map?use=never')
    assert.equal(refused.status, 400)
  })
})
