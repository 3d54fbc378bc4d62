/**
 * Each thing that ends tokens before their time, from the change that causes it: a guard that
 * follows the feed refuses, introspection calls them inactive, tokens of after it live, and all of
 * that holds when the server starts again.
 */
import assert from 'node:assert/strict'
import { after, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { introspect, issue, revoke } from './kit/afterlife.ts'
import { assertOk } from './kit/answers.ts'
import { askWithAssertion, basicOf, post } from './kit/ask.ts'
import { makeCertificate, nameOf } from './kit/certificate.ts'
import {
  type FollowedApi,
  makeFollowedApi,
  type RunningApi,
  serveFollowed,
} from './kit/followed-api.ts'
import { makeAssertion, makePair, type SigningPair } from './kit/jwt.ts'
import type { MintmarkDomain } from './kit/mintmark-domain.ts'
import { startOurs } from './kit/start-domain.ts'
import { type Api, type Client, revocationPath } from './kit/test-domain.ts'

const issuer = 'https://issuer.example'
const scimCore = 'urn:ietf:params:scim:schemas:oracle:idcs:'
const own = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:App'
const patchOp = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

let domain = await startOurs({ environment: { MINTMARK_ISSUER: issuer } })
const running: RunningApi[] = []
after(async () => {
  await Promise.all(running.map((each) => each.stop()))
  await domain.stop()
})

type Json = Readonly<Record<string, unknown>>

const patch = (id: string, operations: readonly Json[], query = '') =>
  domain.admin.call('PATCH', `/Apps/${id}${query}`, { schemas: [patchOp], Operations: operations })

/** Follows and introspects for all, so that no API's own end keeps it from hearing of it. */
const makeWatcher = async (): Promise<Client> => {
  const filter = encodeURIComponent('displayName eq "Authenticator Client"')
  const found = await domain.admin.call('GET', `/AppRoles?filter=${filter}`)
  const [role] = found['Resources'] as { id: string; app: { value: string } }[]
  const client = await domain.createClient({ trustScope: 'Account', operations: ['introspect'] })
  assert.ok(role)
  await domain.admin.grantRole(role.app.value, role.id, client)
  return client
}
const watcher = await makeWatcher()

const serve = async (of: MintmarkDomain, api: FollowedApi): Promise<RunningApi> => {
  const made = await serveFollowed(
    of,
    { ...api, client: watcher },
    {
      feed: of.url,
      jwksUri: `${of.url}/.well-known/jwks.json`,
      revocations: { tokenEndpoint: `${of.url}/oauth2/v1/token` },
    },
  )
  running.push(made)
  await made.core.ready()
  return made
}

/** What ends tokens, whose; `again`: one of after it, which lives. */
interface Ending {
  readonly dead: readonly string[]
  readonly alive: readonly string[]
  readonly end: () => Promise<unknown>
  readonly again?: () => Promise<string>
}

type Prepare = (api: FollowedApi) => Promise<Ending>

const read = ({ audience }: FollowedApi) => ({ scope: `${audience}read` })
const other = (api: FollowedApi) => domain.createClient({ scopes: [`${api.audience}read`] })
const of = (client: Client, api: FollowedApi) => issue(domain, client, read(api))

const apiId = async ({ audience }: FollowedApi): Promise<string> => {
  const filter = encodeURIComponent(`audience eq "${audience}"`)
  const found = await domain.admin.call('GET', `/Apps?filter=${filter}`)
  return String((found['Resources'] as readonly Json[])[0]?.['id'])
}

const byKey = async (client: Client, api: FollowedApi, pair: SigningPair) =>
  assertOk(
    await askWithAssertion(domain, makeAssertion(client, domain.issuer, pair, {}), read(api)),
  )

const scopeOf = ({ audience }: FollowedApi) => `allowedScopes[fqs eq "${audience}read"]`

/** Two keys of a client, one of which goes; and a secret that has nothing to do with them. */
const endKey = async (api: FollowedApi, query: string) => {
  const pairs = [makePair('ES256'), makePair('ES256')] as const
  const wish = { keys: pairs.map(({ publicJwk }) => publicJwk), scopes: [`${api.audience}read`] }
  const client = await domain.createClient(wish)
  const gone = await byKey(client, api, pairs[0])
  const others = [await byKey(client, api, pairs[1]), await of(client, api)]
  const value = { keys: [pairs[1].publicJwk] }
  const end = () => patch(client.id, [{ op: 'replace', path: `${own}:jwks`, value }], query)
  return { gone, others, end, again: () => byKey(client, api, pairs[1]) }
}

const kinds: Readonly<Record<string, Prepare>> = {
  'one token': async (api) => {
    const [gone, kept] = [await of(api.caller, api), await of(api.caller, api)]
    return { dead: [gone], alive: [kept], end: () => revoke(domain, api.caller, gone) }
  },
  'everything of a client, issued before': async (api) => ({
    dead: [await of(api.caller, api), await of(api.caller, api)],
    alive: [await of(await other(api), api)],
    end: () => post(domain, revocationPath, { all_tokens: 'true' }, basicOf(api.caller)),
    again: () => of(api.caller, api),
  }),
  'what a secret obtained': async (api) => {
    const path = '/AppClientSecretRegenerator'
    const extension = `${own}ClientSecretRegenerator`
    const made = await domain.admin.call('POST', path, {
      schemas: [`${scimCore}AppClientSecretRegenerator`, extension],
      appId: api.caller.id,
      [extension]: { keepOthers: true },
    })
    const { secretId } = made[extension] as { readonly secretId: string }
    const second = { ...api.caller, secret: String(made['clientSecret']) }
    return {
      dead: [await of(second, api)],
      alive: [await of(api.caller, api)],
      end: () => domain.admin.call('DELETE', `${path}/${secretId}?revokeTokens=true`),
      again: () => of(api.caller, api),
    }
  },
  'what a key obtained': async (api) => {
    const { gone, others, end, again } = await endKey(api, '?revokeTokens=true')
    return { dead: [gone], alive: others, end, again }
  },
  'nothing, when a key is only rotated': async (api) => {
    const { gone, others, end, again } = await endKey(api, '')
    return { dead: [], alive: [gone, ...others], end, again }
  },
  'what a certificate obtained': async (api) => {
    const { privateKey, alg } = makePair('RS256')
    const kid = `signer-${api.caller.clientId}`
    const { der } = makeCertificate({ subject: nameOf(['CN', kid]), privateKey })
    await domain.admin.uploadCertificate(kid, der)
    const wish = { certificates: [kid], scopes: [`${api.audience}read`] }
    const client = await domain.createClient(wish)
    const path = `certificates[certAlias eq "${kid}"]`
    return {
      dead: [await byKey(client, api, { privateKey, alg, kid, publicJwk: {} })],
      alive: [await of(client, api)],
      end: () => patch(client.id, [{ op: 'remove', path }], '?revokeTokens=true'),
      again: () => of(client, api),
    }
  },
  'a client that is deactivated': async (api) => ({
    dead: [await of(api.caller, api)],
    alive: [await of(await other(api), api)],
    end: async () => {
      await domain.setActive(api.caller, false)
      await domain.setActive(api.caller, true)
    },
    again: () => of(api.caller, api),
  }),
  'an API that is deactivated': async (api) => ({
    dead: [await of(api.caller, api), await of(await other(api), api)],
    alive: [],
    end: async () => {
      const id = await apiId(api)
      await domain.admin.setActive(id, false)
      await domain.admin.setActive(id, true)
    },
    again: () => of(api.caller, api),
  }),
  'an API that is deleted': async (api) => ({
    dead: [await of(api.caller, api)],
    alive: [],
    end: async () => {
      await patch(api.caller.id, [{ op: 'remove', path: scopeOf(api) }])
      const id = await apiId(api)
      await domain.admin.setActive(id, false)
      await domain.admin.call('DELETE', `/Apps/${id}`)
    },
  }),
  'a scope that is taken from a client': async (api) => {
    const elsewhere = await makeFollowedApi(domain)
    const scopes = [`${api.audience}read`, `${elsewhere.audience}read`]
    const client = await domain.createClient({ scopes })
    return {
      dead: [await of(client, api)],
      alive: [await of(api.caller, api)],
      end: () => patch(client.id, [{ op: 'remove', path: scopeOf(api) }]),
    }
  },
  'a role that is taken from a client': async (api) => {
    const id = await apiId(api)
    const roleId = await domain.admin.createRole({ id } as Api, 'Reader', ['read'])
    const client = await domain.createClient({})
    await domain.admin.grantRole(id, roleId, client)
    const filter = encodeURIComponent(`grantee.value eq "${client.id}"`)
    return {
      dead: [await of(client, api)],
      alive: [await of(api.caller, api)],
      end: async () => {
        const found = await domain.admin.call('GET', `/Grants?filter=${filter}`)
        const [grant] = found['Resources'] as readonly Json[]
        await domain.admin.call('DELETE', `/Grants/${String(grant?.['id'])}`)
      },
    }
  },
  'a client that leaves a group with a role': async (api) => {
    const id = await apiId(api)
    const role = await domain.admin.call('POST', '/AppRoles', {
      schemas: [`${scimCore}AppRole`],
      displayName: 'Member',
      app: { value: id },
      availableToGroups: true,
      [`${own}Role`]: { scopes: ['read'] },
    })
    const client = await domain.createClient({})
    const group = await domain.admin.call('POST', '/Groups', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
      displayName: `readers of ${api.audience}`,
      members: [{ value: client.id, type: 'App' }],
    })
    await domain.admin.call('POST', '/Grants', {
      schemas: [`${scimCore}Grant`],
      app: { value: id },
      entitlement: { attributeName: 'appRoles', attributeValue: role['id'] },
      grantMechanism: 'ADMINISTRATOR_TO_GROUP',
      grantee: { value: group['id'], type: 'Group' },
    })
    return {
      dead: [await of(client, api)],
      alive: [await of(api.caller, api)],
      end: () => domain.admin.call('DELETE', `/Groups/${String(group['id'])}`),
    }
  },
}

const until = async (guarded: RunningApi, token: string): Promise<void> => {
  const endMs = Date.now() + 5000
  for (;;) {
    const { reason } = await guarded.ask(token)
    if (reason === 'TOKEN_REVOKED') return
    assert.ok(Date.now() < endMs, `${reason}: ${guarded.troubles}`)
    await sleep(5)
  }
}

const isActive = async (token: string) =>
  (await introspect(domain, watcher, token)).json?.['active']

/** What ended, with the API that it was about; asked again when the server has started again. */
const ended: (Ending & { readonly what: string; readonly api: FollowedApi })[] = []

for (const [what, prepare] of Object.entries(kinds)) {
  it(`ends ${what}`, async () => {
    const api = await makeFollowedApi(domain)
    const guarded = await serve(domain, api)
    const ending = await prepare(api)
    for (const token of [...ending.dead, ...ending.alive]) {
      assert.deepEqual(await guarded.ask(token), { status: 200, reason: null })
      assert.equal(await isActive(token), true)
    }
    await ending.end()
    for (const token of ending.dead) {
      assert.equal(await isActive(token), false, 'at once')
      await until(guarded, token)
    }
    for (const token of ending.alive) assert.equal((await guarded.ask(token)).status, 200)
    if (ending.again !== undefined) {
      const token = await ending.again()
      assert.equal((await guarded.ask(token)).status, 200)
      assert.equal(await isActive(token), true)
    }
    ended.push({ ...ending, what, api })
  })
}

it('goes on for all of them when the server starts again', async () => {
  assert.equal(ended.length, Object.keys(kinds).length)
  domain = await domain.restart()
  for (const { what, api, dead, alive } of ended) {
    const guarded = await serve(domain, api)
    for (const token of dead) {
      assert.equal((await guarded.ask(token)).reason, 'TOKEN_REVOKED', what)
      assert.equal(await isActive(token), false, what)
    }
    for (const token of alive) {
      assert.equal((await guarded.ask(token)).status, 200, what)
      assert.equal(await isActive(token), true, what)
    }
  }
})
