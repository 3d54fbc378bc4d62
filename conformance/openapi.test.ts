/** What `/openapi.json` says of the server, held against what the server does. */
import { deepEqual, equal, notEqual, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { appSchema } from './kit/administration.ts'
import { type Answer, basic, form, formHeaders, send } from './kit/http.ts'
import { useMintmark } from './kit/start-domain.ts'
import { tokenPath } from './kit/test-domain.ts'

type Json = Readonly<Record<string, unknown>>
type Operation = { readonly responses: Readonly<Record<string, Json>> } & Json

const domain = await useMintmark()
const description: Json & { readonly paths: Readonly<Record<string, Json>> } = (
  await send({ url: `${domain.url}/openapi.json`, method: 'GET' })
).json as never

/** The keyword of OpenAPI that JSON Schema does not know is no part of what is checked. */
const checker = new Ajv2020({ strict: false, allErrors: true, validateFormats: false })
checker.addSchema({ ...description, $id: 'openapi' })

const operations = Object.entries(description.paths).flatMap(([path, item]) =>
  Object.entries(item)
    .filter(([method]) => method !== 'parameters')
    .map(([method, operation]) => ({ path, method, operation: operation as Operation })),
)

const ask = (method: string, path: string, body?: unknown, type = 'application/json') =>
  send({
    url: domain.url + path,
    method,
    headers: { authorization: `Bearer ${domain.admin.token}`, 'content-type': type },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })

/** Whether an answer is what the description says of this status of this operation. */
const checkAnswer = (method: string, path: string, answer: Answer): void => {
  const found = operations.find((each) => each.path === path && each.method === method)
  ok(found, `${method} ${path} is not described`)
  const { responses } = found.operation
  const status = String(answer.status)
  const key = status in responses ? status : 'default'
  const place = path.replaceAll('~', '~0').replaceAll('/', '~1')
  const pointer = `openapi#/paths/${encodeURIComponent(place)}/${method}/responses/${key}`
  const response = responses[key] as { content?: Json; $ref?: string }
  if (response.content === undefined && response.$ref === undefined) {
    equal(answer.text, '', `${method} ${path} ${status} has a body`)
    return
  }
  const at = response.$ref === undefined ? pointer : `openapi${response.$ref}`
  const problem = response.$ref?.endsWith('Problem') === true
  const type = problem ? 'application~1problem+json' : 'application~1json'
  const schema = `${at}/content/${encodeURIComponent(type)}/schema`
  const valid = checker.validate(schema, answer.json)
  const faults = JSON.stringify(checker.errors?.slice(0, 5))
  ok(valid, `${method} ${path} ${status}: ${faults} in ${answer.text.slice(0, 2000)}`)
}

test('the committed description is the one that is served', () => {
  const file = new URL('../docs/openapi.json', import.meta.url)
  deepEqual(JSON.parse(readFileSync(file, 'utf8')), description)
})

test('every operation that is described is there', async () => {
  for (const { path, method } of operations) {
    const answer = await ask(method.toUpperCase(), path.replace('{id}', 'nobody'), {})
    notEqual(answer.status, 405, `${method} ${path}`)
    notEqual(answer.status, 501, `${method} ${path}`)
    if (answer.status === 404) ok(path.includes('{id}'), `${method} ${path} is not there`)
    if (answer.status >= 400) checkAnswer(method, path, answer)
  }
})

test('every operation is described once, by its own name, and only known schemas are named', () => {
  const names = operations.map(({ operation }) => String(operation['operationId']))
  deepEqual(
    names.filter((name, at) => names.indexOf(name) !== at),
    [],
  )
  const components = description['components'] as { schemas: Json; responses: Json }
  const named = JSON.stringify(description).match(/#\/components\/(?:schemas|responses)\/\w+/g)
  for (const each of new Set(named)) {
    const [, , kind, name] = each.split('/') as [string, string, 'schemas' | 'responses', string]
    ok(name in components[kind], each)
  }
})

test('what is answered is what is described: lists and their resources', async () => {
  await domain.admin.createApi({ audience: 'https://api.example/described/', scopes: ['read'] })
  const lists = operations.filter(
    ({ path, method }) => path.startsWith('/admin/v1/') && method === 'get' && !path.includes('{'),
  )
  ok(lists.length > 5)
  for (const { path } of lists) {
    const answer = await ask('GET', `${path}?attributeSets=all`)
    equal(answer.status, 200, path)
    checkAnswer('get', path, answer)
    const [first] = (answer.json as { Resources: Json[] }).Resources
    if (first === undefined) continue
    const one = await ask('GET', `${path}/${encodeURIComponent(String(first['id']))}`)
    checkAnswer('get', `${path}/{id}`, one)
  }
})

const json = (answer: Answer): Json => answer.json as Json

test('what is answered is what is described: one application from creation to end', async () => {
  const body = {
    schemas: [appSchema],
    displayName: 'Described',
    basedOnTemplate: { value: 'CustomWebAppTemplateId' },
    isOAuthClient: true,
    clientType: 'confidential',
    allowedGrants: ['client_credentials'],
  }
  const made = await ask('POST', '/admin/v1/Apps', body)
  equal(made.status, 201)
  checkAnswer('post', '/admin/v1/Apps', made)
  const path = `/admin/v1/Apps/${String(json(made)['id'])}`
  const schemas = ['urn:ietf:params:scim:api:messages:2.0:PatchOp']
  const Operations = [{ op: 'replace', path: 'description', value: 'changed' }]
  const patched = await ask('PATCH', path, { schemas, Operations })
  equal(patched.status, 200)
  checkAnswer('patch', '/admin/v1/Apps/{id}', patched)
  checkAnswer('put', '/admin/v1/Apps/{id}', await ask('PUT', path, json(patched)))
  checkAnswer('post', '/admin/v1/Apps', await ask('POST', '/admin/v1/Apps', body))
  const gone = await ask('DELETE', path)
  equal(gone.status, 204)
  checkAnswer('delete', '/admin/v1/Apps/{id}', gone)
  checkAnswer('get', '/admin/v1/Apps/{id}', await ask('GET', path))
})

test('what is answered is what is described: tokens, and what is told of them', async () => {
  const api = await domain.admin.createApi({
    audience: 'https://api.example/told/',
    scopes: ['read'],
  })
  const client = await domain.admin.createClient({
    scopes: [`${api.audience}read`],
    operations: ['introspect'],
  })
  const post = (path: string, fields: Readonly<Record<string, string>>) =>
    send({
      url: domain.url + path,
      headers: formHeaders({ authorization: basic(client.clientId, client.secret) }),
      body: form(fields),
    })
  const token = await post(tokenPath, { grant_type: 'client_credentials' })
  equal(token.status, 200)
  checkAnswer('post', '/oauth2/v1/token', token)
  const refused = await post(tokenPath, { grant_type: 'client_credentials', scope: 'nothing' })
  equal(refused.status, 400)
  checkAnswer('post', '/oauth2/v1/token', refused)
  const value = String(json(token)['access_token'])
  const told = await post('/oauth2/v1/introspect', { token: value })
  checkAnswer('post', '/oauth2/v1/introspect', told)
  const preview = await ask('POST', '/api/v1/preview', {
    client: client.clientId,
    scope: 'nothing',
  })
  equal(preview.status, 200)
  checkAnswer('post', '/api/v1/preview', preview)
  const verdict = await ask('POST', '/api/v1/tokens/verify', { token: value })
  equal(verdict.status, 200)
  checkAnswer('post', '/api/v1/tokens/verify', verdict)
  const ecid = String(json(refused)['ecid'])
  checkAnswer('get', '/api/v1/decisions/{id}', await ask('GET', `/api/v1/decisions/${ecid}`))
  checkAnswer('get', '/api/v1/audit', await ask('GET', '/api/v1/audit'))
  for (const path of [
    '/api/v1/audit/verify',
    '/api/v1/domain-file',
    '/api/v1/health',
    '/api/v1/usage',
    '/api/v1/overview',
    '/api/v1/settings',
    '/api/v1/revocations',
    '/api/v1/revocations/snapshot',
  ]) {
    checkAnswer('get', path, await ask('GET', path))
  }
  checkAnswer('get', '/api/v1/audit', await ask('GET', '/api/v1/audit?limit=0'))
})
