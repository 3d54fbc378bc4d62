import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import * as tls from 'node:tls'
import {
  issueTestCertificate,
  makeTestAuthority,
  type TestCertificate,
} from '../certificates/test-authority.ts'
import {
  buildTlsOptions,
  readClientAuthorities,
  reloadTls,
  type TlsMaterial,
  watchTlsFiles,
} from './tls-door.ts'

const root = await makeTestAuthority('CN=root')
const otherRoot = await makeTestAuthority('CN=other root')
const middle = await makeTestAuthority('CN=middle', {}, root)
const own = { dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'] }
const shown = await issueTestCertificate({ subject: 'CN=shown', ...own }, root)
const renewed = await issueTestCertificate({ subject: 'CN=renewed', ...own }, root)
const weak = await issueTestCertificate({ subject: 'CN=weak', keyKind: 'rsa-1024' })
const client = await issueTestCertificate({ extendedKeyUsages: ['clientAuth'] }, root)

const material = (more: Partial<TlsMaterial> = {}): TlsMaterial => ({
  certPem: shown.pem,
  keyPem: shown.keyPem,
  clientCaPem: [root.pem],
  ...more,
})

interface Met {
  readonly socket: tls.TLSSocket
  readonly peer: tls.TLSSocket
}

describe('the TLS door', () => {
  let server: tls.Server
  const open: tls.TLSSocket[] = []

  const listen = async (given: TlsMaterial): Promise<void> => {
    server?.close()
    server = tls.createServer(buildTlsOptions(given)).listen(0, '127.0.0.1')
    server.on('tlsClientError', () => {})
    await once(server, 'listening')
  }

  const meet = async (more: tls.ConnectionOptions = {}): Promise<Met> => {
    const { port } = server.address() as AddressInfo
    const accepted = once(server, 'secureConnection') as Promise<[tls.TLSSocket]>
    accepted.catch(() => {})
    const options = { port, host: '127.0.0.1', servername: 'localhost', ca: root.pem, ...more }
    const socket = tls.connect(options)
    open.push(socket)
    await once(socket, 'secureConnect')
    const [peer] = await accepted
    open.push(peer)
    return { socket, peer }
  }

  const showing = ({ pem, keyPem }: TestCertificate) => ({ cert: pem, key: keyPem })

  before(() => listen(material()))
  after(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })

  it('asks for a certificate and does without one', async () => {
    const without = await meet()
    assert.equal(without.peer.getPeerX509Certificate(), undefined)
    const bearing = await meet(showing(client))
    assert.equal(bearing.peer.authorized, true)
    const selfSigned = await meet(showing(await issueTestCertificate({ subject: 'CN=self' })))
    assert.equal(selfSigned.peer.authorized, false)
    assert.equal(selfSigned.peer.getPeerX509Certificate()?.subject, 'CN=self')
  })

  it('prefers TLS 1.3, accepts 1.2, refuses 1.1', async () => {
    assert.equal((await meet()).socket.getProtocol(), 'TLSv1.3')
    assert.equal((await meet({ maxVersion: 'TLSv1.2' })).socket.getProtocol(), 'TLSv1.2')
    const old = {
      minVersion: 'TLSv1.1',
      maxVersion: 'TLSv1.1',
      ciphers: 'ALL:@SECLEVEL=0',
    } as const
    await assert.rejects(meet(old), /protocol version|EPROTO|ECONNRESET/i)
  })

  it('agrees on ephemeral keys and authenticated encryption only', async () => {
    const offered = (ciphers: string) => meet({ maxVersion: 'TLSv1.2', ciphers })
    for (const suite of ['AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'CHACHA20-POLY1305']) {
      const { socket } = await offered(`ECDHE-ECDSA-${suite}`)
      assert.equal(socket.getCipher().name, `ECDHE-ECDSA-${suite}`)
    }
    for (const suite of [
      'ECDHE-ECDSA-AES128-SHA256',
      'ECDHE-ECDSA-AES128-SHA',
      'AES128-GCM-SHA256',
    ]) {
      await assert.rejects(offered(suite))
    }
  })

  it('does not renegotiate', async () => {
    const { socket, peer } = await meet({ maxVersion: 'TLSv1.2' })
    peer.on('error', () => {})
    const outcome = await new Promise<string>((fulfil) => {
      socket.on('error', (error) => fulfil(error.message))
      socket.renegotiate({}, (error) => fulfil(error === null ? 'renegotiated' : error.message))
    })
    assert.match(outcome, /no renegotiation/i)
  })

  it('does not let the authorities of the web vouch for clients', async () => {
    const roots = tls.getCACertificates('default')
    tls.setDefaultCACertificates([root.pem])
    try {
      // That this default would have counted is what makes the two refusals below mean something.
      const open = { cert: shown.pem, key: shown.keyPem, requestCert: true } as const
      server.close()
      server = tls.createServer({ ...open, rejectUnauthorized: false }).listen(0, '127.0.0.1')
      await once(server, 'listening')
      assert.equal((await meet(showing(client))).peer.authorized, true)
      await listen(material({ clientCaPem: [] }))
      assert.equal((await meet(showing(client))).peer.authorized, false)
      await listen(material({ announceClientAuthorities: false }))
      assert.equal((await meet(showing(client))).peer.authorized, false)
    } finally {
      tls.setDefaultCACertificates(roots)
    }
  })

  it('puts in new certificates and authorities, and resumes no session from before', async () => {
    await listen(material())
    const first = await meet(showing(client))
    const sessions: Buffer[] = []
    first.socket.on('session', (session) => sessions.push(session))
    first.peer.write('x')
    await once(first.socket, 'data')
    const session = sessions.at(-1)
    assert.ok(session)
    const resumed = await meet({ ...showing(client), session })
    assert.equal(resumed.peer.isSessionReused(), true)
    assert.equal(resumed.peer.authorized, true)

    reloadTls(server, {
      certPem: renewed.pem,
      keyPem: renewed.keyPem,
      clientCaPem: [otherRoot.pem],
    })
    const later = await meet({ ...showing(client), session })
    assert.equal(later.peer.isSessionReused(), false)
    assert.equal(later.peer.authorized, false)
    assert.equal(later.socket.getPeerX509Certificate()?.subject, 'CN=renewed')
    first.peer.write('y')
    assert.equal(String((await once(first.socket, 'data'))[0]), 'y')
  })

  const broken: readonly (readonly [string, Partial<TlsMaterial>])[] = [
    ['a key of another certificate', { keyPem: renewed.keyPem }],
    ['a torn certificate', { certPem: shown.pem.slice(0, 200) }],
    ['a key that is too weak to serve', { certPem: weak.pem, keyPem: weak.keyPem }],
    ['an empty key', { keyPem: '' }],
    ['an empty certificate', { certPem: '' }],
    ['an empty authority file', { clientCaPem: [''] }],
    ['a torn authority', { clientCaPem: [root.pem.replace(/\n.{20}/, '\n')] }],
    [
      'an authority that lost its end',
      { clientCaPem: [`${root.pem}${otherRoot.pem.slice(0, 99)}`] },
    ],
    ['a private key among the authorities', { clientCaPem: [`${root.pem}${root.keyPem}`] }],
  ]
  for (const [what, more] of broken) {
    it(`keeps the old certificates when the new material has ${what}`, async () => {
      await listen(material())
      assert.throws(() => reloadTls(server, material(more)))
      assert.throws(() => buildTlsOptions(material(more)))
      const { socket, peer } = await meet(showing(client))
      assert.equal(socket.getPeerX509Certificate()?.subject, 'CN=shown')
      assert.equal(peer.authorized, true)
    })
  }

  it('reads several authorities from one file, with text around them', () => {
    const text = `# ours\n${root.pem}\nthe other one\n${otherRoot.pem}`
    assert.deepEqual(readClientAuthorities([text, middle.pem]), [
      root.der,
      otherRoot.der,
      middle.der,
    ])
  })
})

describe('watchTlsFiles', () => {
  let directory = ''
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'mintmark-tls-'))
  })
  after(() => rm(directory, { recursive: true, force: true }))

  /** Everything the watch does, in order; resolves the promise of the next one. */
  const recorder = () => {
    const seen: string[] = []
    let wake = (): void => {}
    return {
      seen,
      note: (what: string) => {
        seen.push(what)
        wake()
      },
      next: () =>
        new Promise<void>((fulfil) => {
          const alive = setInterval(() => {}, 1000)
          wake = () => {
            clearInterval(alive)
            fulfil()
          }
        }),
    }
  }

  const replace = async (path: string, text: string): Promise<void> => {
    await writeFile(`${path}.new`, text)
    await rename(`${path}.new`, path)
  }

  it('reloads after a rename, tells of a fault, and goes on watching', async () => {
    const path = join(directory, 'server.crt')
    await writeFile(path, 'first')
    const { seen, note, next } = recorder()
    let isBroken = true
    const reload = (): void => {
      if (isBroken) throw new Error('torn')
      note('reloaded')
    }
    const stop = watchTlsFiles([path], reload, (fault) => note(String(fault)), 20)
    try {
      const failing = next()
      await replace(path, 'second')
      await failing
      isBroken = false
      const mended = next()
      await replace(path, 'third!')
      await mended
      assert.deepEqual(seen, ['Error: torn', 'reloaded'])
    } finally {
      stop()
    }
  })

  it('sees a symbolic link that is moved to another file', async () => {
    const path = join(directory, 'link.crt')
    await writeFile(join(directory, 'one'), 'one')
    await writeFile(join(directory, 'two'), 'two')
    await symlink('one', path)
    const { seen, note, next } = recorder()
    const stop = watchTlsFiles([path], () => note('reloaded'), String, 20)
    try {
      const moved = next()
      await symlink('two', `${path}.new`)
      await rename(`${path}.new`, path)
      await moved
      assert.deepEqual(seen, ['reloaded'])
    } finally {
      stop()
    }
  })
})
