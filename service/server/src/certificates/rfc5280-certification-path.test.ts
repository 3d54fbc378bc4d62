import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { readCertificate } from './rfc5280-certificate.ts'
import { findCertificationPath } from './rfc5280-certification-path.ts'
import {
  issueTestCertificate,
  makeTestAuthority,
  makeTestKeys,
  type TestCertificate,
  type TestCertificateWish,
} from './test-authority.ts'

const hourMs = 3_600_000
const nowMs = Date.now()
const client: TestCertificateWish = {
  subject: 'CN=billing',
  extendedKeyUsages: ['clientAuth'],
  keyUsages: ['digitalSignature'],
}

const root = await makeTestAuthority('O=Org,CN=root')
const weakRoot = await makeTestAuthority('CN=weak root', { keyKind: 'rsa-1024' })
const rsaRoot = await makeTestAuthority('CN=rsa root', { keyKind: 'rsa-2048' })
const pssRoot = await makeTestAuthority('CN=pss root', { keyKind: 'rsa-pss-2048' })
const edRoot = await makeTestAuthority('CN=ed root', { keyKind: 'ed25519' })
const oldRoot = await makeTestAuthority('CN=old root', {
  notBeforeMs: nowMs - 2 * hourMs,
  notAfterMs: nowMs - hourMs,
})
const serverRoot = await makeTestAuthority('CN=server root', { extendedKeyUsages: ['serverAuth'] })
const foreignRoot = await makeTestAuthority('CN=foreign root')
/** The same name as the root, another key: found by name, refused by signature. */
const impostor = await makeTestAuthority('O=Org,CN=root')

const roots = [root, weakRoot, rsaRoot, pssRoot, edRoot, oldRoot, serverRoot]

const middle = await makeTestAuthority('CN=middle', { pathLength: 0 }, root)
const lower = await makeTestAuthority('CN=lower', {}, middle)
const wide = await makeTestAuthority('CN=wide', {}, root)
const wideLower = await makeTestAuthority('CN=wide lower', {}, wide)
const noAuthority = await issueTestCertificate({ subject: 'CN=no authority' }, root)
const noCertSign = await makeTestAuthority('CN=x', { keyUsages: ['digitalSignature'] }, root)
const oldMiddle = await makeTestAuthority(
  'CN=old middle',
  { notBeforeMs: nowMs - 2 * hourMs, notAfterMs: nowMs - hourMs },
  root,
)
const serverMiddle = await makeTestAuthority('CN=s', { extendedKeyUsages: ['serverAuth'] }, root)
const sha1Middle = await makeTestAuthority('CN=sha1', { signatureHash: 'SHA-1' }, root)
const unknownMiddle = await makeTestAuthority(
  'CN=unknown',
  { hasUnknownCriticalExtension: true },
  root,
)

const constrained = (permitted: TestCertificateWish['permitted'], excluded = {}) =>
  makeTestAuthority('CN=constrained', { permitted: permitted ?? {}, excluded }, root)

const leaf = (wish: TestCertificateWish, issuer: TestCertificate | null) =>
  issueTestCertificate({ ...client, ...wish }, issuer)

interface Case {
  readonly what: string
  readonly leaf: TestCertificate
  readonly chain: readonly TestCertificate[]
  readonly verdict: 'valid' | 'untrusted' | 'outside validity'
  /** Where OpenSSL, as Node's TLS calls it, says otherwise, and why that is no mistake of ours. */
  readonly openssl?: 'differs'
}

const valid = 'valid'
const untrusted = 'untrusted'
const outside = 'outside validity'

const underConstraints = async (
  what: string,
  permitted: TestCertificateWish['permitted'],
  wish: TestCertificateWish,
  verdict: Case['verdict'],
  excluded: TestCertificateWish['excluded'] = {},
): Promise<Case> => {
  const authority = await constrained(permitted, excluded)
  return { what, leaf: await leaf(wish, authority), chain: [authority], verdict }
}

const cases: readonly Case[] = [
  { what: 'leaf of a root', leaf: await leaf({}, root), chain: [], verdict: valid },
  {
    what: 'leaf of an intermediate',
    leaf: await leaf({}, middle),
    chain: [middle],
    verdict: valid,
  },
  {
    what: 'two intermediates, sent in the wrong order with strangers among them',
    leaf: await leaf({}, wideLower),
    chain: [foreignRoot, wide, root, wideLower, wideLower],
    verdict: valid,
  },
  {
    what: 'no purposes and no usages stated',
    leaf: await issueTestCertificate({}, root),
    chain: [],
    verdict: valid,
  },
  { what: 'signed with RSA', leaf: await leaf({}, rsaRoot), chain: [], verdict: valid },
  { what: 'signed with RSA-PSS', leaf: await leaf({}, pssRoot), chain: [], verdict: valid },
  { what: 'signed with Ed25519', leaf: await leaf({}, edRoot), chain: [], verdict: valid },
  { what: 'missing intermediate', leaf: await leaf({}, middle), chain: [], verdict: untrusted },
  {
    what: 'unknown root',
    leaf: await leaf({}, foreignRoot),
    chain: [foreignRoot],
    verdict: untrusted,
  },
  {
    what: 'root of the same name',
    leaf: await leaf({}, impostor),
    chain: [impostor],
    verdict: untrusted,
  },
  { what: 'self-signed', leaf: await leaf({}, null), chain: [], verdict: untrusted },
  {
    what: 'CA:TRUE leaf',
    leaf: await leaf({ isAuthority: true, keyUsages: ['digitalSignature', 'keyCertSign'] }, root),
    chain: [],
    verdict: untrusted,
    openssl: 'differs', // OpenSSL lets an authority act as a client
  },
  {
    what: 'for servers',
    leaf: await leaf({ extendedKeyUsages: ['serverAuth'] }, root),
    chain: [],
    verdict: untrusted,
  },
  {
    what: 'for any purpose',
    leaf: await leaf({ extendedKeyUsages: ['2.5.29.37.0'] }, root),
    chain: [],
    verdict: untrusted,
  },
  {
    what: 'for both',
    leaf: await leaf({ extendedKeyUsages: ['serverAuth', 'clientAuth'] }, root),
    chain: [],
    verdict: valid,
  },
  {
    what: 'encryption only',
    leaf: await leaf({ keyUsages: ['keyEncipherment'] }, root),
    chain: [],
    verdict: untrusted,
  },
  {
    what: 'expired',
    leaf: await leaf({ notBeforeMs: nowMs - 2 * hourMs, notAfterMs: nowMs - hourMs }, root),
    chain: [],
    verdict: outside,
  },
  {
    what: 'not yet valid',
    leaf: await leaf({ notBeforeMs: nowMs + hourMs, notAfterMs: nowMs + 2 * hourMs }, root),
    chain: [],
    verdict: outside,
  },
  {
    what: 'expired intermediate',
    leaf: await leaf({}, oldMiddle),
    chain: [oldMiddle],
    verdict: outside,
  },
  { what: 'expired root', leaf: await leaf({}, oldRoot), chain: [], verdict: outside },
  {
    what: 'path longer than allowed',
    leaf: await leaf({}, lower),
    chain: [lower, middle],
    verdict: untrusted,
  },
  {
    what: 'intermediate that is no authority',
    leaf: await leaf({}, noAuthority),
    chain: [noAuthority],
    verdict: untrusted,
  },
  {
    what: 'intermediate that may not sign',
    leaf: await leaf({}, noCertSign),
    chain: [noCertSign],
    verdict: untrusted,
  },
  {
    what: 'intermediate for servers',
    leaf: await leaf({}, serverMiddle),
    chain: [serverMiddle],
    verdict: untrusted,
  },
  { what: 'root for servers', leaf: await leaf({}, serverRoot), chain: [], verdict: untrusted },
  {
    what: 'SHA-1 ECDSA signature',
    leaf: await leaf({ signatureHash: 'SHA-1' }, root),
    chain: [],
    verdict: untrusted,
  },
  {
    what: 'SHA-1 RSA signature',
    leaf: await leaf({ signatureHash: 'SHA-1' }, rsaRoot),
    chain: [],
    verdict: untrusted,
  },
  {
    what: 'SHA-1 RSA-PSS signature',
    leaf: await leaf({ signatureHash: 'SHA-1' }, pssRoot),
    chain: [],
    verdict: untrusted,
  },
  {
    what: 'SHA-1 on the intermediate',
    leaf: await leaf({}, sha1Middle),
    chain: [sha1Middle],
    verdict: untrusted,
  },
  { what: 'RSA-1024 root', leaf: await leaf({}, weakRoot), chain: [], verdict: untrusted },
  {
    what: 'unknown critical extension',
    leaf: await leaf({ hasUnknownCriticalExtension: true }, root),
    chain: [],
    verdict: untrusted,
  },
  {
    what: 'unknown critical extension above',
    leaf: await leaf({}, unknownMiddle),
    chain: [unknownMiddle],
    verdict: untrusted,
  },
  await underConstraints(
    'dns below',
    { dnsNames: ['a.example'] },
    { dnsNames: ['x.a.example'] },
    valid,
  ),
  await underConstraints(
    'dns itself, other case',
    { dnsNames: ['A.example'] },
    { dnsNames: ['a.EXAMPLE'] },
    valid,
  ),
  await underConstraints(
    'dns that only ends alike',
    { dnsNames: ['a.example'] },
    { dnsNames: ['xa.example'] },
    untrusted,
  ),
  await underConstraints(
    'dns, one of two outside',
    { dnsNames: ['a.example'] },
    { dnsNames: ['x.a.example', 'b.example'] },
    untrusted,
  ),
  await underConstraints('dns excluded', {}, { dnsNames: ['x.a.example'] }, untrusted, {
    dnsNames: ['a.example'],
  }),
  await underConstraints('dns beside the excluded', {}, { dnsNames: ['b.example'] }, valid, {
    dnsNames: ['a.example'],
  }),
  await underConstraints(
    'dns permitted, uri free',
    { dnsNames: ['a.example'] },
    { uris: ['urn:x'] },
    valid,
  ),
  await underConstraints(
    'email of the host',
    { emailAddresses: ['a.example'] },
    { emailAddresses: ['x@a.example'] },
    valid,
  ),
  await underConstraints(
    'email of a host below',
    { emailAddresses: ['a.example'] },
    { emailAddresses: ['x@b.a.example'] },
    untrusted,
  ),
  await underConstraints(
    'email below a dot',
    { emailAddresses: ['.a.example'] },
    { emailAddresses: ['x@b.a.example'] },
    valid,
  ),
  await underConstraints(
    'one mailbox',
    { emailAddresses: ['x@a.example'] },
    { emailAddresses: ['x@A.example'] },
    valid,
  ),
  await underConstraints(
    'another mailbox',
    { emailAddresses: ['x@a.example'] },
    { emailAddresses: ['X@a.example'] },
    untrusted,
  ),
  await underConstraints(
    'email in the subject',
    { emailAddresses: ['a.example'] },
    { subject: 'CN=x,E=x@b.example' },
    untrusted,
  ),
  await underConstraints(
    'uri host',
    { uris: ['a.example'] },
    { uris: ['https://a.example/x'] },
    valid,
  ),
  await underConstraints(
    'uri host with user and port',
    { uris: ['a.example'] },
    { uris: ['https://u@a.example:9/x'] },
    valid,
  ),
  await underConstraints(
    'uri of another host',
    { uris: ['a.example'] },
    { uris: ['https://b.example/a.example'] },
    untrusted,
  ),
  await underConstraints(
    'uri without host',
    { uris: ['a.example'] },
    { uris: ['urn:x'] },
    untrusted,
  ),
  await underConstraints(
    'address in range',
    { ipv4Ranges: ['10.0.0.0/255.0.0.0'] },
    { ipAddresses: ['10.9.8.7'] },
    valid,
  ),
  await underConstraints(
    'address out of range',
    { ipv4Ranges: ['10.0.0.0/255.0.0.0'] },
    { ipAddresses: ['11.0.0.1'] },
    untrusted,
  ),
  await underConstraints(
    'address of the other family',
    { ipv4Ranges: ['10.0.0.0/255.0.0.0'] },
    { ipAddresses: ['2001:db8::1'] },
    untrusted,
  ),
  await underConstraints(
    'subject inside',
    { directoryNames: ['O=Org'] },
    { subject: 'O=org,CN=x' },
    valid,
  ),
  await underConstraints(
    'subject outside',
    { directoryNames: ['O=Org'] },
    { subject: 'O=Other,CN=x' },
    untrusted,
  ),
  await underConstraints('subject excluded', {}, { subject: 'O=Org,CN=x' }, untrusted, {
    directoryNames: ['O=Org'],
  }),
  await underConstraints(
    'directory name outside',
    { directoryNames: ['O=Org'] },
    { subject: 'O=Org,CN=x', directoryNames: ['O=Other'] },
    untrusted,
  ),
  await underConstraints('kind nobody has', { registeredIds: [Buffer.of(0x2a)] }, {}, valid),
]

const judge = ({ leaf: { der }, chain }: Pick<Case, 'leaf' | 'chain'>, at = nowMs) => {
  const read = readCertificate(der)
  assert.ok(read)
  return findCertificationPath({
    leaf: read,
    intermediates: chain.map((each) => each.der),
    anchors: roots.map((each) => each.der),
    nowMs: at,
  })
}

const reasons = {
  untrusted: 'CERTIFICATE_UNTRUSTED',
  'outside validity': 'CERTIFICATE_OUTSIDE_VALIDITY',
} as const

describe('RFC 5280 §6.1 certification path', () => {
  for (const each of cases) {
    it(`${each.what}: ${each.verdict}`, () => {
      const found = judge(each)
      const reason = found.ok ? null : found.failure.reason
      assert.equal(
        reason,
        each.verdict === 'valid' ? null : reasons[each.verdict],
        JSON.stringify(found),
      )
      if (!found.ok) assert.match(found.failure.operator ?? '', /“.+” .+\./)
    })
  }

  it('says yes where OpenSSL says yes in a handshake, and no where it says no', async () => {
    const shown = await issueTestCertificate({ subject: 'CN=localhost', dnsNames: ['localhost'] })
    const server = createServer({
      cert: shown.pem,
      key: shown.keyPem,
      ca: roots.map((each) => each.pem),
      requestCert: true,
      rejectUnauthorized: false,
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    try {
      for (const each of cases) {
        const accepted = once(server, 'secureConnection') as Promise<[TLSSocket]>
        const socket = connect({
          port,
          host: '127.0.0.1',
          rejectUnauthorized: false,
          cert: [each.leaf, ...each.chain].map(({ pem }) => pem).join(''),
          key: each.leaf.keyPem,
        })
        const [peer] = await accepted
        const ours = each.verdict === 'valid'
        const expected = each.openssl === 'differs' ? !ours : ours
        assert.equal(peer.authorized, expected, `${each.what}: ${String(peer.authorizationError)}`)
        socket.destroy()
        peer.destroy()
      }
    } finally {
      server.close()
    }
  })

  it('believes an intermediate that is configured as an anchor', async () => {
    const read = readCertificate((await leaf({}, middle)).der)
    assert.ok(read)
    const found = findCertificationPath({
      leaf: read,
      intermediates: [],
      anchors: [middle.der],
      nowMs,
    })
    assert.equal(found.ok && found.value.certificates.length, 2)
  })

  it('believes nothing without anchors', async () => {
    const read = readCertificate((await leaf({}, root)).der)
    assert.ok(read)
    const found = findCertificationPath({
      leaf: read,
      intermediates: [root.der],
      anchors: [],
      nowMs,
    })
    assert.equal(found.ok, false)
  })

  it('does not believe a leaf because it is its own anchor', async () => {
    const self = await leaf({}, null)
    const read = readCertificate(self.der)
    assert.ok(read)
    const found = findCertificationPath({
      leaf: read,
      intermediates: [],
      anchors: [self.der],
      nowMs,
    })
    assert.equal(found.ok, false)
  })

  it('refuses a weak key of the leaf', async () => {
    const found = judge({ leaf: await leaf({ keyKind: 'rsa-1024' }, root), chain: [] })
    assert.equal(!found.ok && found.failure.reason, 'CERTIFICATE_UNTRUSTED')
  })

  it('refuses names of a kind that is constrained and not understood', async () => {
    const authority = await constrained({ registeredIds: [Buffer.of(0x2a)] })
    const made = await leaf({}, authority)
    const read = readCertificate(made.der)
    assert.ok(read)
    const [name] = [{ tag: 0x88, content: Buffer.of(0x2a), whole: Buffer.of(0x88, 1, 0x2a) }]
    const found = findCertificationPath({
      leaf: { ...read, alternativeNames: [name] },
      intermediates: [authority.der],
      anchors: [root.der],
      nowMs,
    })
    assert.equal(found.ok, false)
  })

  it('is valid to the last second and not a millisecond longer', async () => {
    const notBeforeMs = Math.floor(nowMs / 1000) * 1000
    const wish = { notBeforeMs, notAfterMs: notBeforeMs + 60_000 }
    const made = { leaf: await leaf(wish, root), chain: [] }
    assert.equal(judge(made, notBeforeMs - 1).ok, false)
    assert.equal(judge(made, notBeforeMs).ok, true)
    assert.equal(judge(made, notBeforeMs + 60_999).ok, true)
    assert.equal(judge(made, notBeforeMs + 61_000).ok, false)
    const found = judge(made, notBeforeMs)
    assert.equal(found.ok && found.value.notAfterMs, notBeforeMs + 60_000)
  })

  it('checks at most 32 signatures, whoever could have issued whom', async (t) => {
    const keys = await makeTestKeys('ec-p256')
    const twin = () => makeTestAuthority('CN=twin', { keys })
    const chain = await Promise.all(Array.from({ length: 40 }, twin))
    const made = { leaf: await leaf({}, chain[0]!), chain }
    const verify = t.mock.method(X509Certificate.prototype, 'verify')
    assert.equal(judge(made).ok, false)
    assert.equal(verify.mock.callCount(), 32)
  })
})

describe('readCertificate', () => {
  const raw = (id: string, hex: string): TestCertificateWish => ({
    rawExtensions: [[id, true, Buffer.from(hex, 'hex')]],
  })
  const clientAuth = '300a06082b06010505070302'
  const unreadable: readonly (readonly [string, TestCertificateWish])[] = [
    ['an extension twice', { ...client, ...raw('2.5.29.37', clientAuth) }],
    ['a purpose list of none', raw('2.5.29.37', '3000')],
    ['a purpose that is no identifier', raw('2.5.29.37', '30020500')],
    ['a path length below zero', raw('2.5.29.19', '30060101ff0201ff')],
    ['basic constraints with a third part', raw('2.5.29.19', '30090101ff020100020100')],
    ['key usage without bits', raw('2.5.29.15', '030100')],
    ['empty name constraints', raw('2.5.29.30', '3000')],
    ['a subtree with a minimum', raw('2.5.29.30', '300aa0083006820161800101')],
    ['constraints permitted twice', raw('2.5.29.30', '300ea0053003820161a0053003820161')],
    ['bytes behind an extension', raw('2.5.29.37', `${clientAuth}00`)],
    ['more than 64 kB', raw('1.2.3', `0483011000${'00'.repeat(0x11000)}`)],
  ]
  for (const [what, wish] of unreadable) {
    it(`does not read ${what}`, async () => {
      assert.equal(readCertificate((await issueTestCertificate(wish, root)).der), null)
    })
  }

  it('reads the same extensions when they are well made', async () => {
    const wishes = [
      raw('2.5.29.37', clientAuth),
      raw('2.5.29.19', '30060101ff020103'),
      raw('2.5.29.15', '03020780'),
      raw('2.5.29.30', '3007a0053003820161'),
      raw('1.2.3', `0483001000${'00'.repeat(0x1000)}`),
    ]
    for (const wish of wishes) {
      const read = readCertificate((await issueTestCertificate(wish, root)).der)
      assert.ok(read, JSON.stringify(wish))
    }
    const middle = await issueTestCertificate(raw('2.5.29.19', '30060101ff020103'), root)
    assert.equal(readCertificate(middle.der)?.pathLengthMax, 3)
  })

  it('reads no torn, no padded and no random bytes', async () => {
    const { der } = await leaf({ dnsNames: ['a.example'] }, root)
    assert.ok(readCertificate(der))
    for (let length = 0; length < der.length; length += 7) {
      assert.equal(readCertificate(der.subarray(0, length)), null)
    }
    assert.equal(readCertificate(Buffer.concat([der, Buffer.of(0)])), null)
    assert.equal(readCertificate(Buffer.from(root.pem)), null)
    for (let at = 0; at < der.length; at += 1) {
      const flipped = Buffer.from(der)
      flipped[at]! ^= 0x40
      const read = readCertificate(flipped)
      if (read === null) continue
      // Whatever can still be read is not believed: the signature covers every bit.
      const found = findCertificationPath({
        leaf: read,
        intermediates: [],
        anchors: [root.der],
        nowMs,
      })
      assert.equal(found.ok, false, `bit flipped in octet ${at}`)
    }
  })
})
