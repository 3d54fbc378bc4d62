/**
 * One request, one verdict: five kinds of servers and a gateway answer generated requests alike.
 */
import assert from 'node:assert/strict'
import { after, it } from 'node:test'
import { testIssuer } from '@mintmark/guard/testing'
import { startGatewayApi } from './kit/gateway-api.ts'
import { type GuardedApi, serverKinds, startGuardedApi } from './kit/guarded-api.ts'
import { sendRaw } from './kit/raw-socket.ts'

const requestCount = Number(process.env['MINTMARK_GENERATED'] ?? 1000)

const issuer = await testIssuer({ http: true })
const { fetch: _, ...options } = issuer.guardOptions
const kinds = [...serverKinds, 'the gateway']
const apis: readonly GuardedApi[] = await Promise.all([
  ...serverKinds.map((kind) => startGuardedApi(kind, options)),
  startGatewayApi(options),
])
after(async () => {
  for (const api of apis) await api.stop()
  await issuer.close()
})

const reader = issuer.token({ scope: 'orders.read' })
const writer = issuer.token({ scope: 'orders.write' })
const foreign = issuer.token({ scope: 'orders.read', aud: 'https://other.test' })

let state = 7
/** A dice that falls the same way in every run (Park and Miller). */
const dice = (sides: number): number => {
  state = (state * 48_271) % 2_147_483_647
  return state % sides
}
const pick = <T>(from: readonly T[]): T => from[dice(from.length)] as T

const tokens = [
  reader,
  reader,
  reader,
  writer,
  foreign,
  'abc',
  '',
  'a b',
  `${reader}=`,
  `"${reader}"`,
]
const schemes = [
  'Bearer ',
  'bearer ',
  'BEARER  ',
  'Bearer',
  'Bearer\t',
  'Basic ',
  'Token ',
  ' Bearer ',
  '',
]
const names = [
  'Authorization',
  'authorization',
  'AUTHORIZATION',
  'Proxy-Authorization',
  'X-Authorization',
]
const ends = ['', '', '', ' ', ',', ', Basic YTpi', `, Bearer ${writer}`, ';', '\t']

const field = (): string => `${pick(names)}: ${pick(schemes)}${pick(tokens)}${pick(ends)}\r\n`

const heads = (): string => {
  const path = pick(['/orders', '/orders', `/orders?access_token=${reader}`, '/any', '/reports'])
  const count = pick([0, 1, 1, 1, 1, 2])
  const fields = Array.from({ length: count }, field).join('')
  return `GET ${path} HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\n${fields}\r\n`
}

/**
 * Status and error: what a caller acts on. Where fields are joined before the guard sees them, two
 * that are both no bearer tokens look like one of another scheme: 401 as well as 400, never 200.
 */
const verdictOf = (answer: string, head: string): string => {
  const status = /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 'none'
  const error = /^www-authenticate: .*error="(\w+)"/im.exec(answer)?.[1] ?? 'no error'
  const isRepeated = [...head.matchAll(/^authorization:/gim)].length > 1
  if (!isRepeated) return `${status} ${error}`
  return /^40[01]$/.test(status) ? '400 or 401' : `${status} for two fields`
}

it(`${requestCount} requests get one verdict from all`, async () => {
  const seen = new Map<string, number>()
  for (let at = 0; at < requestCount; at += 1) {
    const head = heads()
    const answers = await Promise.all(apis.map(({ url }) => sendRaw(url, head)))
    const verdicts = answers.map((answer) => verdictOf(answer, head))
    const [first = ''] = verdicts
    assert.doesNotMatch(first, /two fields/, head)
    verdicts.forEach((each, index) => {
      assert.equal(each, first, `${kinds[index]} unlike ${kinds[0]}:\n${head}`)
    })
    const status = first.slice(0, 3)
    seen.set(status, (seen.get(status) ?? 0) + 1)
  }
  for (const status of ['200', '400', '401', '403']) {
    assert.ok((seen.get(status) ?? 0) >= 3, `${status}: ${JSON.stringify([...seen])}`)
  }
})
