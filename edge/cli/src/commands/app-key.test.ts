import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { newDirectory, type Running, startCommand } from '../test-process.ts'

const home = newDirectory()
let server: Running
let url = ''

before(async () => {
  server = startCommand(['dev', '--port', '19680', '--tls-port', '19780'], {}, home.path)
  await server.said(/Stop: Ctrl-C/)
  url = /Token +(http\S+)\/oauth2/.exec(server.output())?.[1] ?? ''
})

after(async () => {
  await server.end('SIGINT')
  home.remove()
})

const mintmark = async (line: string) => {
  const config = { XDG_CONFIG_HOME: join(home.path, 'config') }
  const started = startCommand(line.split(' '), config, home.path)
  return { code: await started.ended, out: started.output(), err: started.errors() }
}

const keyPair = (name: string) => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' })
  writeFileSync(join(home.path, `${name}.pem`), pem)
  const open = publicKey.export({ format: 'pem', type: 'spki' })
  writeFileSync(join(home.path, `${name}-public.pem`), open)
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: name }
  writeFileSync(join(home.path, `${name}.json`), JSON.stringify({ keys: [jwk] }))
}

const get = (kid: string, file: string) =>
  mintmark(`token get --app demo-app --url ${url} --private-key-file ${file} --key-id ${kid}`)

test('keys are added beside the secret, prove the application, and end one by one', async () => {
  keyPair('first')
  keyPair('second')
  const added = await mintmark('app key add demo-app first-public.pem --kid first')
  assert.deepEqual(added, {
    code: 0,
    out: '',
    err: '✔ demo-app can prove itself by key first.\n',
  })
  assert.equal((await mintmark('app key add demo-app second.json')).code, 0)
  assert.equal((await mintmark('app key list demo-app -o name')).out, 'first\nsecond\n')
  for (const kid of ['first', 'second']) {
    const { code, err } = await get(kid, `${kid}.pem`)
    assert.equal(code, 0, err)
  }
  assert.equal((await mintmark('token get --app demo-app')).code, 0, 'the secret stays')
  const again = await mintmark('app key add demo-app second.json')
  assert.deepEqual([again.code, again.out], [5, ''])
  assert.equal((await mintmark('app key remove demo-app first')).code, 2)
  assert.equal((await mintmark('app key remove demo-app first --yes')).code, 0)
  assert.equal((await get('first', 'first.pem')).code, 8)
  assert.equal((await get('second', 'second.pem')).code, 0)
  const mistyped = await mintmark('app key remove demo-app secnd --yes')
  assert.equal(mistyped.code, 3)
  assert.match(mistyped.err, /Did you mean "?second/)
  assert.equal((await mintmark('app key remove demo-app second --yes')).code, 0)
  assert.equal((await mintmark('app key list demo-app -o name')).out, '')
  assert.equal((await mintmark('token get --app demo-app')).code, 0)
})

test('a key that is called by its thumbprint goes by it, though it begins with -', async () => {
  keyPair('unnamed')
  const { keys } = JSON.parse(readFileSync(join(home.path, 'unnamed.json'), 'utf8'))
  for (const kid of [`-hV${'k'.repeat(40)}`, `--${'k'.repeat(41)}`]) {
    writeFileSync(join(home.path, 'unnamed.json'), JSON.stringify({ keys: [{ ...keys[0], kid }] }))
    assert.equal((await mintmark('app key add demo-app unnamed.json')).code, 0)
    assert.equal((await mintmark('app key list demo-app -o name')).out, `${kid}\n`)
    const removed = await mintmark(`app key remove demo-app ${kid} --yes`)
    assert.deepEqual([removed.code, removed.out], [0, ''], removed.err)
  }
  assert.equal((await mintmark('app key list demo-app -o name')).out, '')
})

test('a private key goes nowhere', async () => {
  keyPair('third')
  const pem = await mintmark('app key add demo-app third.pem')
  assert.deepEqual([pem.code, pem.out], [6, ''])
  assert.match(pem.err, /holds a private key, which stays where it is/)
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = privateKey.export({ format: 'jwk' })
  writeFileSync(join(home.path, 'private.json'), JSON.stringify(jwk))
  const json = await mintmark('app key add demo-app private.json')
  assert.equal(json.code, 6)
  assert.ok(!json.err.includes(String(jwk['d'])))
  writeFileSync(join(home.path, 'letter.txt'), 'Dear all')
  assert.equal((await mintmark('app key add demo-app letter.txt')).code, 6)
  assert.equal((await mintmark('app key add demo-app nowhere.pem')).code, 3)
})
