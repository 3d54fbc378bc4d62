import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assertOk } from './kit/answers.ts'
import { askToken, post } from './kit/ask.ts'
import { makeClient } from './kit/fixtures.ts'
import { basic } from './kit/http.ts'
import {
  presented,
  refusedClients,
  statementCount,
  strangerId,
  strangerSecret,
  wireOf,
} from './kit/refused-clients.ts'
import { useMintmark } from './kit/start-domain.ts'
import { introspectionPath, revocationPath, tokenPath } from './kit/test-domain.ts'

const domain = await useMintmark()
const refused = await refusedClients(domain)
const form = { grant_type: 'client_credentials', token: 'x' }

describe('a stranger cannot tell why', () => {
  for (const path of [tokenPath, introspectionPath, revocationPath]) {
    for (const where of ['header', 'body'] as const) {
      it(`answers of ${path} are the same to the byte, credentials in the ${where}`, async () => {
        const wires = new Map<string, string>()
        for (const [what, credentials] of Object.entries(refused)) {
          const { headers, parameters } = presented(where, credentials())
          wires.set(what, await wireOf(domain.url, path, headers, { ...form, ...parameters }))
        }
        const expected = wires.get('unknown client') ?? ''
        assert.match(expected, /^HTTP\/1\.1 401 Unauthorized\r\n/)
        assert.match(expected, /"error":"invalid_client"/)
        for (const [what, wire] of wires) assert.equal(wire, expected, what)
      })
    }
  }

  it('none of them may use a token of the client either', async () => {
    for (const [what, credentials] of Object.entries(refused)) {
      const { clientId, secret } = credentials()
      const authorization = basic(clientId, secret)
      const answer = await post(domain, tokenPath, form, { authorization })
      assert.equal(answer.status, 401, what)
    }
  })

  interface Cost {
    readonly statements: number
    readonly seconds: number
  }
  /** Statements of these requests. */
  const costOf = async (all: readonly { clientId: string; secret: string }[]): Promise<Cost> => {
    const before = await statementCount(domain)
    const startedMs = performance.now()
    for (const { clientId, secret } of all) {
      const authorization = basic(clientId, secret)
      assert.equal((await post(domain, tokenPath, form, { authorization })).status, 401)
    }
    const seconds = (performance.now() - startedMs) / 1000
    return { statements: (await statementCount(domain)) - before, seconds }
  }
  /** Housekeeping may fall into either; and each second a name that nobody has is read again. */
  const assertAlike = (known: Cost, unknown: Cost): void => {
    assert.ok(known.statements > 0, 'no statement was counted')
    const apart = Math.abs(known.statements - unknown.statements)
    const most = Math.max(3, 1 + Math.ceil(Math.max(known.seconds, unknown.seconds)))
    const told = JSON.stringify({ known, unknown })
    assert.ok(apart <= most, `${told} of ${count} requests`)
  }
  const count = 30
  const many = <T>(make: () => T): readonly T[] => Array.from({ length: count }, make)

  it('an unknown client costs the statements of a wrong secret, asked again', async () => {
    const cost = async (what: 'wrong secret' | 'unknown client') => {
      const one = refused[what]
      assert.ok(one !== undefined)
      return costOf(many(one))
    }
    assertAlike(await cost('wrong secret'), await cost('unknown client'))
  })

  it('an unknown client costs the statements of a wrong secret, each asked once', async () => {
    const clients = await Promise.all(many(() => makeClient(domain)))
    for (const client of clients) assertOk(await askToken(domain, client))
    const known = await costOf(clients.map((each) => ({ ...each, secret: strangerSecret() })))
    const strangers = many(() => ({ clientId: strangerId(), secret: strangerSecret() }))
    assertAlike(known, await costOf(strangers))
  })
})
