import assert from 'node:assert/strict'
import { test } from 'node:test'
import Fastify from 'fastify'
import { allowOf, answerUnrouted } from './unrouted.ts'

const open = () => {
  const app = Fastify({ logger: false })
  answerUnrouted(app, {
    refuse: (_request, reply) => reply.code(405).send('read'),
    unknownPath: (_request, reply) => reply.code(404).send('unknown'),
  })
  return app
}

test('the route that is nearest to a path answers its other methods', async () => {
  const app = open()
  const of = (name: string) => ({
    config: {
      answerOthers: (
        _request: unknown,
        reply: { code(status: number): { send(text: string): void } },
      ) => reply.code(405).send(name),
    },
  })
  app.get('/a/*', of('rest'), () => 'ok')
  app.get('/a/b', () => 'ok')
  app.delete('/a/b/:id', of('one'), () => 'ok')
  const table = [
    ['PUT', '/a/b', 405, 'read'],
    ['PUT', '/a/b?x=/c', 405, 'read'],
    ['PUT', '/a/b/1', 405, 'one'],
    ['PUT', '/a/b/', 405, 'rest'],
    ['PUT', '/a/b/1/2', 405, 'rest'],
    ['PUT', '/a/', 405, 'rest'],
    ['PUT', '/a', 404, 'unknown'],
    ['PUT', '/ab', 404, 'unknown'],
    ['GET', '/x', 404, 'unknown'],
    ['GET', '/a/b', 200, 'ok'],
  ] as const
  for (const [method, url, status, body] of table) {
    const answer = await app.inject({ method, url })
    assert.deepEqual([answer.statusCode, answer.body], [status, body], `${method} ${url}`)
  }
})

test('a route that changes something says what it answers to other methods', () => {
  const app = open()
  assert.throws(() => app.post('/a', () => 'ok'), /says not what of other methods/)
})

test('HEAD comes with GET', () => {
  assert.equal(allowOf(['GET', 'POST']), 'GET, HEAD, POST')
  assert.equal(allowOf(['PUT']), 'PUT')
})
