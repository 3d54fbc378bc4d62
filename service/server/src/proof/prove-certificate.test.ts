import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import {
  type ConnectionOptions,
  connect,
  createServer,
  type Server,
  type TLSSocket,
} from 'node:tls'
import type { Refusal } from '@mintmark/protocol/refusal'
import type { Result } from '@mintmark/protocol/result'
import {
  issueTestCertificate,
  makeTestAuthority,
  type TestCertificate,
  type TestCertificateWish,
} from '../certificates/test-authority.ts'
import { buildTlsOptions } from '../http/tls-door.ts'
import {
  type PresentedCertificate,
  provePkiCertificate,
  proveRegisteredCertificate,
  readHandshakeCertificate,
  readHeaderCertificate,
} from './prove-certificate.ts'

const hourMs = 3_600_000
const nowMs = Date.now()
const root = await makeTestAuthority('CN=root')
const middle = await makeTestAuthority('CN=middle', {}, root)
const otherRoot = await makeTestAuthority('CN=other root')
const shown = await issueTestCertificate(
  { dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'] },
  root,
)
const leaf = (wish: TestCertificateWish = {}, issuer: TestCertificate | null = root) =>
  issueTestCertificate(
    {
      subject: 'CN=billing',
      extendedKeyUsages: ['clientAuth'],
      dnsNames: ['billing.example'],
      ...wish,
    },
    issuer,
  )
const good = await leaf()
const outside = 'CERTIFICATE_OUTSIDE_VALIDITY'
const billing = { kind: 'san_dns', value: 'billing.example' } as const

const reasonOf = (result: Result<unknown, Refusal>): string =>
  result.ok ? 'proven' : result.failure.reason

describe('a certificate of the handshake', () => {
  let server: Server
  const sockets: TLSSocket[] = []

  before(async () => {
    const options = buildTlsOptions({
      certPem: shown.pem,
      keyPem: shown.keyPem,
      clientCaPem: [root.pem],
    })
    server = createServer(options).listen(0, '127.0.0.1')
    server.on('secureConnection', (socket) => socket.on('error', () => {}))
    await once(server, 'listening')
  })
  after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })

  const meet = async (
    certificate: TestCertificate | null,
    chain: readonly TestCertificate[] = [],
    more: ConnectionOptions = {},
  ) => {
    const accepted = once(server, 'secureConnection') as Promise<[TLSSocket]>
    const pem = certificate === null ? '' : [certificate, ...chain].map((each) => each.pem).join('')
    const socket = connect({
      port: (server.address() as AddressInfo).port,
      host: '127.0.0.1',
      servername: 'localhost',
      ca: root.pem,
      ...(certificate === null ? {} : { cert: pem, key: certificate.keyPem }),
      ...more,
    })
    const [peer] = await accepted
    sockets.push(socket, peer)
    return { socket, peer, presented: readHandshakeCertificate(peer) }
  }

  const sessionOf = async ({ socket, peer }: { socket: TLSSocket; peer: TLSSocket }) => {
    let session: Buffer | undefined
    socket.on('session', (each) => {
      session = each
    })
    peer.write('x')
    await once(socket, 'data')
    return (session ?? socket.getSession()) as Buffer
  }

  it('is read once a connection', async () => {
    const { peer, presented } = await meet(good)
    assert.ok(presented)
    assert.deepEqual(Buffer.from(presented.der), Buffer.from(good.der))
    assert.equal(presented.x5tS256, good.x5tS256)
    assert.deepEqual(
      [presented.verified, presented.verificationError, presented.source],
      [true, null, 'handshake'],
    )
    assert.equal(readHandshakeCertificate(peer), presented)
  })

  it('is judged once for all connections once it has proven a client, in its time', async () => {
    const below = await leaf({ subject: 'CN=often' }, middle)
    type Shown = PresentedCertificate | null
    const prove = (certificate: Shown, anchors = [root.der], at = nowMs) =>
      reasonOf(provePkiCertificate({ certificate, matcher: billing, anchors, nowMs: at }))
    const first = await meet(below, [middle])
    assert.notEqual((await meet(below, [middle])).presented, first.presented)
    assert.equal(prove(first.presented), 'proven')
    const again = await meet(below, [middle])
    assert.equal(again.presented, first.presented)
    assert.equal(prove(again.presented), 'proven')
    assert.equal(prove(again.presented, [otherRoot.der]), 'CERTIFICATE_UNTRUSTED')
    assert.equal(prove(again.presented, [root.der], nowMs + 2 * hourMs), outside)
    // another chain is another matter, and so is what has proven nobody
    assert.notEqual((await meet(below)).presented, first.presented)
    const stranger = await leaf({ subject: 'CN=often' }, otherRoot)
    const strange = await meet(stranger)
    assert.equal(prove(strange.presented), 'CERTIFICATE_UNTRUSTED')
    assert.notEqual((await meet(stranger)).presented, strange.presented)
  })

  it('is null without one (MT-03)', async () => {
    const { presented } = await meet(null)
    assert.equal(presented, null)
    const pki = provePkiCertificate({
      certificate: presented,
      matcher: billing,
      anchors: null,
      nowMs,
    })
    assert.equal(reasonOf(pki), 'CERTIFICATE_MISSING')
    const exact = proveRegisteredCertificate({
      certificate: presented,
      registeredX5tS256: [],
      nowMs,
    })
    assert.equal(reasonOf(exact), 'CERTIFICATE_MISSING')
  })

  it('brings its chain along', async () => {
    const below = await leaf({}, middle)
    const { presented } = await meet(below, [middle])
    assert.deepEqual(
      presented?.chain.map((der) => new X509Certificate(der).subject),
      ['CN=middle'],
    )
  })

  it('stays with a resumed session, and does not come to one without (MT-25)', async () => {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const first = await meet(good, [], { maxVersion })
      const session = await sessionOf(first)
      const other = await leaf({ subject: 'CN=other' })
      const resumed = await meet(other, [], { maxVersion, session })
      assert.equal(resumed.peer.isSessionReused(), true)
      assert.equal(resumed.presented?.x5tS256, good.x5tS256)

      const bare = await meet(null, [], { maxVersion })
      const bareSession = await sessionOf(bare)
      const bareResumed = await meet(good, [], { maxVersion, session: bareSession })
      assert.equal(bareResumed.peer.isSessionReused(), true)
      assert.equal(bareResumed.presented, null)
    }
  })

  it('finds its way to an anchor in a resumed session, which has lost the chain', async () => {
    const below = await leaf({}, middle)
    const first = await meet(below, [middle])
    const prove = (certificate: PresentedCertificate | null, at = nowMs) =>
      provePkiCertificate({ certificate, matcher: billing, anchors: [root.der], nowMs: at })
    assert.equal(reasonOf(prove(first.presented)), 'proven')
    const session = await sessionOf(first)
    const resumed = await meet(null, [], { session })
    assert.deepEqual(resumed.presented?.chain, [])
    assert.equal(reasonOf(prove(resumed.presented)), 'proven')
    // The stack goes on saying yes: its verdict is that of the first handshake.
    assert.equal(resumed.presented?.verified, true)
    assert.equal(
      reasonOf(prove(resumed.presented, nowMs + 2 * hourMs)),
      'CERTIFICATE_OUTSIDE_VALIDITY',
    )
  })

  it('proves a client by the verdict of the stack, and by more than that', async () => {
    const prove = async (certificate: TestCertificate, chain: readonly TestCertificate[] = []) => {
      const { presented } = await meet(certificate, chain)
      return reasonOf(
        provePkiCertificate({ certificate: presented, matcher: billing, anchors: null, nowMs }),
      )
    }
    assert.equal(await prove(good), 'proven')
    assert.equal(await prove(await leaf({}, middle), [middle]), 'proven')
    assert.equal(await prove(await leaf({}, otherRoot)), 'CERTIFICATE_UNTRUSTED')
    assert.equal(await prove(await leaf({}, null)), 'CERTIFICATE_UNTRUSTED')
    const authority = { isAuthority: true, keyUsages: ['digitalSignature', 'keyCertSign'] } as const
    assert.equal(await prove(await leaf(authority)), 'CERTIFICATE_UNTRUSTED')
    assert.equal(
      await prove(await leaf({ extendedKeyUsages: ['serverAuth'] })),
      'CERTIFICATE_UNTRUSTED',
    )
    assert.equal(
      await prove(await leaf({ dnsNames: ['other.example'] })),
      'CERTIFICATE_SUBJECT_MISMATCH',
    )
  })
})

const presentedOf = (
  { der, x5tS256 }: TestCertificate,
  chain: readonly TestCertificate[] = [],
): PresentedCertificate => ({
  der,
  x5tS256,
  chain: chain.map((each) => each.der),
  verified: true,
  verificationError: null,
  source: 'handshake',
})

describe('provePkiCertificate', () => {
  const prove = (
    certificate: PresentedCertificate,
    anchors: readonly TestCertificate[],
    at: number = nowMs,
  ) =>
    provePkiCertificate({
      certificate,
      matcher: billing,
      anchors: anchors.map((each) => each.der),
      nowMs: at,
    })

  it('gives the thumbprint that tokens are bound to (MT-15)', () => {
    const fingerprint = new X509Certificate(good.der).fingerprint256.replaceAll(':', '')
    const x5tS256 = Buffer.from(fingerprint, 'hex').toString('base64url')
    assert.deepEqual(prove(presentedOf(good), [root]), { ok: true, value: { x5tS256 } })
    assert.equal(x5tS256.length, 43)
  })

  it('asks for the client’s own anchors, whatever the stack says (MT-11)', async () => {
    assert.equal(reasonOf(prove(presentedOf(good), [otherRoot])), 'CERTIFICATE_UNTRUSTED')
    assert.equal(reasonOf(prove(presentedOf(good), [])), 'CERTIFICATE_UNTRUSTED')
    assert.equal(reasonOf(prove(presentedOf(good), [otherRoot, root])), 'proven')
    const unverified = { ...presentedOf(await leaf({}, otherRoot)), verified: false }
    assert.equal(reasonOf(prove(unverified, [otherRoot])), 'proven')
    const { failure } = prove(presentedOf(good), [otherRoot]) as { failure: Refusal }
    assert.match(failure.operator ?? '', /CN=billing.*no issuer/)
  })

  it('tells an ended certificate from a foreign one (MT-10)', () => {
    const presented = presentedOf(good)
    assert.equal(reasonOf(prove(presented, [root])), 'proven')
    assert.equal(
      reasonOf(prove(presented, [root], nowMs + 2 * hourMs)),
      'CERTIFICATE_OUTSIDE_VALIDITY',
    )
    assert.equal(
      reasonOf(prove(presented, [root], nowMs - 2 * hourMs)),
      'CERTIFICATE_OUTSIDE_VALIDITY',
    )
    const byStack = { certificate: presented, matcher: billing, anchors: null }
    const late = provePkiCertificate({ ...byStack, nowMs: nowMs + 2 * hourMs })
    assert.equal(reasonOf(late), 'CERTIFICATE_OUTSIDE_VALIDITY')
  })

  it('judges a certificate once, and anew under other anchors or at another time', (t) => {
    const presented = presentedOf(good)
    const verify = t.mock.method(X509Certificate.prototype, 'verify')
    prove(presented, [root])
    prove(presented, [root], nowMs + 1000)
    assert.equal(verify.mock.callCount(), 1)
    assert.equal(reasonOf(prove(presented, [otherRoot])), 'CERTIFICATE_UNTRUSTED')
    assert.equal(reasonOf(prove(presented, [root])), 'proven')
    assert.equal(verify.mock.callCount(), 2)
  })

  it('does not remember for another certificate what helped a proven one', async () => {
    const below = await leaf({}, middle)
    const stranger = await leaf({}, middle)
    assert.equal(reasonOf(prove(presentedOf(stranger), [root])), 'CERTIFICATE_UNTRUSTED')
    assert.equal(reasonOf(prove(presentedOf(below, [middle]), [root])), 'proven')
    assert.equal(reasonOf(prove(presentedOf(below), [root])), 'proven')
    assert.equal(reasonOf(prove(presentedOf(stranger), [root])), 'CERTIFICATE_UNTRUSTED')
    // The remembered chain is a hint only: it leads to no anchor that is not asked for.
    assert.equal(reasonOf(prove(presentedOf(below), [otherRoot])), 'CERTIFICATE_UNTRUSTED')
  })

  const matchers = [
    ['subject_dn', 'cn = billing,  o=Org', 'proven'],
    ['subject_dn', 'o=Org,cn=billing', 'CERTIFICATE_SUBJECT_MISMATCH'],
    ['subject_dn', 'cn=bill,o=Org', 'CERTIFICATE_SUBJECT_MISMATCH'],
    ['san_dns', 'BILLING.example', 'proven'],
    ['san_dns', 'a.wild.example', 'CERTIFICATE_SUBJECT_MISMATCH'],
    ['san_dns', 'billing', 'CERTIFICATE_SUBJECT_MISMATCH'],
    ['san_uri', 'https://billing.example/A', 'proven'],
    ['san_uri', 'https://billing.example/a', 'CERTIFICATE_SUBJECT_MISMATCH'],
    ['san_ip', '2001:db8:0:0:0:0:0:1', 'proven'],
    ['san_ip', '10.0.0.1', 'proven'],
    ['san_ip', '::ffff:10.0.0.1', 'CERTIFICATE_SUBJECT_MISMATCH'],
    ['san_email', 'Ops@BILLING.example', 'proven'],
    ['san_email', 'ops@billing.example', 'CERTIFICATE_SUBJECT_MISMATCH'],
  ] as const
  it('compares the one registered name (MT-05 to MT-09)', async () => {
    const certificate = presentedOf(
      await leaf({
        subject: [{ O: [{ printableString: 'Org' }] }, { CN: [{ utf8String: 'billing' }] }],
        dnsNames: ['billing.example', '*.wild.example'],
        uris: ['https://billing.example/A'],
        ipAddresses: ['10.0.0.1', '2001:db8::1'],
        emailAddresses: ['Ops@billing.example'],
      }),
    )
    for (const [kind, value, expected] of matchers) {
      const proven = provePkiCertificate({
        certificate,
        matcher: { kind, value },
        anchors: [root.der],
        nowMs,
      })
      assert.equal(reasonOf(proven), expected, `${kind} ${value}`)
    }
  })

  it('refuses bytes that are no certificate', () => {
    const presented = { ...presentedOf(good), der: Buffer.from('3003020100', 'hex') }
    assert.equal(reasonOf(prove(presented, [root])), 'CERTIFICATE_UNTRUSTED')
    const anchors = { ...root, der: Buffer.from('3003020100', 'hex') }
    assert.equal(reasonOf(prove(presentedOf(good), [anchors])), 'CERTIFICATE_UNTRUSTED')
  })
})

describe('proveRegisteredCertificate', () => {
  const prove = (
    certificate: TestCertificate,
    registered: readonly TestCertificate[],
    at: number = nowMs,
  ) =>
    proveRegisteredCertificate({
      certificate: presentedOf(certificate),
      registeredX5tS256: registered.map((each) => each.x5tS256),
      nowMs: at,
    })

  it('accepts the very certificate and nothing alike (MT-13)', async () => {
    const self = await leaf({}, null)
    const again = await leaf({ keys: self.keys }, null)
    assert.deepEqual(prove(self, [good, self]), { ok: true, value: { x5tS256: self.x5tS256 } })
    assert.equal(reasonOf(prove(again, [self])), 'CERTIFICATE_NOT_REGISTERED')
    assert.equal(reasonOf(prove(good, [self])), 'CERTIFICATE_NOT_REGISTERED')
    assert.equal(reasonOf(prove(self, [])), 'CERTIFICATE_NOT_REGISTERED')
  })

  it('accepts it while it says that it is valid', async () => {
    const self = await leaf({}, null)
    assert.equal(reasonOf(prove(self, [self], nowMs + 2 * hourMs)), 'CERTIFICATE_OUTSIDE_VALIDITY')
    assert.equal(reasonOf(prove(self, [self], nowMs - 2 * hourMs)), 'CERTIFICATE_OUTSIDE_VALIDITY')
  })

  it('does not ask what kind of certificate it is', async () => {
    const odd = await leaf({ isAuthority: true, extendedKeyUsages: ['serverAuth'] }, null)
    assert.equal(reasonOf(prove(odd, [odd])), 'proven')
  })

  it('refuses registered bytes that are no certificate', () => {
    const junk = { ...good, der: Buffer.from('3003020100', 'hex') }
    assert.equal(reasonOf(prove(junk, [junk])), 'CERTIFICATE_UNTRUSTED')
  })
})

describe('readHeaderCertificate', () => {
  const field = ({ der }: TestCertificate) => `:${Buffer.from(der).toString('base64')}:`
  const read = (headers: Record<string, string>) => readHeaderCertificate({ headers })

  it('reads certificate and chain, and judges them itself', async () => {
    const below = await leaf({}, middle)
    const headers = {
      'client-cert': field(below),
      'client-cert-chain': `${field(middle)}, ${field(root)}`,
    }
    const found = read(headers)
    assert.ok(found.ok && found.value)
    assert.equal(found.value.x5tS256, below.x5tS256)
    assert.equal(found.value.source, 'header')
    assert.equal(found.value.chain.length, 2)
    const wish = { certificate: found.value, matcher: billing, nowMs }
    assert.equal(reasonOf(provePkiCertificate({ ...wish, anchors: [root.der] })), 'proven')
    assert.equal(
      reasonOf(provePkiCertificate({ ...wish, anchors: [otherRoot.der] })),
      'CERTIFICATE_UNTRUSTED',
    )
    // Nothing that a proxy says makes it verified.
    assert.equal(reasonOf(provePkiCertificate({ ...wish, anchors: null })), 'CERTIFICATE_UNTRUSTED')
    const again = read(headers)
    assert.equal(again.ok && again.value, found.value)
  })

  it('is null without the field', () => {
    assert.deepEqual(read({}), { ok: true, value: null })
  })

  const broken: readonly (readonly [string, Record<string, string>])[] = [
    ['two fields, as Node joins them', { 'client-cert': `${field(good)}, ${field(good)}` }],
    ['bad base64', { 'client-cert': ':MII*:' }],
    ['no colons', { 'client-cert': field(good).slice(1, -1) }],
    ['something behind it', { 'client-cert': `${field(good)};a=1` }],
    ['PEM', { 'client-cert': encodeURIComponent(good.pem) }],
    ['an empty field', { 'client-cert': '' }],
    ['a broken chain', { 'client-cert': field(good), 'client-cert-chain': `${field(root)},` }],
    [
      'a chain without end',
      { 'client-cert': field(good), 'client-cert-chain': Array(9).fill(field(root)).join(',') },
    ],
  ]
  for (const [what, headers] of broken) {
    it(`refuses ${what} (MT-24)`, () => {
      assert.equal(reasonOf(read(headers)), 'CERTIFICATE_HEADER_MALFORMED')
    })
  }
})
