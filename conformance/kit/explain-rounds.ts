/** Generated pairs of configuration and request: what explain says against what the server does. */
import { equal, ok } from 'node:assert/strict'
import { type Answer, basic, form, formHeaders, send } from './http.ts'
import type { MintmarkDomain } from './mintmark-domain.ts'
import type { Api, Client, ClientWish } from './test-domain.ts'
import { tokenPath } from './test-domain.ts'

type Json = Readonly<Record<string, unknown>>

/** One request, as the client sends it and as a preview asks for it. */
export interface AskedRequest {
  readonly grantType: string | null
  readonly scope: string | null
  readonly resource: readonly string[]
}

export interface Round {
  readonly client: Client
  readonly wish: ClientWish
  readonly asked: AskedRequest
  readonly reason: string
  readonly preview: Json
}

/** The same numbers for the same seed. */
export const randomOf = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

type Random = () => number

const pick = <T>(random: Random, list: readonly T[]): T =>
  list[Math.floor(random() * list.length)] as T

const some = <T>(random: Random, list: readonly T[], share: number): readonly T[] =>
  list.filter(() => random() < share)

/** Every API that the generated clients may use, with a role each. */
export interface Estate {
  readonly apis: readonly Api[]
  readonly roleIds: readonly string[]
}

export const buildEstate = async (domain: MintmarkDomain): Promise<Estate> => {
  const wishes = [
    {
      audience: 'https://orders.example/',
      scopes: ['read', 'write'],
      tags: [{ key: 'a', value: '1' }],
    },
    { audience: 'https://billing.example/', scopes: ['read', 'pay'] },
    { audience: 'https://bound.example/', scopes: ['use'], certificateBoundTokens: true },
    { audience: 'https://keyed.example/', scopes: ['employ'], dpopBoundTokens: true },
  ]
  const apis: Api[] = []
  for (const wish of wishes) apis.push(await domain.createApi(wish))
  const roleIds = [
    await domain.admin.createRole(apis[0] as Api, 'Writer', ['write']),
    await domain.admin.createRole(apis[1] as Api, 'Payer', ['pay']),
  ]
  return { apis, roleIds }
}

const wishOf = (random: Random, { apis }: Estate): ClientWish => {
  const all = apis.flatMap((api) => api.scopes.map((scope) => api.audience + scope))
  const chance = random()
  const wide = random() < 0.15
  return {
    scopes: [
      ...some(random, all, chance < 0.2 ? 0 : chance < 0.5 ? 0.9 : 0.4),
      ...(random() < 0.2 ? ['urn:opc:resource:consumer::all'] : []),
    ],
    ...(wide && { trustScope: 'Account' as const }),
    ...(random() < 0.05 && { grants: ['authorization_code'] }),
    ...(random() < 0.06 && { active: false }),
    ...(random() < 0.06 && { methods: ['private_key_jwt' as const] }),
    ...(random() < 0.2 && { defaultApi: pick(random, apis).id }),
  }
}

const scopeTexts = [
  'read',
  'write',
  'pay',
  'use',
  'raed',
  'https://orders.example/read',
  'https://orders.example/write',
  'https://billing.example/pay',
  'https://bound.example/use',
  'https://keyed.example/employ',
  'urn:opc:idm:__myscopes__',
  'urn:opc:resource:consumer::all',
  'urn:opc:resource:multiresourcescope',
  'urn:opc:resource:expiry=60',
  'urn:opc:resource:expiry=never',
  'a"b',
]

/** Requests that chance would seldom make. */
const pointed: readonly AskedRequest[] = [
  ['https://orders.example/read https://billing.example/pay', []],
  ['https://orders.example/write https://billing.example/read', []],
  ['https://bound.example/use', []],
  ['https://keyed.example/employ', []],
  ['read', ['https://orders.example/']],
].map(([scope, resource]) => ({
  grantType: 'client_credentials',
  scope: scope as string,
  resource: resource as string[],
}))

export const requestOf = (random: Random): AskedRequest => {
  if (random() < 0.15) return pick(random, pointed)
  const scopes = Array.from({ length: 1 + Math.floor(random() * 3) }, () =>
    pick(random, scopeTexts),
  )
  const resources = [
    'https://orders.example/',
    'https://billing.example/',
    'https://bound.example/',
    'https://keyed.example/',
    'https://nowhere.example/',
    'no uri',
  ]
  const places = Array.from({ length: random() < 0.8 ? 1 : 2 }, () => pick(random, resources))
  return {
    grantType: random() < 0.9 ? 'client_credentials' : pick(random, [null, 'password']),
    scope: random() < 0.25 ? null : scopes.join(' '),
    resource: random() < 0.6 ? [] : places,
  }
}

/** What the server really answers. */
export const askLive = (domain: MintmarkDomain, client: Client, asked: AskedRequest) =>
  send({
    url: domain.url + tokenPath,
    headers: formHeaders({ authorization: basic(client.clientId, client.secret) }),
    body: form([
      ...(asked.grantType === null ? [] : ([['grant_type', asked.grantType]] as const)),
      ...(asked.scope === null ? [] : ([['scope', asked.scope]] as const)),
      ...asked.resource.map((each) => ['resource', each] as const),
    ]),
  })

/** What `/api/v1` says, as an administrator. */
export const askHappening = (
  domain: MintmarkDomain,
  method: string,
  path: string,
  body?: Json,
  token: string | null = domain.admin.token,
) =>
  send({
    url: `${domain.url}/api/v1${path}`,
    method,
    headers: {
      'content-type': 'application/json',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })

/** A member of an answer that is an object; empty where it is none. */
export const memberOf = (answer: Answer, name: string): Json => (answer.json?.[name] ?? {}) as Json

/** Preview, live answer and record of one pair; throws where they differ. */
export const compare = async (
  domain: MintmarkDomain,
  client: Client,
  asked: AskedRequest,
): Promise<{ readonly reason: string; readonly preview: Json }> => {
  const method = 'client_secret_basic'
  const { grantType, scope, resource } = asked
  const body = { client: client.clientId, method, grantType, scope, resource }
  const previewed = await askHappening(domain, 'POST', '/preview', body)
  equal(previewed.status, 200, previewed.text)
  const preview = previewed.json as Json
  const live = await askLive(domain, client, asked)
  const about = `${JSON.stringify(asked)}\n${previewed.text}\n${live.text}`
  equal(preview['verdict'], live.status === 200 ? 'issued' : 'refused', about)
  const error = preview['error'] as Json | null
  equal(error?.['error'], live.json?.['error'], about)
  equal(error?.['error_description'], live.json?.['error_description'], about)
  if (live.status === 200) ok(Array.isArray(preview['tokens']) && preview['tokens'].length > 0)
  const ecid = String(live.headers['x-request-id'])
  if (live.status !== 401) {
    const told = await askHappening(domain, 'GET', `/decisions/${ecid}`)
    equal(told.status, 200, told.text)
    const recorded = memberOf(told, 'recorded')
    equal(recorded['reason'], preview['reason'], told.text)
    equal(told.json?.['changedSince'], false, told.text)
    equal(memberOf(told, 'now')['verdict'], preview['verdict'], told.text)
  }
  return { reason: String(preview['reason'] ?? 'issued'), preview }
}

/** Puts so many pairs to a server, several requests a client. */
export const explainRounds = async (
  domain: MintmarkDomain,
  { pairs, pairsPerClient, seed }: { pairs: number; pairsPerClient: number; seed: number },
): Promise<readonly Round[]> => {
  const random = randomOf(seed)
  const estate = await buildEstate(domain)
  const rounds: Round[] = []
  while (rounds.length < pairs) {
    const wish = wishOf(random, estate)
    const client = await domain.createClient(wish)
    for (const [at, roleId] of estate.roleIds.entries()) {
      const api = estate.apis[at] as Api
      if (random() < 0.25) await domain.admin.grantRole(api.id, roleId, client)
    }
    for (let each = 0; each < pairsPerClient && rounds.length < pairs; each += 1) {
      const asked = requestOf(random)
      rounds.push({ client, wish, asked, ...(await compare(domain, client, asked)) })
    }
  }
  return rounds
}
