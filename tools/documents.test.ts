import assert from 'node:assert/strict'
import { test } from 'node:test'
import { documents } from './documents.ts'
import { places, plantRepository } from './planted-repository.ts'

const map = ['## Map of the tree', '', '```', '├── core/      what is true', '└── docs/', '```']
const dependencyPage = [
  '# Dependencies',
  '## At run time',
  '| package | why |',
  '| --- | --- |',
  '| `fastify` | HTTP |',
  '## For development',
  '| `typescript` | types |',
]
const house = {
  'README.md': ['# House', ...map],
  'core/protocol/package.json': JSON.stringify({
    dependencies: { fastify: '5.0.0', '@mintmark/registry': '0.1.0' },
    devDependencies: { typescript: '7.0.0' },
  }),
  'docs/internals/dependencies.md': dependencyPage,
}

test('a house in order says nothing', async (t) => {
  const tree = await plantRepository(t, {
    ...house,
    'docs/page.md': [
      '# One `code` heading, with (marks)!',
      '[a](../README.md#map-of-the-tree) [b](#one-code-heading-with-marks) [c](internals/)',
      '[d](https://example.org/nothing) `[e](nothing.md)` ![f][picture]',
      '```',
      '[g](nothing.md)',
      '```',
      '## Twice',
      '## Twice',
      '[h](#twice-1)',
      '[picture]: ../README.md "title"',
    ],
  })
  assert.deepEqual(documents.run(tree), [])
})

test('a link to a file, a heading or a place outside that is not there is found', async (t) => {
  const tree = await plantRepository(t, {
    ...house,
    'docs/page.md': [
      '# Page',
      'text [a](gone.md)',
      '[b](../README.md#gone)',
      '[c](#gone)',
      '[d](../../elsewhere.md)',
      '[e]: gone.md',
    ],
  })
  assert.deepEqual(places(documents.run(tree)), [
    'docs/page.md:2 documents',
    'docs/page.md:3 documents',
    'docs/page.md:4 documents',
    'docs/page.md:5 documents',
    'docs/page.md:6 documents',
  ])
})

test('the map of the README shows exactly the folders there are', async (t) => {
  const tree = await plantRepository(t, {
    ...house,
    'README.md': ['# House', ...map.slice(0, 4), '└── edge/', '```'],
  })
  const messages = documents.run(tree).map(({ line, message }) => `${line} ${message}`)
  assert.deepEqual(messages, ['6 the map shows edge/: not there', '3 the map does not show docs/'])
})

test('the page of dependencies names exactly what the packages name', async (t) => {
  const tree = await plantRepository(t, {
    ...house,
    'core/protocol/package.json': JSON.stringify({
      dependencies: { yaml: '2.0.0' },
      devDependencies: { typescript: '7.0.0', fastify: '5.0.0' },
    }),
  })
  assert.deepEqual(
    documents.run(tree).map(({ line, message }) => `${line} ${message}`),
    [
      "3 yaml is not named under 'At run time'",
      "5 fastify is in no package.json as 'At run time' says",
      "7 fastify is not named under 'For development'",
    ],
  )
})

test('a missing README or page of dependencies is found', async (t) => {
  const tree = await plantRepository(t, { LICENSE: 'text' })
  assert.deepEqual(places(documents.run(tree)), [
    'README.md:0 documents',
    'docs/internals/dependencies.md:0 documents',
  ])
})
