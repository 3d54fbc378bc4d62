/**
 * A re-use window: the same request gets the current token while enough of its life is left, and
 * never a token of another scope, audience, binding, credential, or of before a change.
 */
import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { revoke } from './kit/afterlife.ts'
import { assertOk } from './kit/answers.ts'
import { askByAssertion, askSecurely, askToken, basicOf, post } from './kit/ask.ts'
import { nameOf } from './kit/certificate.ts'
import { askWithProof } from './kit/dpop.ts'
import { askHappening } from './kit/explain-rounds.ts'
import {
  clientCertificate,
  makeClient,
  makeKeyClient,
  rs,
  rs2,
  rs2Audience,
} from './kit/fixtures.ts'
import type { Answer } from './kit/http.ts'
import { decode, makePair } from './kit/jwt.ts'
import { useMintmark } from './kit/start-domain.ts'
import { type ClientWish, revocationPath } from './kit/test-domain.ts'

const domain = await useMintmark()
const own = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:App'
const core = 'urn:ietf:params:scim:schemas:oracle:idcs:'
const patchOp = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
const read = 'https://rs.example/api:read'
const both = { allowance: { tokenReusePercent: 50 } }

const reusing = (wish: ClientWish = {}) => makeClient(domain, { ...both, ...wish })

const patch = (id: string, path: string, value: unknown) =>
  domain.admin.call('PATCH', `/Apps/${id}`, {
    schemas: [patchOp],
    Operations: [{ op: 'replace', path, value }],
  })

type Ask = () => Promise<Answer>

/** @returns the token that both asked for */
const assertSame = async (ask: Ask, again: Ask = ask): Promise<string> => {
  const first = assertOk(await ask())
  equal(assertOk(await again()), first)
  return first
}

const assertOther = async (ask: Ask, again: Ask): Promise<void> => {
  const first = await assertSame(ask)
  notEqual(assertOk(await again()), first)
}

test('it is off unless it is said', async () => {
  const client = await makeClient(domain)
  notEqual(assertOk(await askToken(domain, client)), assertOk(await askToken(domain, client)))
})

test('the same request gets the same token, with what is left of its life', async () => {
  const client = await reusing()
  const first = await askToken(domain, client)
  await sleep(1100)
  const fromMs = Date.now()
  const second = await askToken(domain, client)
  const toMs = Date.now()
  equal(assertOk(second), assertOk(first))
  const { exp } = decode(assertOk(second)).claims
  const told = Number(second.json?.['expires_in'])
  ok(told <= 3598, `${told}`)
  // whole seconds, as few as were left when it was answered
  const leftAt = (ms: number) => Math.floor(Number(exp) - ms / 1000)
  ok(told >= leftAt(toMs) && told <= leftAt(fromMs), `${told}`)
  deepEqual(Object.keys(second.json ?? {}), Object.keys(first.json ?? {}))
})

test('an API can say it for all its clients', async () => {
  const audience = 'https://reused.example/'
  await domain.createApi({ audience, scopes: ['x'], ...both })
  const client = await domain.createClient({ scopes: [`${audience}x`] })
  await assertSame(() => askToken(domain, client))
  const stranger = await domain.createClient({ scopes: [`${audience}x`] })
  await assertOther(
    () => askToken(domain, client),
    () => askToken(domain, stranger),
  )
})

test('a token with less than so much of its life left is not given again', async () => {
  const audience = 'https://brief.example/'
  await domain.createApi({ audience, scopes: ['x'], lifetimeSeconds: 60 })
  const allowance = { tokenReusePercent: 98 }
  const client = await domain.createClient({ scopes: [`${audience}x`], allowance })
  const first = assertOk(await askToken(domain, client))
  await sleep(1300)
  notEqual(assertOk(await askToken(domain, client)), first)
})

test('it is on record as given again, with the id of the token', async () => {
  const client = await reusing()
  const first = await askToken(domain, client)
  const second = await askToken(domain, client)
  const events = [first, second].map(async ({ headers }) => {
    const id = String(headers['x-request-id'])
    const told = (await askHappening(domain, 'GET', `/decisions/${id}`)).json
    return told as { recorded: { object: string; detail: { reissued?: true } }; statement: string }
  })
  const [issued, again] = await Promise.all(events)
  const { jti } = decode(assertOk(first)).claims
  deepEqual([issued?.recorded.object, issued?.recorded.detail.reissued], [jti, undefined])
  deepEqual([again?.recorded.object, again?.recorded.detail.reissued], [jti, true])
  match(String(again?.statement), /^The current token was given again\./)
})

test('of many at once each is on record, under its own id', async () => {
  const client = await reusing()
  const { jti } = decode(assertOk(await askToken(domain, client))).claims
  const answers = await Promise.all(Array.from({ length: 12 }, () => askToken(domain, client)))
  for (const answer of answers) {
    assertOk(answer)
    const id = String(answer.headers['x-request-id'])
    const { json } = await askHappening(domain, 'GET', `/decisions/${id}`)
    const { recorded } = json as { recorded: { object: string; detail: { reissued?: true } } }
    deepEqual([recorded.object, recorded.detail.reissued], [jti, true])
    const found = (await askHappening(domain, 'GET', `/audit?ecid=${id}`)).json
    equal(Array.isArray(found?.['events']) && found['events'].length, 1, id)
  }
  const usage = (await askHappening(domain, 'GET', `/usage?client=${client.clientId}`)).json
  const clients = usage?.['clients']
  equal(Array.isArray(clients) && clients[0].reissued, 12)
})

test('never across scope, lifetime or audience', async () => {
  await rs2(domain)
  const client = await reusing({ scopes: [read, `${rs2Audience}other:read`] })
  const asking = (scope: string) => () => askToken(domain, client, { scope })
  await assertOther(asking(read), asking(`${rs2Audience}other:read`))
  await assertOther(asking(read), asking(`${read} urn:opc:resource:expiry=600`))
  const wide = await reusing()
  const narrow = () => askToken(domain, wide, { scope: read })
  await assertOther(narrow, () => askToken(domain, wide))
  // as many ways to ask for the same come to the same
  await assertSame(narrow, () => askToken(domain, wide, { scope: 'api:read' }))
})

test('never across binding', async () => {
  const client = await reusing()
  const [one, other] = [makePair('ES256'), makePair('ES256')]
  const bound = (pair = one) => askWithProof(domain, client, {}, pair)
  await assertOther(bound, () => bound(other))
  await assertOther(bound, () => askToken(domain, client))
  const certified = await reusing({
    certificateSubject: { kind: 'subject_dn', value: 'CN=reused' },
    certificateBoundTokens: true,
  })
  const { shown } = clientCertificate(domain, { subject: nameOf(['CN', 'reused']) })
  const { shown: renewed } = clientCertificate(domain, { subject: nameOf(['CN', 'reused']) })
  const form = { client_id: certified.clientId }
  await assertOther(
    () => askSecurely(domain, form, { shown }),
    () => askSecurely(domain, form, { shown: renewed }),
  )
})

test('never across credentials', async () => {
  const pairs = [makePair('ES256'), makePair('ES256')] as const
  const client = await makeKeyClient(domain, pairs, { ...both, methods: [] })
  await assertOther(
    () => askByAssertion(domain, client),
    () => askByAssertion(domain, client, {}, pairs[1]),
  )
  await assertOther(
    () => askByAssertion(domain, client),
    () => askToken(domain, client),
  )
  const held = await reusing()
  const before = await assertSame(() => askToken(domain, held))
  const rotated = await domain.rotateSecret(held, 60)
  notEqual(assertOk(await askToken(domain, rotated)), before)
})

test('an assertion is used once all the same', async () => {
  const client = await makeKeyClient(domain, [makePair('ES256')], both)
  const wish = { claims: { jti: 'of a re-use window' } }
  assertOk(await askByAssertion(domain, client, wish))
  equal((await askByAssertion(domain, client, wish)).status, 401)
})

/** What changes what a token would say, or ends those there are. */
const changes: Readonly<Record<string, (ask: Awaited<ReturnType<typeof reusing>>) => unknown>> = {
  'the client is changed': ({ id }) => patch(id, 'displayName', `Renamed ${id}`),
  'an API is changed': async () => patch((await rs(domain)).id, 'displayName', 'RS, renamed'),
  'a claim is declared': () =>
    domain.admin.call('POST', '/CustomClaims', {
      schemas: [`${core}CustomClaim`],
      name: 'tier',
      value: 'gold',
      mode: 'always',
      tokenType: 'AT',
      allScopes: true,
    }),
  'a role is granted': async (client) => {
    const api = await rs(domain)
    const role = await domain.admin.createRole(api, 'Re-user', ['api:write'])
    await domain.admin.grantRole(api.id, role, client)
  },
  'the client is deactivated for a while': async (client) => {
    await domain.setActive(client, false)
    await domain.setActive(client, true)
  },
  'everything of the client is revoked': (client) =>
    post(domain, revocationPath, { all_tokens: 'true' }, basicOf(client)),
  'the API is deactivated for a while': async () => {
    const { id } = await rs(domain)
    await domain.admin.setActive(id, false)
    await domain.admin.setActive(id, true)
  },
}
for (const [what, change] of Object.entries(changes)) {
  test(`never across a change: ${what}`, async () => {
    const client = await reusing()
    const ask = () => askToken(domain, client, { scope: read })
    const before = await assertSame(ask)
    await change(client)
    notEqual(await assertSame(ask), before)
  })
}

test('never after it was revoked', async () => {
  const client = await reusing()
  const before = await assertSame(() => askToken(domain, client))
  equal((await revoke(domain, client, before)).status, 200)
  const after = await assertSame(() => askToken(domain, client))
  notEqual(after, before)
})

test('what is said is what SCIM gives back, bounded and of the right side', async () => {
  const allowance = { tokenReusePercent: 80, tokensPerMinute: 5, tokensPerDay: 50 }
  const { id } = await makeClient(domain, { allowance })
  const { [own]: said } = await domain.admin.call('GET', `/Apps/${id}`)
  deepEqual(
    { ...allowance, budgetMode: 'enforce' },
    Object.fromEntries(
      ['tokenReusePercent', 'tokensPerMinute', 'tokensPerDay', 'budgetMode'].map((name) => [
        name,
        (said as Record<string, unknown>)[name],
      ]),
    ),
  )
  const found = await domain.admin.call(
    'GET',
    `/Apps?filter=${encodeURIComponent(`${own}:tokensPerDay eq 50`)}`,
  )
  equal(found['totalResults'], 1)
  const refused = async (path: string, value: unknown) =>
    (
      await domain.admin.ask('PATCH', `/Apps/${id}`, {
        schemas: [patchOp],
        Operations: [{ op: 'replace', path: `${own}:${path}`, value }],
      })
    ).status
  equal(await refused('tokenReusePercent', 0), 400)
  equal(await refused('tokenReusePercent', 100), 400)
  equal(await refused('tokensPerMinute', -1), 400)
  equal(await refused('budgetMode', 'sometimes'), 400)
  equal(await refused('resourceTokensPerDay', 5), 400, 'it is no API')
})

// last: it ends the token of the administrator too
test('never after its key was withdrawn', async () => {
  const client = await reusing()
  const before = await assertSame(() => askToken(domain, client))
  const wish = { algorithm: 'RS256', emergency: true }
  equal((await askHappening(domain, 'POST', '/keys/rotate', wish)).status, 200)
  const after = await assertSame(() => askToken(domain, client))
  notEqual(decode(after).header['kid'], decode(before).header['kid'])
})
