/** Applications through Oracle's SDK: found, made, changed, switched, ended. */
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import sdk, { type models } from 'oci-identitydomains'
import { askToken } from './kit/ask.ts'
import {
  assertRefusedBySdk,
  clientApp,
  patchOf,
  resourceApp,
  useOracleSdk,
} from './kit/oracle-sdk.ts'
import { useMintmark } from './kit/start-domain.ts'

const domain = await useMintmark()
const { client, bearer, createApp } = useOracleSdk(domain)
const { SortOrder, AttributeSets } = sdk.models
const audience = 'https://sdk.example/'
const fqs = `${audience}read`

const api = await createApp(resourceApp('SDK orders API', audience))

test('a resource server is made with the names that scopes get', () => {
  match(api.id, /^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$/)
  deepEqual(
    api.scopes?.map((each) => each.fqs),
    [fqs, `${audience}write`],
  )
  equal(api.meta?.resourceType, 'App')
  match(api.ocid ?? '', /^ocid1\./)
  equal(api.idcsCreatedBy?.type, 'App')
})

test('a confidential client is made with a name and a secret that get tokens', async () => {
  const made = await createApp(clientApp('SDK caller', { allowedScopes: [{ fqs }] }))
  match(made.name, /^[0-9a-f]{32}$/)
  const [scope] = made.allowedScopes ?? []
  equal(scope?.idOfDefiningApp, api.id)
  const answer = await askToken(
    domain,
    { clientId: made.name, secret: made.clientSecret ?? '' },
    { scope: fqs },
  )
  equal(answer.status, 200, answer.text)
  const { app } = await client.getApp({ appId: made.id, ...bearer })
  equal(app.clientSecret, undefined)
  const { app: byOcid } = await client.getApp({ appId: made.ocid ?? '', ...bearer })
  equal(byOcid.id, made.id)
})

test('lists are sorted, paged, filtered and cut to the attributes asked for', async () => {
  for (const letter of 'dbca') await createApp(clientApp(`Listed ${letter}`))
  const filter = 'displayName sw "listed "'
  const first = await client.listApps({
    ...bearer,
    filter,
    sortBy: 'displayName',
    sortOrder: SortOrder.Ascending,
    startIndex: 1,
    count: 3,
    attributes: 'displayName,name',
  })
  ok(first.opcRequestId)
  const { apps } = first
  deepEqual([apps.totalResults, apps.startIndex, apps.itemsPerPage], [4, 1, 3])
  deepEqual(
    apps.resources?.map((each) => each.displayName),
    ['Listed a', 'Listed b', 'Listed c'],
  )
  const [app] = apps.resources ?? []
  deepEqual([app?.schemas, app?.meta], [undefined, undefined])
  ok(app?.name)
  const rest = await client.listApps({
    ...bearer,
    filter,
    sortBy: 'displayName',
    sortOrder: SortOrder.Descending,
    startIndex: 4,
  })
  deepEqual(
    rest.apps.resources?.map((each) => each.displayName),
    ['Listed a'],
  )
  const names: string[] = []
  for (let page: string | undefined, turns = 0; turns < 9; turns += 1) {
    const next = await client.listApps({
      ...bearer,
      filter,
      limit: 3,
      sortBy: 'displayName',
      ...(page === undefined ? {} : { page }),
    })
    names.push(...(next.apps.resources ?? []).map((each) => each.displayName))
    page = next.opcNextPage
    if (!page) break
  }
  equal(names.join(), 'Listed a,Listed b,Listed c,Listed d')
})

test('filters as users of an identity domain write them', async () => {
  const found = async (filter: string): Promise<readonly string[]> => {
    const { apps } = await client.listApps({ ...bearer, filter, count: 1000 })
    return (apps.resources ?? []).map((each) => each.displayName)
  }
  deepEqual(await found('displayName eq "SDK ORDERS api"'), ['SDK orders API'])
  deepEqual(await found('isOAuthResource eq true and displayName sw "SDK"'), ['SDK orders API'])
  deepEqual(await found(`scopes[fqs eq "${fqs}"] or scopes[fqs eq "nothing"]`), ['SDK orders API'])
  const others = await found('id ne "IDCSAppId"')
  ok(others.includes('SDK orders API') && !others.includes('IDCS Application'))
  deepEqual(await found('id eq "IDCSAppId" and active eq true'), ['IDCS Application'])
  deepEqual(await found('not (displayName pr)'), [])
  await assertRefusedBySdk(client.listApps({ ...bearer, filter: 'dispalyName eq "x"' }), 400)
})

test('.search answers as the list does', async () => {
  const { apps } = await client.searchApps({
    ...bearer,
    appSearchRequest: {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
      filter: 'displayName eq "SDK orders API"',
      attributes: ['displayName', 'audience'],
      count: 5,
    },
  })
  equal(apps.totalResults, 1)
  deepEqual([apps.resources?.[0]?.audience, apps.resources?.[0]?.scopes], [audience, undefined])
})

test('attribute sets', async () => {
  const appId = api.id
  const get = async (attributeSets: models.AttributeSets[], attributes?: string) =>
    (
      await client.getApp({
        appId,
        ...bearer,
        attributeSets,
        ...(attributes === undefined ? {} : { attributes }),
      })
    ).app
  const always = await get([AttributeSets.Always])
  deepEqual(
    [always.displayName, always.audience, always.meta],
    ['SDK orders API', undefined, undefined],
  )
  const more = await get([AttributeSets.Always], 'audience')
  equal(more.audience, audience)
  const all = await get([AttributeSets.All])
  deepEqual(all.idcsPreventedOperations, [])
  const byRequest = await get([AttributeSets.Request, AttributeSets.Default])
  equal(byRequest.audience, audience)
})

test('PUT and PATCH, then what GET shows', async () => {
  const made = await createApp(clientApp('SDK changed'))
  const appId = made.id
  const wrong = { ...made, clientSecret: `${made.clientSecret}x` }
  await assertRefusedBySdk(client.putApp({ appId, ...bearer, app: wrong }), 400)
  const { app: put } = await client.putApp({
    appId,
    ...bearer,
    app: { ...made, description: 'Put' },
  })
  equal(put.description, 'Put')
  const { app: patched } = await client.patchApp({
    appId,
    ...bearer,
    patchOp: patchOf(
      { op: 'REPLACE', path: 'description', value: 'Patched' },
      { op: 'ADD', path: 'allowedScopes', value: [{ fqs }] },
      { op: 'REPLACE', path: 'accessTokenExpiry', value: null },
    ),
  })
  equal(patched.description, 'Patched')
  const { app } = await client.getApp({ appId, ...bearer, attributes: 'description,allowedScopes' })
  equal(app.description, 'Patched')
  deepEqual(
    app.allowedScopes?.map((each) => each.fqs),
    [fqs],
  )
  const { app: removed } = await client.patchApp({
    appId,
    ...bearer,
    patchOp: patchOf({ op: 'REMOVE', path: `allowedScopes[fqs eq "${fqs}"]` }),
  })
  equal(removed.allowedScopes?.length ?? 0, 0)
})

test('what was read can be sent back as it is', async () => {
  for (const given of [clientApp('SDK echoed'), resourceApp('SDK echoed API', 'urn:echo:')]) {
    const made = await createApp(given)
    const appId = made.id
    for (const attributeSets of [undefined, [AttributeSets.All]]) {
      const sets = attributeSets === undefined ? {} : { attributeSets }
      const { app } = await client.getApp({ appId, ...bearer, ...sets })
      const { app: put } = await client.putApp({ appId, ...bearer, app })
      deepEqual([put.displayName, put.scopes], [made.displayName, made.scopes])
    }
  }
})

test('the same request with the same retry token makes one application', async () => {
  const request = { app: clientApp('SDK retried'), opcRetryToken: 'sdk-1', ...bearer }
  const first = await client.createApp(request)
  const second = await client.createApp(request)
  deepEqual([second.app.id, second.app.clientSecret], [first.app.id, first.app.clientSecret])
})

test('a built-in application is found by its known id, with its roles', async () => {
  const { app } = await client.getApp({ appId: 'IDCSAppId', ...bearer })
  deepEqual([app.id, app.name, app.active], ['IDCSAppId', 'IDCSApp', true])
  const { appRoles } = await client.listAppRoles({
    ...bearer,
    filter: 'app.value eq "IDCSAppId"',
    attributes: 'displayName',
    count: 1000,
  })
  const names = appRoles.resources?.map((each) => each.displayName) ?? []
  for (const name of ['Identity Domain Administrator', 'Authenticator Client', 'Me']) {
    ok(names.includes(name), name)
  }
})

test('an active application is not deleted; a deactivated one is', async () => {
  const made = await createApp(clientApp('SDK ended'))
  const appId = made.id
  await assertRefusedBySdk(client.deleteApp({ appId, ...bearer }), 400)
  await assertRefusedBySdk(client.deleteApp({ appId, forceDelete: true, ...bearer }), 400)
  const change = (active: boolean) =>
    client.putAppStatusChanger({
      appStatusChangerId: appId,
      ...bearer,
      appStatusChanger: {
        schemas: ['urn:ietf:params:scim:schemas:oracle:idcs:AppStatusChanger'],
        active,
      },
    })
  equal((await change(false)).appStatusChanger.active, false)
  const credentials = { clientId: made.name, secret: made.clientSecret ?? '' }
  equal((await askToken(domain, credentials)).status, 401)
  equal((await change(true)).appStatusChanger.active, true)
  await change(false)
  await client.deleteApp({ appId, ...bearer })
  await assertRefusedBySdk(client.getApp({ appId, ...bearer }), 404)
})

test('the program on the page about the SDK runs as it stands there', async () => {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const page = readFileSync(join(root, 'docs/administering/oracle-sdk.md'), 'utf8')
  const [, program = ''] = /^```js\n([\s\S]*?)^```$/m.exec(page) ?? []
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', program],
    {
      cwd: root,
      env: { DOMAIN_URL: domain.url, ADMIN_TOKEN: domain.admin.token },
      timeout: 15_000,
    },
  )
  const [, clientId] = /^([0-9a-f]{32}) mms_/.exec(stdout) ?? []
  match(stdout, new RegExp(`^Nightly export ${clientId}$`, 'm'))
})
