import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endpoints, renderEndpoints } from './endpoints.ts'
import { places, plantRepository } from './planted-repository.ts'

const document = {
  paths: {
    '/doors/{id}': {
      get: {
        tags: ['Doors'],
        parameters: [{ name: 'id', in: 'path' }, { $ref: '#/components/parameters/colour' }],
        responses: { 200: {}, 404: {} },
      },
      parameters: {},
    },
  },
  components: { parameters: { colour: { name: 'colour', in: 'query' } } },
}

test('each operation is one row under its tag', () => {
  const text = renderEndpoints(document)
  const table = '## Doors\n\n| request | query | answers |\n|---|---|---|\n'
  assert.ok(text.includes(`${table}| \`GET /doors/{id}\` | \`colour\` | 200, 404 |\n`), text)
})

test('a page that is out of date is found', async (t) => {
  const files = { 'docs/openapi.json': JSON.stringify(document), 'docs/endpoints.md': 'old' }
  const stale = await plantRepository(t, files)
  assert.deepEqual(places(endpoints.run(stale)), ['docs/endpoints.md:1 endpoints'])
  const fresh = { ...files, 'docs/endpoints.md': renderEndpoints(document) }
  assert.deepEqual(endpoints.run(await plantRepository(t, fresh)), [])
  assert.deepEqual(endpoints.run(await plantRepository(t, { 'README.md': '' })), [])
})
