import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { ensureDevelopmentAuthority } from './make-development-authority.ts'

const dayMs = 86_400_000
const nowMs = Date.now()

describe('ensureDevelopmentAuthority', () => {
  let directory = ''
  before(async () => {
    directory = join(await mkdtemp(join(tmpdir(), 'mintmark-authority-')), 'deep', 'tls')
  })
  after(() => rm(join(directory, '..', '..'), { recursive: true, force: true }))

  const modeOf = async (name: string) => (await stat(join(directory, name))).mode & 0o777

  it('makes a root, a server and a client certificate', async () => {
    const made = await ensureDevelopmentAuthority(directory, nowMs)
    const names = ['ca.crt', 'ca.key', 'client.crt', 'client.key', 'server.crt', 'server.key']
    assert.deepEqual((await readdir(directory)).sort(), names)
    for (const name of ['ca.key', 'client.key', 'server.key']) {
      assert.equal(await modeOf(name), 0o600)
    }
    assert.equal(await readFile(made.paths.clientKey, 'utf8'), made.clientKeyPem)
    const root = new X509Certificate(made.authorityPem)
    const server = new X509Certificate(made.serverCertPem)
    const client = new X509Certificate(made.clientCertPem)
    assert.equal(root.ca, true)
    assert.equal(Math.round((root.validToDate.getTime() - nowMs) / dayMs), 3650)
    assert.equal(Math.round((server.validToDate.getTime() - nowMs) / dayMs), 397)
    assert.equal(client.subject, 'CN=demo-client')
    assert.deepEqual(client.keyUsage, ['1.3.6.1.5.5.7.3.2'])
    assert.deepEqual(server.keyUsage, ['1.3.6.1.5.5.7.3.1'])
    assert.ok(server.verify(root.publicKey) && client.verify(root.publicKey))
  })

  it('is accepted by real TLS in both directions, by name and by address', async () => {
    const made = await ensureDevelopmentAuthority(directory, nowMs)
    const server = createServer({
      cert: made.serverCertPem,
      key: made.serverKeyPem,
      ca: made.authorityPem,
      requestCert: true,
      rejectUnauthorized: true,
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      for (const servername of ['localhost', undefined]) {
        const accepted = once(server, 'secureConnection') as Promise<[TLSSocket]>
        const socket = connect({
          port: (server.address() as AddressInfo).port,
          host: '127.0.0.1',
          ...(servername === undefined ? {} : { servername }),
          ca: made.authorityPem,
          cert: made.clientCertPem,
          key: made.clientKeyPem,
        })
        const [peer] = await accepted
        assert.equal(peer.authorized, true)
        if (!socket.authorized) await once(socket, 'secureConnect')
        socket.destroy()
      }
    } finally {
      server.close()
    }
  })

  it('uses again what is there, and does not load the certificate library for that', async () => {
    const first = await ensureDevelopmentAuthority(directory, nowMs)
    assert.deepEqual(await ensureDevelopmentAuthority(directory, nowMs + dayMs), first)
    const script = `
      const { ensureDevelopmentAuthority } = await import(${JSON.stringify(import.meta.resolve('./make-development-authority.ts'))})
      await ensureDevelopmentAuthority(${JSON.stringify(directory)}, ${nowMs})
      const { createRequire } = await import('node:module')
      const loaded = Object.keys(createRequire(${JSON.stringify(import.meta.url)}).cache)
      console.log(loaded.filter((name) => name.includes('peculiar')).length)`
    const run = (text: string) =>
      spawnSync(process.execPath, ['--input-type=module', '-e', text], { encoding: 'utf8' })
    assert.equal(run(script).stdout.trim(), '0')
    const counted = run(
      `await import(${JSON.stringify(import.meta.resolve('@peculiar/x509'))});${script}`,
    )
    assert.notEqual(counted.stdout.trim(), '0', 'the count sees the library when it is loaded')
  })

  it('renews the leafs when less than 30 days are left, under the same root', async () => {
    const first = await ensureDevelopmentAuthority(directory, nowMs)
    assert.deepEqual(await ensureDevelopmentAuthority(directory, nowMs + 366 * dayMs), first)
    const later = await ensureDevelopmentAuthority(directory, nowMs + 368 * dayMs)
    assert.equal(later.authorityPem, first.authorityPem)
    assert.notEqual(later.serverCertPem, first.serverCertPem)
    assert.notEqual(later.clientCertPem, first.clientCertPem)
  })

  it('makes everything anew when the root itself ends, and when it is not valid yet', async () => {
    const first = await ensureDevelopmentAuthority(directory, nowMs)
    const later = await ensureDevelopmentAuthority(directory, nowMs + 3640 * dayMs)
    assert.notEqual(later.authorityPem, first.authorityPem)
    const earlier = await ensureDevelopmentAuthority(directory, nowMs)
    assert.notEqual(earlier.authorityPem, later.authorityPem)
    assert.ok(new X509Certificate(earlier.clientCertPem).validFromDate.getTime() <= nowMs)
  })

  const broken: readonly (readonly [string, (at: (name: string) => string) => Promise<void>])[] = [
    ['a missing key', (at) => rm(at('server.key'))],
    ['a torn certificate', (at) => writeFile(at('client.crt'), '-----BEGIN CERTIFICATE-----\nMII')],
    ['an empty root', (at) => writeFile(at('ca.crt'), '')],
    [
      'a key of another',
      async (at) => writeFile(at('server.key'), await readFile(at('client.key'))),
    ],
    ['a root without key', (at) => rm(at('ca.key'))],
    [
      'a client certificate in place of the server’s',
      async (at) => {
        await writeFile(at('server.key'), await readFile(at('client.key')))
        await writeFile(at('server.crt'), await readFile(at('client.crt')))
      },
    ],
  ]
  for (const [what, damage] of broken) {
    it(`repairs ${what}`, async () => {
      await ensureDevelopmentAuthority(directory, nowMs)
      await damage((name) => join(directory, name))
      const { authorityPem, ...made } = await ensureDevelopmentAuthority(directory, nowMs)
      const root = new X509Certificate(authorityPem)
      for (const pem of [made.serverCertPem, made.clientCertPem]) {
        assert.ok(new X509Certificate(pem).verify(root.publicKey))
      }
      assert.ok(new X509Certificate(made.serverCertPem).checkHost('localhost'))
      const again = await ensureDevelopmentAuthority(directory, nowMs)
      assert.deepEqual(again, { authorityPem, ...made })
    })
  }

  it('closes keys that others could read and sweeps what a crash left', async () => {
    await ensureDevelopmentAuthority(directory, nowMs)
    await chmod(join(directory, 'client.key'), 0o644)
    await writeFile(join(directory, '.server.key.123.tmp'), 'half a key')
    await ensureDevelopmentAuthority(directory, nowMs)
    assert.equal(await modeOf('client.key'), 0o600)
    assert.ok(!(await readdir(directory)).includes('.server.key.123.tmp'))
  })
})
