import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { describe, it } from 'node:test'
import { readEvents, type StreamEvent } from './event-stream.ts'
import { readRevocationMessage } from './revocation-message.ts'
import { readKeySet } from './verifying-key.ts'

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwk = { ...pair.publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'ES256', use: 'sig' }
const keys = readKeySet({ keys: [jwk] } as never, false) ?? []
const issuer = 'https://as.test'
const nowSeconds = 1_800_000_000

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const sealed = (header: object, claims: object, key = pair.privateKey): string => {
  const input = `${encode(header)}.${encode(claims)}`
  const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' })
  return `${input}.${signature.toString('base64url')}`
}

const header = { alg: 'ES256', typ: 'revocation-feed+jwt', kid: 'k1' }
const times = { issued_before_ms: 1, expires_at_ms: 2 }
const entry = { number: 7, previous: 6, kind: 'token', jti: 't', ...times }
const keyEntry = { number: 7, previous: 6, kind: 'key', kid: 'k0', ...times }
const claims = {
  iss: issuer,
  aud: 'urn:mintmark:revocation-feed',
  iat: nowSeconds,
  epoch: 'e',
  after: 'e.6',
  cursor: 'e.7',
  number: 7,
  more: false,
  entries: [entry],
}
const page = { ...claims, after: undefined, snapshot: { after: null, next: 'n' } }

const read = (text: string, isWithdrawn = (_kid: string) => false) =>
  readRevocationMessage(text, { issuer, keys, nowSeconds, skewSeconds: 30, isWithdrawn })
const verdict = (head: object, body: object): string => {
  const message = read(sealed(head, body))
  return message.ok ? 'ok' : message.failure.kind
}
const two = [
  { ...entry, number: 6, previous: 5 },
  { ...entry, number: 8, previous: 7 },
]

const table: readonly [what: string, head: object, body: object, expected: string][] = [
  ['as it must be', header, claims, 'ok'],
  ['without news', header, { ...claims, after: 'e.7', entries: [] }, 'ok'],
  ['a page of everything', header, page, 'ok'],
  ['its media type in full', { ...header, typ: 'application/revocation-feed+jwt' }, claims, 'ok'],
  ['an access token', { ...header, typ: 'at+jwt' }, claims, 'forged'],
  ['without a type', { ...header, typ: undefined }, claims, 'forged'],
  ['unsigned', { ...header, alg: 'none' }, claims, 'forged'],
  ['by a shared secret', { ...header, alg: 'HS256' }, claims, 'forged'],
  ['without a key', { ...header, kid: undefined }, claims, 'forged'],
  ['by a key that is unknown', { ...header, kid: 'k2' }, claims, 'key-unknown'],
  ['of an algorithm that is not its key’s', { ...header, alg: 'RS256' }, claims, 'key-unknown'],
  ['from another issuer', header, { ...claims, iss: 'https://other.test' }, 'forged'],
  ['for another audience', header, { ...claims, aud: 'https://api.test' }, 'forged'],
  ['from too far ahead', header, { ...claims, iat: nowSeconds + 31 }, 'forged'],
  ['from a clock a little ahead', header, { ...claims, iat: nowSeconds + 29.5 }, 'ok'],
  ['from long ago', header, { ...claims, iat: 1 }, 'ok'],
  ['without an instant', header, { ...claims, iat: undefined }, 'forged'],
  ['without a place', header, { ...claims, cursor: '' }, 'forged'],
  ['without a beginning', header, { ...claims, after: null }, 'forged'],
  ['with a gap inside', header, { ...claims, entries: two }, 'forged'],
  ['ending elsewhere', header, { ...claims, number: 8 }, 'forged'],
  ['without entries', header, { ...claims, entries: null }, 'forged'],
  ['with a kind nobody knows', header, { ...claims, entries: [{ ...entry, kind: 'x' }] }, 'forged'],
  ['with a withdrawn key', header, { ...claims, entries: [keyEntry] }, 'ok'],
  ['with a key of no name', header, { ...claims, entries: [{ ...keyEntry, kid: '' }] }, 'forged'],
  ['with half an entry', header, { ...claims, entries: [{ ...entry, jti: 1 }] }, 'forged'],
  ['a page that is none', header, { ...page, snapshot: 'x' }, 'forged'],
  ['a page with a wrong next', header, { ...page, snapshot: { after: null, next: 1 } }, 'forged'],
]

describe('a message of the revocation feed', () => {
  it('is not believed from a key that was withdrawn, though its signature holds', () => {
    const message = read(sealed(header, claims), (kid) => kid === 'k1')
    assert.equal(message.ok ? 'ok' : message.failure.kind, 'forged')
  })

  for (const [what, head, body, expected] of table) {
    it(`${what}: ${expected}`, () => assert.equal(verdict(head, body), expected))
  }

  it('is not believed after a letter of it was changed, or under another key', () => {
    const text = sealed(header, claims)
    const [head = '', , signature = ''] = text.split('.')
    const changed = `${head}.${encode({ ...claims, entries: [], after: 'e.7' })}.${signature}`
    for (const wrong of [changed, text.slice(0, -4), '', 'x', `${text}.x`]) {
      assert.equal(read(wrong).ok, false)
    }
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    assert.equal(read(sealed(header, claims, other)).ok, false)
  })
})

const eventsOf = async (pieces: readonly string[]): Promise<readonly StreamEvent[]> => {
  const body = async function* () {
    for (const piece of pieces) yield Buffer.from(piece, 'latin1')
  }
  const events: StreamEvent[] = []
  for await (const event of readEvents(body())) events.push(event)
  return events
}

describe('reading server-sent events', () => {
  const expected = [
    { event: 'a', data: '1' },
    { event: 'message', data: '2\n3' },
  ]
  const text = ': hello\nretry: 1\nid: x\nevent: a\ndata: 1\n\n\n\ndata:2\ndata: 3\n\ndata: cut off'

  it('gives whole events, however they are cut and whatever ends their lines', async () => {
    for (const end of ['\n', '\r\n', '\r']) {
      const sent = text.replaceAll('\n', end)
      assert.deepEqual(await eventsOf([sent]), expected, JSON.stringify(end))
      assert.deepEqual(await eventsOf([...sent]), expected, `${JSON.stringify(end)}, in pieces`)
    }
  })

  it('refuses an event without an end', async () => {
    await assert.rejects(eventsOf(Array.from({ length: 30 }, () => 'x'.repeat(100_000))), /larger/)
  })
})
