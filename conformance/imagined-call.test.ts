/** `POST /api/v1/tokens/call`: what the guard of an API would say, without a request to the API. */
import { deepEqual, equal, match } from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, it } from 'node:test'
import { askToken, basicOf, post } from './kit/ask.ts'
import { askWithProof } from './kit/dpop.ts'
import { send } from './kit/http.ts'
import { useMintmark } from './kit/start-domain.ts'
import { type Client, revocationPath } from './kit/test-domain.ts'

const domain = await useMintmark()
const audience = 'https://called.example/'
const api = await domain.createApi({ audience, scopes: ['read', 'write'] })
const writer = await domain.admin.createRole(api, 'Writer', ['write'])
const other = await domain.createApi({
  audience: 'https://other-called.example/',
  scopes: ['read'],
})

let reached = 0
const stranger = createServer((_request, response) => {
  reached += 1
  response.end()
})
await new Promise<void>((fulfil) => stranger.listen(0, '127.0.0.1', fulfil))
after(() => stranger.close())
const url = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}/orders`

const tokenOf = async (client: Client): Promise<string> => {
  const answer = await askToken(domain, client, { scope: `${audience}read` })
  return String(answer.json?.['access_token'])
}
const client = await domain.createClient({ scopes: [`${audience}read`] })
const token = await tokenOf(client)

const ask = (body: unknown, bearer = domain.admin.token) =>
  send({
    url: `${domain.url}/api/v1/tokens/call`,
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

interface Told {
  readonly verdict: string
  readonly refusal: {
    readonly reason: string
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly body: Readonly<Record<string, unknown>>
  } | null
  readonly demands: readonly { readonly name: string; readonly held: boolean }[]
  readonly endedEarly: boolean
  readonly profile: string
  readonly declared: unknown
}

const toldOf = async (body: Readonly<Record<string, unknown>>): Promise<Told> => {
  const answer = await ask({ api: api.id, url, ...body })
  equal(answer.status, 200, answer.text)
  return answer.json as unknown as Told
}

describe('an imagined call', () => {
  it('is let in where the token has what the route demands', async () => {
    const told = await toldOf({ token, method: 'POST', scopes: ['read'] })
    equal(told.verdict, 'let-in')
    equal(told.refusal, null)
    deepEqual(told.demands, [{ kind: 'scope', name: 'read', held: true }])
    deepEqual(told.declared, { scopes: ['read', 'write'], roles: ['Writer'] })
  })

  it('is answered as the guard answers, with each demand by itself', async () => {
    const told = await toldOf({ token, scopes: ['read', `${audience}write`], roles: [writer] })
    equal(told.refusal?.reason, 'SCOPE_MISSING')
    equal(told.refusal.status, 403)
    match(String(told.refusal.headers['www-authenticate']), /error="insufficient_scope".*write/)
    equal(told.refusal.body['reason'], 'SCOPE_MISSING')
    deepEqual(
      told.demands.map(({ name, held }) => [name, held]),
      [
        ['read', true],
        ['write', false],
        ['Writer', false],
      ],
    )
    equal((await toldOf({ token, roles: ['Writer'] })).refusal?.reason, 'ROLE_MISSING')
    const elsewhere = await toldOf({ token, api: other.id, scopes: ['read'] })
    equal(elsewhere.refusal?.reason, 'AUDIENCE_MISMATCH')
    equal(elsewhere.refusal.status, 401)
    deepEqual(elsewhere.demands, [])
    const altered = `${token.slice(0, -19)}aaaaaaaaa${token.slice(-10)}`
    equal((await toldOf({ token: altered })).refusal?.reason, 'SIGNATURE_WRONG')
  })

  it('counts roles that the token has, in the profile that has some', async () => {
    const standard = 'https://standard.example/'
    const made = await domain.createApi({ audience: standard, scopes: ['use'], profile: 'rfc9068' })
    const role = await domain.admin.createRole(made, 'User', ['use'])
    const holder = await domain.createClient({ scopes: [`${standard}use`] })
    await domain.admin.grantRole(made.id, role, holder)
    const answer = await askToken(domain, holder, { scope: `${standard}use` })
    const held = String(answer.json?.['access_token'])
    const told = await toldOf({ token: held, api: made.id, roles: ['User'] })
    deepEqual([told.verdict, told.demands[0]?.held, told.profile], ['let-in', true, 'rfc9068'])
    equal((await toldOf({ token, api: made.id })).refusal?.reason, 'TYPE_MISMATCH')
  })

  it('knows what was revoked, and who else would', async () => {
    const leaving = await domain.createClient({ scopes: [`${audience}read`] })
    const gone = await tokenOf(leaving)
    await post(domain, revocationPath, { token: gone }, basicOf(leaving))
    const told = await toldOf({ token: gone })
    equal(told.refusal?.reason, 'TOKEN_REVOKED')
    equal(told.refusal.status, 401)
    equal(told.endedEarly, true)
  })

  it('asks for the proof that a bound token needs, and tells its demands', async () => {
    const answer = await askWithProof(domain, client)
    const told = await toldOf({
      token: String(answer.json?.['access_token']),
      scopes: ['read', 'write'],
    })
    equal(told.refusal?.reason, 'SENDER_UNPROVEN')
    deepEqual(
      told.demands.map(({ held }) => held),
      [true, false],
    )
  })

  it('reaches nobody, and is for who administers applications', async () => {
    equal(reached, 0)
    equal((await ask({ token, api: api.id }, token)).status, 401)
    for (const [body, words] of [
      [{ api: api.id }, /token/],
      [{ token }, /api/],
      [{ token, api: 'nobody' }, /There is no API/],
      [{ token, api: api.id, url: 'file:///etc/passwd' }, /url/],
      [{ token, api: api.id, method: 'get' }, /method/],
      [{ token, api: api.id, scopes: ['none'] }, /defines no scope/],
      [{ token, api: api.id, roles: ['none'] }, /defines no role/],
      [{ token, api: api.id, roles: 'Writer' }, /roles/],
      [{ token, api: api.id, more: 1 }, /more/],
    ] as const) {
      const answer = await ask(body)
      equal(answer.status, 400, answer.text)
      match(answer.text, words)
    }
  })
})
