import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { shed } from './shed.ts'

test('a refusal of overload is a whole OAuth error, and says when to come back', async () => {
  const counted: string[] = []
  const countShed = (endpoint: string) => void counted.push(endpoint)
  const server = createServer((request, response) =>
    shed(request, response, 'token', { countShed }),
  )
  await new Promise<void>((fulfil) => server.listen(0, '127.0.0.1', fulfil))
  const { port } = server.address() as AddressInfo
  const waits = new Set<string | null>()
  for (let at = 0; at < 4; at += 1) {
    // The body is not waited for: the connection stays usable all the same.
    const body = 'grant_type=client_credentials&scope='.padEnd(60_000, 'x')
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body })
    assert.equal(answer.status, 503)
    assert.equal(answer.headers.get('cache-control'), 'no-store')
    waits.add(answer.headers.get('retry-after'))
    const said = (await answer.json()) as Record<string, string>
    assert.equal(said['error'], 'temporarily_unavailable')
    assert.equal(said['ecid'], answer.headers.get('x-request-id'))
  }
  assert.deepEqual([...waits].sort(), ['1', '2', '3', '4'], 'they do not come back together')
  assert.deepEqual(counted, ['token', 'token', 'token', 'token'])
  server.close()
})
