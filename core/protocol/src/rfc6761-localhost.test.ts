import { strict as assert } from 'node:assert'
import { test } from 'node:test'
import { isLoopbackHost } from './rfc6761-localhost.ts'

const hosts: readonly (readonly [string, boolean])[] = [
  ['http://localhost:8480', true],
  ['http://LOCALHOST/', true],
  ['http://orders.localhost', false],
  ['http://127.0.0.1', true],
  ['http://127.1.2.3:80', true],
  ['http://2130706433', true],
  ['http://[::1]:8480', true],
  ['http://[0:0:0:0:0:0:0:1]', true],
  ['http://0.0.0.0', false],
  ['http://128.0.0.1', false],
  ['http://127.0.0.1.example.com', false],
  ['http://localhost.example.com', false],
  ['http://notlocalhost', false],
  ['http://[::2]', false],
  ['http://[::ffff:127.0.0.1]', false],
]

for (const [url, isLoopback] of hosts) {
  test(`${url} ${isLoopback ? 'is' : 'is not'} this computer`, () => {
    assert.equal(isLoopbackHost(new URL(url).hostname), isLoopback)
  })
}
