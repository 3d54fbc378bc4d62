import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { newDirectory, type Running, startCommand } from '../test-process.ts'

const home = newDirectory()
let server: Running

before(async () => {
  server = startCommand(['dev', '--port', '18680', '--tls-port', '18780'], {}, home.path)
  await server.said(/Stop: Ctrl-C/)
})

after(async () => {
  await server.end('SIGINT')
  home.remove()
})

const pair = async (...more: readonly string[]) => {
  const started = startCommand(['admin', 'pair', ...more], {}, home.path)
  return { code: await started.ended, out: started.output(), err: started.errors() }
}

/** What a browser does with an address of the console. */
const open = async (address: string) => {
  const { origin, pathname, hash } = new URL(address)
  assert.equal(pathname, '/console')
  const response = await fetch(`${origin}/console/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ pairingCode: hash.slice('#pair='.length) }),
  })
  return response.status
}

test('dev prints an address that signs in once', async () => {
  const [, address = ''] = /Console +(\S+) {3}\(signs in once\)/.exec(server.output()) ?? []
  assert.deepEqual([await open(address), await open(address)], [200, 401])
})

test('admin pair prints another, in each form', async () => {
  const { code, out, err } = await pair()
  assert.equal(code, 0, err)
  const [, address = ''] = /^ {2}Console +(\S+)$/m.exec(out) ?? []
  assert.match(out, /Pairing code +[0-9A-Z]{4}-[0-9A-Z]{4} {3}works once, until \d{4}-/)
  assert.equal(await open(address), 200)
  const json = JSON.parse((await pair('-o', 'json')).out)
  assert.deepEqual(Object.keys(json), ['pairingCode', 'expiresAt', 'url'])
  assert.equal(await open((await pair('-o', 'name')).out.trim()), 200)
  // nothing but the terminal has seen a code
  assert.doesNotMatch(server.output(), new RegExp(json.pairingCode))
})

test('who is signed in is listed, and ended by its id', async () => {
  const run = async (...words: readonly string[]) => {
    const started = startCommand(['admin', ...words], {}, home.path)
    return { code: await started.ended, out: started.output(), err: started.errors() }
  }
  const address = (await pair('-o', 'name')).out.trim()
  assert.equal(await open(address), 200)
  const listed = await run('sessions', 'list', '-o', 'json')
  assert.equal(listed.code, 0, listed.err)
  const sessions = JSON.parse(listed.out) as { id: string; who: string; method: string }[]
  assert.equal(sessions[0]?.who, 'user:administrator')
  const ended = await run('sessions', 'end', sessions[0]?.id ?? '')
  assert.equal(ended.code, 0, ended.err)
  const left = JSON.parse((await run('sessions', 'list', '-o', 'json')).out) as unknown[]
  assert.equal(left.length, sessions.length - 1)
  // one in 64 ids begins as an option does
  for (const gone of [`-o${'a'.repeat(41)}`, `-V${'a'.repeat(41)}`, `--url${'a'.repeat(38)}`]) {
    const again = await run('sessions', 'end', gone, '--url', new URL(address).origin)
    assert.deepEqual([again.code, again.out], [3, ''], again.err)
    assert.match(again.err, /It has ended already/)
  }
  const nobody = await pair('--user', 'nobody')
  assert.notEqual(nobody.code, 0)
  assert.match(nobody.err, /No active user/)
})
