import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createRouteTable, readPattern } from './gateway-route.ts'

const route = (pattern: string, ...methods: string[]) => ({ pattern, methods, requirement: null })

const table = createRouteTable([
  route('/**', 'GET'),
  route('/orders/**', 'GET', 'POST'),
  route('/orders/admin', 'GET'),
  route('/orders/*/lines'),
  route('/orders/*', 'GET'),
  route('/orders/*/', 'DELETE'),
  route('/a/**'),
])

const cases: readonly [method: string, path: string, pattern: string][] = [
  ['GET', '/', '/**'],
  ['HEAD', '/', '/**'],
  ['GET', '/other/x', '/**'],
  ['GET', '/ordersx', '/**'],
  ['GET', '/Orders', '/**'],
  ['GET', '/orders', '/orders/**'],
  ['GET', '/orders/', '/orders/**'],
  ['POST', '/orders', '/orders/**'],
  ['GET', '/orders/1/x', '/orders/**'],
  ['GET', '/orders/admin', '/orders/admin'],
  ['GET', '/orders/admin/', '/orders/admin'],
  ['GET', '/orders/1', '/orders/*'],
  ['GET', '/orders/1/', '/orders/*'],
  ['DELETE', '/orders/1', '/orders/*/'],
  ['PATCH', '/orders/1/lines', '/orders/*/lines'],
  ['GET', '/orders/admin/lines', '/orders/*/lines'],
  ['X', '/a', '/a/**'],
]

describe('routes', () => {
  it('the narrowest pattern is the rule, wherever it stands', () => {
    for (const [method, path, pattern] of cases) {
      const found = table(method, path)
      assert.equal(
        found.ok ? found.value.pattern : found.failure.kind,
        pattern,
        `${method} ${path}`,
      )
    }
  })

  it('a method that it does not list is not left to a wider one', () => {
    for (const [method, path, allow] of [
      ['POST', '/orders/admin', ['GET']],
      ['POST', '/orders/1', ['GET', 'DELETE']],
      ['get', '/x', ['GET']],
    ] as const) {
      const found = table(method, path)
      assert.ok(!found.ok && found.failure.kind === 'no-method', path)
      assert.deepEqual(found.failure.allow, allow)
    }
  })

  it('nothing is open that no pattern names', () => {
    const narrow = createRouteTable([route('/orders'), route('/x/*')])
    for (const path of ['/', '/order', '/orders/1', '/x', '/x/', '/x/1/2']) {
      assert.equal(narrow('GET', path).ok, false, path)
    }
    assert.equal(createRouteTable([])('GET', '/').ok, false)
  })

  it('patterns are put into the form of paths, and those that cannot match are refused', () => {
    const read = (text: string) => {
      const pattern = readPattern(text)
      return pattern.ok ? pattern.value : null
    }
    assert.equal(read('/caf%c3%a9/%61/*/**'), '/caf%C3%A9/a/*/**')
    for (const text of ['orders', '/a*', '/**/a', '/a?b', '/a/../b', '/a//b', '/a;b', '']) {
      assert.equal(read(text), null, text)
    }
  })
})
