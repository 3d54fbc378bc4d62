/** Signing keys are seen and changed by administrators; an emergency ends what a key has signed. */
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { introspect } from './kit/afterlife.ts'
import { askHappening } from './kit/explain-rounds.ts'
import { makeFollowedApi, serveFollowed, tokenFor } from './kit/followed-api.ts'
import { type Answer, send } from './kit/http.ts'
import { decode } from './kit/jwt.ts'
import { type MintmarkDomain, noDataFile } from './kit/mintmark-domain.ts'
import { startOurs } from './kit/start-domain.ts'

interface Key {
  readonly kid: string
  readonly algorithm: string
  readonly state: string
  readonly ageSeconds: number
  readonly next: { readonly step: string; readonly at: string }
}

const using = async (
  work: (domain: MintmarkDomain) => Promise<MintmarkDomain>,
  environment: Readonly<Record<string, string>> = {},
): Promise<void> => {
  const first = await startOurs({ environment })
  let last = first
  try {
    last = await work(first)
  } finally {
    await last.stop()
  }
}

const keysOf = async (domain: MintmarkDomain): Promise<readonly Key[]> => {
  const answer = await askHappening(domain, 'GET', '/keys')
  equal(answer.status, 200, answer.text)
  return answer.json?.['keys'] as readonly Key[]
}

const textsOf = ({ json }: Answer, name: string) => (json?.[name] ?? []) as readonly string[]
const eventsOf = ({ json }: Answer) =>
  (json?.['events'] ?? []) as readonly { readonly action: string; readonly object: string }[]

const statesOf = (keys: readonly Key[]): readonly string[] =>
  keys.map(({ algorithm, state }) => `${algorithm} ${state}`).toSorted()

const rotate = (domain: MintmarkDomain, body?: Readonly<Record<string, unknown>>) =>
  askHappening(domain, 'POST', '/keys/rotate', body)

const publishedKids = async (domain: MintmarkDomain): Promise<readonly string[]> => {
  const { json } = await send({ url: `${domain.url}/.well-known/jwks.json`, method: 'GET' })
  return ((json?.['keys'] ?? []) as { kid: string }[]).map(({ kid }) => kid)
}

test('every key is told with its age and what comes next, and nothing of what is private', () =>
  using(async (domain) => {
    const answer = await askHappening(domain, 'GET', '/keys')
    const keys = answer.json?.['keys'] as readonly Key[]
    deepEqual(statesOf(keys), ['ES256 active', 'RS256 active'])
    for (const { ageSeconds, next } of keys) {
      ok(ageSeconds >= 0 && ageSeconds < 60)
      equal(next.step, 'replace')
      match(next.at, /^\d{4}-\d\d-\d\dT/)
    }
    ok(!/sealed|PRIVATE|"d"/.test(answer.text))
    equal((await askHappening(domain, 'GET', '/keys', undefined, null)).status, 401)
    return domain
  }))

test('a successor is published at once, signs later, and survives kill -9', () =>
  using(async (first) => {
    const answer = await rotate(first, { algorithm: 'ES256' })
    equal(answer.status, 200, answer.text)
    const [made] = textsOf(answer, 'made')
    deepEqual(statesOf(await keysOf(first)), ['ES256 active', 'ES256 published', 'RS256 active'])
    ok((await publishedKids(first)).includes(String(made)))
    const again = await rotate(first, { algorithm: 'ES256' })
    deepEqual(again.json?.['made'], [], 'it is under way already')
    const before = await keysOf(first)
    const domain = await first.restart({ signal: 'SIGKILL' })
    const published = (await keysOf(domain)).find(({ kid }) => kid === made)
    equal(published?.state, 'published')
    deepEqual(published?.next, before.find(({ kid }) => kid === made)?.next)
    const both = await rotate(domain)
    equal(textsOf(both, 'made').length, 1, 'of the other algorithm')
    return domain
  }))

const until = async (what: string, isTrue: () => Promise<boolean>): Promise<void> => {
  const end = Date.now() + 10_000
  while (!(await isTrue())) ok(Date.now() < end, what)
}

const endEverything = async (first: MintmarkDomain): Promise<MintmarkDomain> => {
  const api = await makeFollowedApi(first)
  const guarded = await serveFollowed(first, api, { keyCooldownSeconds: 0 })
  try {
    await guarded.core.ready()
    const old = await tokenFor(first, api)
    const oldKid = String(decode(old).header['kid'])
    equal((await guarded.ask(old)).status, 200)
    equal((await introspect(first, api.client, old)).json?.['active'], true)
    const answer = await rotate(first, { algorithm: 'ES256', emergency: true })
    equal(answer.status, 200, answer.text)
    deepEqual(answer.json?.['withdrawn'], [oldKid])
    equal((await introspect(first, api.client, old)).json?.['active'], false)
    ok(!(await publishedKids(first)).includes(oldKid))
    const fresh = await tokenFor(first, api)
    equal(String(decode(fresh).header['kid']), textsOf(answer, 'made')[0])
    equal((await introspect(first, api.client, fresh)).json?.['active'], true)
    await until(
      'the guard refuses the old one',
      async () => (await guarded.ask(old)).status === 401,
    )
    await until('and takes the new one', async () => (await guarded.ask(fresh)).status === 200)
    equal(guarded.core.status().revocations?.state, 'following')

    const domain = await first.restart({ signal: 'SIGKILL' })
    equal((await introspect(domain, api.client, old)).json?.['active'], false)
    ok(!(await publishedKids(domain)).includes(oldKid))
    const page = await askHappening(domain, 'GET', '/revocations/snapshot')
    const { entries } = decode(String(page.json?.['revocations'])).claims as {
      entries: readonly { kind: string; kid?: string }[]
    }
    ok(entries.some(({ kind, kid }) => kind === 'key' && kid === oldKid))
    const events = await askHappening(domain, 'GET', '/audit?action=signing-key.*')
    const [event] = eventsOf(events)
    deepEqual([event?.action, event?.object], ['signing-key.withdraw', oldKid])
    return domain
  } finally {
    await guarded.stop()
  }
}

for (const workers of ['', '2']) {
  const how = workers === '' ? 'in one process' : 'by workers'
  test(`an emergency ${how}: the old key is out, what it signed is dead, at guards too`, () =>
    using(endEverything, { MINTMARK_WORKERS: workers }))
}

test('the very token that asks for the emergency is dead after it, where its key signed it', () =>
  using(async (domain) => {
    const kid = String(decode(domain.admin.token).header['kid'])
    equal((await rotate(domain, { kid, emergency: true })).status, 200)
    equal((await askHappening(domain, 'GET', '/keys')).status, 401)
    return domain
  }))

test('what cannot be read is refused, and nothing changes', () =>
  using(async (domain) => {
    const before = await keysOf(domain)
    const rows: readonly [Readonly<Record<string, unknown>>, string][] = [
      [{ algorithm: 'HS256' }, 'MEMBER_INVALID'],
      [{ emergency: 'yes' }, 'MEMBER_INVALID'],
      [{ emergency: true }, 'MEMBER_INVALID'],
      [{ kid: before[0]?.kid }, 'MEMBER_INVALID'],
      [{ kid: 'x', algorithm: 'ES256', emergency: true }, 'MEMBER_INVALID'],
      [{ now: true }, 'MEMBER_UNKNOWN'],
      [{ kid: 'none', emergency: true }, 'SIGNING_KEY_UNKNOWN'],
    ]
    for (const [body, reason] of rows) {
      equal((await rotate(domain, body)).json?.['reason'], reason, JSON.stringify(body))
    }
    deepEqual(statesOf(await keysOf(domain)), statesOf(before))
    return domain
  }))

/** As if keys had been rotated for years: every one of them in the set. */
const addRetired = (file: string, count: number): void => {
  const database = new DatabaseSync(file)
  const copied = `INSERT INTO signing_key (domain_id, kid, state, record)
    SELECT domain_id, ? || kid, 'retired', json_set(record, '$.kid', ? || kid, '$.state', 'retired')
    FROM signing_key WHERE state = 'active'`
  database.exec('BEGIN')
  for (let at = 0; at < count / 2; at += 1) database.prepare(copied).run(`${at}-`, `${at}-`)
  database.exec('COMMIT')
  database.close()
}

test(
  'a set of 400 keys gets no other one, is read by guards, and an emergency is possible',
  {
    skip: noDataFile,
  },
  () =>
    using(async (first) => {
      await first.process().stop()
      addRetired(join(first.dataDirectory, 'mintmark.db'), 398)
      const domain = await first.restart()
      equal((await keysOf(domain)).length, 400)
      const api = await makeFollowedApi(domain)
      const guarded = await serveFollowed(domain, api)
      await guarded.core.ready()
      equal((await guarded.ask(await tokenFor(domain, api))).status, 200)
      await guarded.stop()
      const refused = await rotate(domain)
      equal(refused.status, 409, refused.text)
      equal(refused.json?.['reason'], 'SIGNING_KEYS_FULL')
      equal((await rotate(domain, { algorithm: 'ES256', emergency: true })).status, 200)
      return domain
    }),
)
