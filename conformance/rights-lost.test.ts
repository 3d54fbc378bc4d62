/** Whoever has lost its rights does nothing more with them, however long ago it began. */
import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { appExtension, appSchema } from './kit/administration.ts'
import { askToken } from './kit/ask.ts'
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

/** Somebody who administers, its token, and how that ends. */
const administratorOf = async (roleName: string) => {
  const client = await domain.createClient({})
  await domain.admin.grantRole('IDCSAppId', await roleOf(roleName), client)
  const answer = await askToken(domain, client, { scope: 'urn:opc:idm:__myscopes__' })
  const token = String(answer.json?.['access_token'])
  const takeRole = async (): Promise<void> => {
    const filter = encodeURIComponent(`grantee.value eq "${client.id}"`)
    const found = await domain.admin.call('GET', `/Grants?filter=${filter}`)
    const [grant] = found['Resources'] as readonly { id: string }[]
    equal((await domain.admin.ask('DELETE', `/Grants/${grant?.id}`)).status, 204)
  }
  return { client, token, takeRole }
}

/** As slow as a request can be: each of its secrets is digested before anything is stored. */
const slowBulk = (token: string, name: string, more: object = {}): Promise<Answer> =>
  send({
    url: `${domain.url}/admin/v1/Bulk`,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
    body: JSON.stringify({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      ...more,
      Operations: Array.from({ length: 20 }, (_, at) => ({
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

const switchOff = (client: Client) => domain.setActive(client, false)

for (const [how, what, more] of [
  ['each by itself', 'its role', {}],
  ['all or nothing', 'its being active', { [extension]: { atomic: true } }],
] as const) {
  test(`a Bulk (${how}) that waits when its sender loses ${what} does nothing`, async () => {
    const { client, token, takeRole } = await administratorOf('Identity Domain Administrator')
    const name = `late ${how}`
    const asked = slowBulk(token, name, more)
    await sleep(50)
    await (what === 'its role' ? takeRole() : switchOff(client))
    let isAnswered = false
    void asked.then(() => {
      isAnswered = true
    })
    await sleep(0)
    ok(!isAnswered, 'it was answered before')
    const answer = await asked
    equal(answer.status, 401, answer.text.slice(0, 300))
    deepEqual(await countOf(name), 0)
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
