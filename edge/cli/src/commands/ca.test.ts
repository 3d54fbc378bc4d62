import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { createServer, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { newDirectory, startCommand } from '../test-process.ts'

const home = newDirectory()
after(home.remove)

const run = async (...words: readonly string[]) => {
  const command = startCommand(['ca', ...words], {}, home.path)
  const code = await command.ended
  return { code, output: command.output(), errors: command.errors() }
}

const read = (name: string): string => readFileSync(join(home.path, 'ca', name), 'utf8')

test('before there is an authority, nothing can be issued', async () => {
  const none = await run('issue', 'billing')
  assert.equal(none.code, 3)
  assert.match(none.errors, /There is no authority in \.\/ca\. Make one: mintmark ca init/)
})

test('an authority issues certificates that a TLS server and its client take', async () => {
  const made = await run('init')
  assert.equal(made.code, 0, made.errors)
  assert.equal(statSync(join(home.path, 'ca/ca.key')).mode & 0o777, 0o600)
  const client = await run('issue', 'billing', '--uri', 'spiffe://example/billing')
  assert.equal(client.code, 0, client.errors)
  assert.match(client.output, /tlsSubject: "CN=billing"/)
  assert.equal(statSync(join(home.path, 'ca/billing.key')).mode & 0o777, 0o600)
  const server = await run('issue', 'localhost', '--server', '--dns', 'localhost', '--days', '30')
  assert.equal(server.code, 0, server.errors)

  const door = createServer(
    {
      cert: read('localhost.crt'),
      key: read('localhost.key'),
      ca: read('ca.crt'),
      requestCert: true,
      rejectUnauthorized: true,
    },
    (incoming, answer) => {
      const { subject } = (incoming.socket as TLSSocket).getPeerCertificate()
      answer.end(String(subject.CN))
    },
  )
  await new Promise<void>((fulfil) => door.listen(0, '127.0.0.1', fulfil))
  const { port } = door.address() as AddressInfo
  const seen = await new Promise<string>((fulfil, reject) => {
    const options = {
      ...{ host: '127.0.0.1', port, servername: 'localhost', agent: false },
      ...{ ca: read('ca.crt'), cert: read('billing.crt'), key: read('billing.key') },
    }
    request(options, (answer) => {
      answer.on('data', (bytes: Buffer) => fulfil(bytes.toString()))
    })
      .once('error', reject)
      .end()
  })
  door.close()
  assert.equal(seen, 'billing')
  const days = new X509Certificate(read('localhost.crt')).validToDate.getTime() - Date.now()
  assert.ok(days > 29 * 86_400_000 && days <= 30 * 86_400_000)
})

test('the list tells what each is for and how long it holds', async () => {
  const listed = JSON.parse((await run('list', '-o', 'json')).output)
  assert.deepEqual(
    listed.map(({ name, kind, isOurs }: Record<string, unknown>) => [name, kind, isOurs]),
    [
      ['ca', 'authority', true],
      ['billing', 'client', true],
      ['localhost', 'server', true],
    ],
  )
  assert.match((await run('list')).output, /^ca +authority .* days left/)
})

test('nothing is overwritten; what cannot be is refused', async () => {
  const before = read('billing.crt')
  const rows: readonly [readonly string[], number, RegExp][] = [
    [['init'], 5, /ca\.key is there already/],
    [['issue', 'billing'], 5, /billing\.key is there already/],
    [['issue', '../out'], 2, /cannot be a name/],
    [['issue', 'ca'], 2, /cannot be a name/],
    [['issue', 'x', '--ip', 'here'], 2, /is no IP address/],
    [['issue', 'x', '--days', '4000'], 2, /--days is 1 to 397/],
    [['list', '-o', 'yaml'], 2, /--output is table or json/],
  ]
  for (const [words, code, message] of rows) {
    const refused = await run(...words)
    assert.equal(refused.code, code, refused.errors)
    assert.match(refused.errors, message)
  }
  assert.equal(read('billing.crt'), before)
})
