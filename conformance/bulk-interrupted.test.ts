import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { appSchema } from './kit/administration.ts'
import { type Answer, send } from './kit/http.ts'
import { type MintmarkDomain, startMintmark } from './kit/mintmark-domain.ts'

let domain: MintmarkDomain = await startMintmark()
after(() => domain.stop())

const count = 200

const bulkOf = (kind: string) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
  Operations: Array.from({ length: count }, (_, at) => ({
    method: 'POST',
    path: '/Apps',
    bulkId: String(at),
    data: {
      schemas: [appSchema],
      displayName: `${kind} ${String(at).padStart(3, '0')}`,
      basedOnTemplate: { value: 'CustomWebAppTemplateId' },
      isOAuthClient: true,
      clientType: 'confidential',
      allowedGrants: ['client_credentials'],
    },
  })),
})

const sendBulk = (kind: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
  send({
    url: `${domain.url}/admin/v1/Bulk`,
    method: 'POST',
    headers: {
      authorization: `Bearer ${domain.admin.token}`,
      'content-type': 'application/scim+json',
      ...headers,
    },
    body: JSON.stringify(bulkOf(kind)),
  })

interface Listed {
  readonly totalResults: number
  readonly Resources?: readonly { readonly displayName: string }[]
}

const listed = async (kind: string, many = 0): Promise<Listed> => {
  const query = new URLSearchParams({
    filter: `displayName sw "${kind}"`,
    sortBy: 'displayName',
    count: String(many),
  })
  return (await domain.admin.call('GET', `/Apps?${query}`)) as unknown as Listed
}

const statusesOf = ({ json }: Answer): readonly string[] =>
  ((json?.['Operations'] ?? []) as readonly { status: string }[]).map(({ status }) => status)

/** Kills the server when `until` fulfils, whether the Bulk has been answered or not. */
const killAmid = async (bulk: Promise<Answer>, until: Promise<unknown>): Promise<void> => {
  const ended = bulk.catch(() => null)
  await until
  domain = await domain.restart({ signal: 'SIGKILL' })
  await ended
}

const untilSeen = async (kind: string): Promise<void> => {
  const givenUpMs = performance.now() + 10_000
  while (performance.now() < givenUpMs && (await listed(kind)).totalResults === 0) await sleep(1)
}

test('a process that dies amid a Bulk has done its first operations, each whole', async () => {
  // where we are given no time to kill between the first operation and the last, once more
  for (const kind of ['Slice', 'Cut', 'Part', 'Torn', 'Half']) {
    await killAmid(sendBulk(kind), untilSeen(kind))
    const { totalResults: stored, Resources = [] } = await listed(kind, count)
    const names = bulkOf(kind).Operations.map(({ data }) => data.displayName)
    assert.deepEqual(
      Resources.map(({ displayName }) => displayName),
      names.slice(0, stored),
    )
    const again = await sendBulk(kind)
    assert.deepEqual(
      statusesOf(again),
      names.map((_, at) => (at < stored ? '409' : '201')),
    )
    assert.equal((await listed(kind)).totalResults, count)
    if (stored > 0 && stored < count) return
  }
  assert.fail('it never died amid')
})

test('with opc-retry-token it has done all or nothing, and does nothing twice', async () => {
  const token = { 'opc-retry-token': 'interrupted' }
  await killAmid(sendBulk('Whole', token), sleep(60))
  const stored = (await listed('Whole')).totalResults
  assert.ok(stored === 0 || stored === count, `${stored} of ${count} were stored`)
  const again = await sendBulk('Whole', token)
  assert.deepEqual([...new Set(statusesOf(again))], ['201'])
  const [once, twice] = await Promise.all([sendBulk('Whole', token), sendBulk('Whole', token)])
  assert.equal(once.text, again.text)
  assert.equal(twice.text, again.text)
  assert.equal((await listed('Whole')).totalResults, count)
})
