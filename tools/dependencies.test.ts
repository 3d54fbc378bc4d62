import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dependencies } from './dependencies.ts'
import { places, plantRepository } from './planted-repository.ts'

const manifest = [
  '{ "dependencies": {',
  '  "@mintmark/protocol": "1.0.0",',
  '  "fastify": "1.0.0",',
  '  "yaml": "1.0.0" } }',
]

test('a dependency that nothing imports is found', async (t) => {
  const tree = await plantRepository(t, {
    'service/server/package.json': manifest,
    'service/server/src/a.ts': [
      "import { fastify } from 'fastify/lib/route.js'",
      'const text = "import \'yaml\'"',
    ],
    'edge/cli/src/a.ts': "import 'yaml'",
  })
  assert.deepEqual(places(dependencies.run(tree)), ['service/server/package.json:4 dependencies'])
})
