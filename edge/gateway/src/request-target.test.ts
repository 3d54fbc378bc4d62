import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { readRequestTarget } from './request-target.ts'

const taken: readonly [sent: string, target: string][] = [
  ['/', '/'],
  ['/orders', '/orders'],
  ['/orders/', '/orders/'],
  ['/orders?x=/../a;b&c=%2f', '/orders?x=/../a;b&c=%2f'],
  ['/%6frders/%7Eanna', '/orders/~anna'],
  ['/caf%c3%a9', '/caf%C3%A9'],
  ['/a%3db=c', '/a%3Db=c'],
  ['/a%20b', '/a%20b'],
  ['/a|b{c}', '/a%7Cb%7Bc%7D'],
  ['/100%25', '/100%25'],
  ['/a.b/..c/d..', '/a.b/..c/d..'],
  ['/a:b@c', '/a:b@c'],
  ['/.well-known/x', '/.well-known/x'],
  ['http://api.test/orders?a', '/orders?a'],
  ['HTTP://API.test', '/'],
]

/** What proxies, frameworks and servers of files are known to read in two ways. */
const refused: readonly string[] = [
  '',
  'orders',
  '*',
  'api.test:443',
  '/a/../b',
  '/..',
  '/.',
  '/a/./b',
  '/a/%2e%2e/b',
  '/a/.%2E/b',
  '/a/%2e/b',
  '/a/..%2fb',
  '/a%2fb',
  '/a%2Fb',
  '/a%5cb',
  '/a\\b',
  '/..\\b',
  '//a',
  '/a//b',
  '//',
  '/a;b=c/d',
  '/a/..;/b',
  '/;/a',
  '/a%3bb',
  '/%252e%252e/b',
  '/a%252fb',
  '/a%25%32%66b',
  '/a%00b',
  '/a%0d%0ab',
  '/a%7f',
  '/a%3f',
  '/a%23b',
  '/a#b',
  '/a%',
  '/a%2',
  '/a%zz',
  '/a%u002e',
  '/a%c0%ae',
  '/%c0%af',
  '/a%ff',
  '/a%c3',
  '/a\u00e9',
  '/a b',
  '/a\tb',
  '/a%ef%bc%8fb',
  '/%e2%80%a5/b',
  '/%ef%bc%8e%ef%bc%8e/b',
  '/a%ef%bc%9bb',
  '/a%ef%bc%852f',
  'http://other.test/orders',
  'http://api.test@other.test/orders',
  'ftp://api.test/orders',
  'http:/orders',
  'http://api.test//orders',
  `/${'a'.repeat(9000)}`,
]

describe('a request target', () => {
  it('has one form', () => {
    for (const [sent, target] of taken) {
      const read = readRequestTarget(sent, 'api.test')
      assert.ok(read.ok, `${sent}: ${read.ok ? '' : read.failure}`)
      assert.equal(read.value.target, target, sent)
    }
  })

  it('that can be read in two ways is refused', () => {
    for (const sent of refused) {
      assert.equal(readRequestTarget(sent, 'api.test').ok, false, sent)
    }
  })

  it('is the same when it is read again, and no decoding finds dots or slashes in it', () => {
    const bits = ['/', '.', '..', '%2e', '%2F', ';', '\\', 'a', '%61', '%25', '%c3%a9', '2f', '?']
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...bits), { maxLength: 12 }), (pieces) => {
        const read = readRequestTarget(`/${pieces.join('')}`)
        if (!read.ok) return
        const again = readRequestTarget(read.value.target)
        assert.ok(again.ok)
        assert.deepEqual(again.value, { ...read.value, isAsSent: true })
        let text = read.value.path
        const count = text.split('/').length
        for (let round = 0; round < 3; round += 1) {
          text = text.replaceAll(/%[0-9a-f]{2}/gi, (each) =>
            String.fromCharCode(Number.parseInt(each.slice(1), 16)),
          )
          assert.equal(text.split('/').length, count)
          assert.equal(
            new URL(`http://x${text.replaceAll('%', 'x')}`).pathname.split('/').length,
            count,
          )
        }
      }),
      { numRuns: 3000 },
    )
  })

  it('says whether it came in that form', () => {
    const isAsSent = (sent: string) => {
      const read = readRequestTarget(sent)
      return read.ok && read.value.isAsSent
    }
    assert.ok(isAsSent('/caf%c3%a9?%61'))
    assert.ok(!isAsSent('/%61'))
    assert.ok(!isAsSent('/a|b'))
  })
})
