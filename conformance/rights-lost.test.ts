/** Whoever has lost its rights does nothing more with them, however long ago it began. */
import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { appExtension, appSchema } from './kit/administration.ts'
import { askToken } from './kit/ask.ts'
import { askHappening } from './kit/explain-rounds.ts'
import { type Answer, send } from './kit/http.ts'
import { useMintmark } from './kit/start-domain.ts'
import type { Client } from './kit/test-domain.ts'

const domain = await useMintmark()
const extension = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:Bulk'

const roleOf = async (name: string): Promise<string> => {
  const filter = encodeURIComponent(`displayName eq "${name}" and app.value eq "IDCSAppId"`)
  const found = await domain.admin.call('GET', `/AppRoles?filter=${filter}`)
  return (found['Resources'] as readonly { id: string }[])[0]?.id ?? ''
}

/** Somebody who administers, its token, and how that ends. @returns the answer that it has ended */
const administratorOf = async (roleName: string) => {
  const client = await domain.createClient({})
  await domain.admin.grantRole('IDCSAppId', await roleOf(roleName), client)
  const answer = await askToken(domain, client, { scope: 'urn:opc:idm:__myscopes__' })
  const token = String(answer.json?.['access_token'])
  const filter = encodeURIComponent(`grantee.value eq "${client.id}"`)
  const found = await domain.admin.call('GET', `/Grants?filter=${filter}`)
  const [grant] = found['Resources'] as readonly { id: string }[]
  const takeRole = async (): Promise<Answer> => {
    const taken = await domain.admin.ask('DELETE', `/Grants/${grant?.id}`)
    equal(taken.status, 204, taken.text)
    return taken
  }
  const switchOff = async (): Promise<Answer> => {
    const schemas = ['urn:ietf:params:scim:schemas:oracle:idcs:AppStatusChanger']
    const path = `/AppStatusChanger/${client.id}`
    const off = await domain.admin.ask('PUT', path, { schemas, active: false })
    equal(off.status, 200, off.text)
    return off
  }
  return { client, token, takeRole, switchOff }
}

/** As slow as a request can be: each of its secrets is digested before anything is stored. */
const slowBulk = (
  token: string,
  name: string,
  secrets: number,
  more: object = {},
): Promise<Answer> =>
  send({
    url: `${domain.url}/admin/v1/Bulk`,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
    body: JSON.stringify({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      ...more,
      Operations: Array.from({ length: secrets }, (_, at) => ({
        method: 'POST',
        path: '/Apps',
        bulkId: `${at}`,
        data: {
          schemas: [appSchema, appExtension],
          displayName: `${name} ${at}`,
          basedOnTemplate: { value: 'CustomWebAppTemplateId' },
          isOAuthClient: true,
          clientType: 'confidential',
          [appExtension]: { secret: `a chosen secret ${at}` },
        },
      })),
    }),
  })

const countOf = async (name: string): Promise<unknown> => {
  const filter = encodeURIComponent(`displayName sw "${name}"`)
  return (await domain.admin.call('GET', `/Apps?filter=${filter}`))['totalResults']
}

interface Recorded {
  readonly chain: { readonly sequence: number; readonly line: number }
}

const recordOf = async (filter: string): Promise<readonly Recorded[]> => {
  const answer = await askHappening(domain, 'GET', `/audit?limit=1000&${filter}`)
  equal(answer.status, 200, answer.text)
  return answer.json?.['events'] as readonly Recorded[]
}

/** What somebody has created, by the record: before it lost its rights, and after. */
const createdBy = async ({ clientId }: Client, lost: Answer) => {
  const [loss] = await recordOf(`ecid=${lost.headers['x-request-id']}`)
  ok(loss !== undefined, 'the loss is on record')
  const created = await recordOf(`actor=${clientId}&action=application.*`)
  const isAfter = ({ chain: { sequence, line } }: Recorded): boolean =>
    sequence > loss.chain.sequence || (sequence === loss.chain.sequence && line > loss.chain.line)
  return { before: created.filter((each) => !isAfter(each)), after: created.filter(isAfter) }
}

for (const [how, what, more] of [
  ['each by itself', 'its role', {}],
  ['all or nothing', 'its being active', { [extension]: { atomic: true } }],
] as const) {
  test(`a Bulk (${how}) that waits when its sender loses ${what} does nothing`, async () => {
    // on a busy machine few secrets may be done before the loss is stored: then with more
    const tries = [20, 30, 40]
    for (const secrets of tries) {
      const { client, token, ...lose } = await administratorOf('Identity Domain Administrator')
      const name = `late ${how} ${secrets}`
      const asked = slowBulk(token, name, secrets, more)
      await sleep(50)
      const lost = await (what === 'its role' ? lose.takeRole() : lose.switchOff())
      const answer = await asked
      const { before, after } = await createdBy(client, lost)
      deepEqual(after, [])
      if (before.length > 0 && secrets !== tries.at(-1)) continue
      equal(answer.status, 401, answer.text.slice(0, 300))
      deepEqual(await countOf(name), 0)
      return
    }
  })
}

/** Some megabytes on record: more than a connection takes at once. */
const fillRecord = async (): Promise<void> => {
  const tag = (at: number) => ({ key: `key ${at}`, value: 'x'.repeat(240) })
  for (let round = 0; round < 12; round += 1) {
    await domain.admin.call('POST', '/Bulk', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      [extension]: { atomic: true },
      Operations: Array.from({ length: 60 }, (_, at) => ({
        method: 'POST',
        path: '/Apps',
        bulkId: `${at}`,
        data: {
          schemas: [appSchema],
          displayName: `large ${round} ${at}`,
          basedOnTemplate: { value: 'CustomWebAppTemplateId' },
          tags: Array.from({ length: 50 }, (_, number) => tag(number)),
        },
      })),
    })
  }
}

test('an export of the audit that is read slowly ends when its reader loses its role', async () => {
  await fillRecord()
  const { token, takeRole } = await administratorOf('Audit Administrator')
  const answer = await fetch(`${domain.url}/api/v1/audit/export`, {
    headers: { authorization: `Bearer ${token}` },
  })
  equal(answer.status, 200)
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
  await reader.read()
  await takeRole()
  await sleep(1100)
  await domain.createClient({ clientId: 'made-after-all-that' })
  let text = ''
  let isCut = false
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      text += Buffer.from(read.value).toString('latin1')
    }
  } catch {
    isCut = true
  }
  ok(text.length > 1_000_000, `it was too little to tell: ${text.length}`)
  ok(!text.includes('made-after-all-that'), 'it told of what came after')
  ok(isCut, 'it looks whole')
})
