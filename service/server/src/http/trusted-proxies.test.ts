import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressMatcher, trustedProxies } from './trusted-proxies.ts'

test('addresses match ranges in either family, mapped ones as IPv4', () => {
  const matches = addressMatcher(['10.0.0.0/8', '192.0.2.7', 'fd00::/8'])
  const rows: readonly [string, boolean][] = [
    ['10.1.2.3', true],
    ['::ffff:10.1.2.3', true],
    ['11.0.0.1', false],
    ['192.0.2.7', true],
    ['192.0.2.8', false],
    ['fd12::1', true],
    ['fe80::1', false],
    ['', false],
    ['not an address', false],
  ]
  for (const [address, expected] of rows) assert.equal(matches(address), expected, address)
  assert.equal(addressMatcher([])('10.0.0.1'), false)
})

test('RFC 7239 §8: forwarded addresses count as far as the hops are trusted', () => {
  const proxies = trustedProxies(['10.0.0.0/8'])
  const rows: readonly [string, string | undefined, string][] = [
    ['203.0.113.9', undefined, '203.0.113.9'],
    ['203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['10.0.0.1', '192.0.2.66, 198.51.100.1', '198.51.100.1'],
    ['10.0.0.1', '198.51.100.1, 10.0.0.2', '198.51.100.1'],
    ['10.0.0.1', '198.51.100.1, garbage', '10.0.0.1'],
    ['::ffff:10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['10.0.0.1', '10.0.0.3', '10.0.0.1'],
  ]
  for (const [peer, forwarded, expected] of rows) {
    assert.equal(proxies.sourceOf(peer, forwarded), expected, `${peer} ${forwarded}`)
  }
})
