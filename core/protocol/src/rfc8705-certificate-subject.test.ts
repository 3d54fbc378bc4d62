import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type CertificateNames,
  type CertificateSubjectMatcher,
  matchCertificateSubject,
  readCertificateNames,
} from './rfc8705-certificate-subject.ts'

/**
 * Made with OpenSSL for this test; its key is gone. Subject with a relative name of two attributes.
 */
const certificate = Uint8Array.from(
  Buffer.from(
    `MIICqzCCAlCgAwIBAgIUE0J53KsjkxC63G0dy4Q4+h+qowwwCgYIKoZIzj0EAwIwgYIxCzAJBgNVBAYTAkRFMRMwEQYD
VQQKDApBY21lLCBJbmMuMREwDwYDVQQLDAhNYWNoaW5lczErMBMGCgmSJomT8ixkAQEMBWpvYi03MBQGA1UEAwwNb3Jk
ZXJzIGNsaWVudDEeMBwGCSqGSIb3DQEJARYPb3BzQGV4YW1wbGUuY29tMB4XDTI2MTEyMTA1MTc0MFoXDTM2MTExODA1
MTc0MFowgYIxCzAJBgNVBAYTAkRFMRMwEQYDVQQKDApBY21lLCBJbmMuMREwDwYDVQQLDAhNYWNoaW5lczErMBMGCgmS
JomT8ixkAQEMBWpvYi03MBQGA1UEAwwNb3JkZXJzIGNsaWVudDEeMBwGCSqGSIb3DQEJARYPb3BzQGV4YW1wbGUuY29t
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEKZoWX4FhaIgu85/NAtS7v57fV2LcRHKdTEpv+BXF8fWh2qBkMgYmPuJD
Obu6ju/dQi/6OaKqMk+IM2OjQHiW5qOBoTCBnjAJBgNVHRMEAjAAMHIGA1UdEQRrMGmCEkNsaWVudC5FeGFtcGxlLmNv
bYIOKi53aWxkLmV4YW1wbGWGGnNwaWZmZTovL3RkLmV4YW1wbGUvT3JkZXJzhwQKAAABhxAgAQ24AAAAAAAAAAAAAAAB
gQ9PcHNARXhhbXBsZS5jb20wHQYDVR0OBBYEFNntYcUml3whtfgc1ZIHO/BtLrTuMAoGCCqGSM49BAMCA0kAMEYCIQDu
k+pOg/8+wmeJGdveSnLek0RA+QwDZ5weeomsBltfygIhAKl81C2mc1TcHRSG/1HRI2wyFJoyM3QfbhKQ49ozyg0X`,
    'base64',
  ),
)

const read = (der: Uint8Array): CertificateNames => {
  const names = readCertificateNames(der)
  assert.ok(names)
  return names
}
const names = read(certificate)

type Kind = CertificateSubjectMatcher['kind']
const subject =
  'emailAddress=ops@example.com,CN=orders client+UID=job-7,OU=Machines,O=Acme\\, Inc.,C=DE'
const matches: readonly [kind: Kind, value: string, matches: boolean][] = [
  ['subject_dn', subject, true],
  [
    'subject_dn',
    subject.replace('CN=orders client+UID=job-7', 'uid=JOB-7 + cn=Orders  Client'),
    true,
  ],
  ['subject_dn', subject.replaceAll(/,(?! )/g, ' , '), true],
  ['subject_dn', subject.replace('O=', '2.5.4.10='), true],
  ['subject_dn', subject.replace(',C=DE', ''), false],
  ['subject_dn', `${subject},DC=com`, false],
  ['subject_dn', subject.replace('orders client', 'orders clien'), false],
  [
    'subject_dn',
    'C=DE,O=Acme\\, Inc.,OU=Machines,CN=orders client+UID=job-7,E=ops@example.com',
    false,
  ],
  ['subject_dn', '/C=DE/O=Acme, Inc.', false],
  ['subject_dn', '', false],
  ['san_dns', 'client.example.com', true],
  ['san_dns', 'CLIENT.EXAMPLE.COM', true],
  ['san_dns', 'a.wild.example', false],
  ['san_dns', 'client.example.com.', false],
  ['san_dns', 'orders client', false],
  ['san_dns', '10.0.0.1', false],
  ['san_dns', '', false],
  ['san_uri', 'spiffe://td.example/Orders', true],
  ['san_uri', 'spiffe://td.example/orders', false],
  ['san_uri', 'spiffe://td.example/Orders/', false],
  ['san_uri', 'SPIFFE://td.example/Orders', false],
  ['san_ip', '10.0.0.1', true],
  ['san_ip', '2001:DB8::1', true],
  ['san_ip', '2001:db8:0:0:0:0:0:1', true],
  ['san_ip', '::ffff:10.0.0.1', false],
  ['san_ip', '10.0.0.2', false],
  ['san_ip', 'client.example.com', false],
  ['san_email', 'Ops@example.com', true],
  ['san_email', 'Ops@EXAMPLE.COM', true],
  ['san_email', 'ops@example.com', false],
  ['san_email', '@example.com', false],
  ['san_email', 'example.com', false],
]

for (const [kind, value, expected] of matches) {
  test(`${kind} '${value}': ${expected}`, () => {
    assert.equal(matchCertificateSubject({ kind, value }, names), expected)
  })
}

test('node:crypto sees the same certificate', () => {
  const node = new X509Certificate(certificate)
  assert.match(node.subjectAltName ?? '', /DNS:Client\.Example\.com, DNS:\*\.wild\.example/)
  assert.equal(names.dnsNames.length, 2)
  assert.match(node.subject, /CN=orders client/)
  assert.equal(names.subject.length, 5)
})

/** A DER element of up to 65,535 bytes. */
const tlv = (tag: number, ...parts: (Uint8Array | string | readonly number[])[]): Uint8Array => {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part as Uint8Array)))
  const { length } = content
  const octets =
    length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Uint8Array.from([tag, ...octets, ...content])
}

const oidOfSan = tlv(0x06, [0x55, 0x1d, 0x11])
const extension = (...generalNames: Uint8Array[]): Uint8Array =>
  tlv(0x30, oidOfSan, tlv(0x01, [0xff]), tlv(0x04, tlv(0x30, ...generalNames)))
const commonName = (value: string): Uint8Array =>
  tlv(0x30, tlv(0x31, tlv(0x30, tlv(0x06, [0x55, 0x04, 0x03]), tlv(0x0c, value))))

const made = (
  subjectName: Uint8Array,
  extensions: Uint8Array[],
  version = tlv(0xa0, [2, 1, 2]),
) => {
  const empty = tlv(0x30)
  const fields = [version, tlv(0x02, [1]), empty, commonName('issuer'), empty, subjectName, empty]
  const wrapper = extensions.length > 0 ? [tlv(0xa3, tlv(0x30, ...extensions))] : []
  return tlv(0x30, tlv(0x30, ...fields, ...wrapper), empty, tlv(0x03, [0]))
}

test('a name is only looked for where it was registered (MT-06, MT-08, MT-09)', () => {
  const dnsLooksLikeIp = read(made(commonName('a.example'), [extension(tlv(0x82, '10.0.0.1'))]))
  assert.equal(
    matchCertificateSubject({ kind: 'san_ip', value: '10.0.0.1' }, dnsLooksLikeIp),
    false,
  )
  assert.equal(
    matchCertificateSubject({ kind: 'san_dns', value: 'a.example' }, dnsLooksLikeIp),
    false,
  )
  const mapped = [...Array.from({ length: 10 }, () => 0), 255, 255, 10, 0, 0, 1]
  const mappedIp = read(made(commonName('a@b'), [extension(tlv(0x87, mapped))]))
  assert.equal(matchCertificateSubject({ kind: 'san_ip', value: '10.0.0.1' }, mappedIp), false)
  assert.equal(
    matchCertificateSubject({ kind: 'san_ip', value: '::ffff:10.0.0.1' }, mappedIp),
    true,
  )
  assert.equal(matchCertificateSubject({ kind: 'san_email', value: 'a@b' }, mappedIp), false)
})

test('names with NUL, spaces or an eighth bit are left out', () => {
  const names = read(
    made(commonName('x'), [
      extension(
        tlv(0x82, 'good.example'),
        tlv(0x82, 'good.example\0.evil'),
        tlv(0x82, 'a b'),
        tlv(0x82, ''),
        tlv(0x82, 'k.example'),
        tlv(0x82, '\u212a.example'),
        tlv(0x86, 'urn:a\0'),
        tlv(0x81, 'a@b\n'),
        tlv(0x87, [1, 2, 3]),
      ),
    ]),
  )
  assert.deepEqual(names.dnsNames, ['good.example', 'k.example'])
  assert.deepEqual([names.uris, names.emailAddresses, names.ipAddresses], [[], [], []])
  assert.equal(matchCertificateSubject({ kind: 'san_dns', value: '\u212a.example' }, names), false)
})

test('an empty subject matches no registered subject', () => {
  const nobody = read(made(tlv(0x30), []))
  assert.equal(matchCertificateSubject({ kind: 'subject_dn', value: '' }, nobody), false)
})

test('a certificate of version 1 has a subject and no alternative names', () => {
  const first = read(made(commonName('old'), [], new Uint8Array()))
  assert.equal(matchCertificateSubject({ kind: 'subject_dn', value: 'CN=old' }, first), true)
  assert.deepEqual(first.dnsNames, [])
})

const broken: readonly [title: string, der: Uint8Array][] = [
  ['nothing', new Uint8Array()],
  ['cut', certificate.subarray(0, -1)],
  ['byte behind', Uint8Array.from([...certificate, 0])],
  [
    'two subjectAltName',
    made(commonName('a'), [extension(tlv(0x82, 'a')), extension(tlv(0x82, 'b'))]),
  ],
  [
    'subjectAltName that is no OCTET STRING',
    made(commonName('a'), [tlv(0x30, oidOfSan, tlv(0x30))]),
  ],
  ['subjectAltName cut', made(commonName('a'), [tlv(0x30, oidOfSan, tlv(0x04, [0x30, 5, 0x82]))])],
  ['subject that is no name', made(tlv(0x04), [])],
  ['subject missing', tlv(0x30, tlv(0x30, tlv(0xa0), tlv(0x02, [1])))],
]

for (const [title, der] of broken) {
  test(`no certificate: ${title}`, () => assert.equal(readCertificateNames(der), null))
}

test('a certificate of 64 kB is read, a larger one is not', () => {
  const padded = (bytes: number): Uint8Array =>
    made(commonName('a'), [
      tlv(0x30, tlv(0x06, [0x55, 0x1d, 0x0e]), tlv(0x04, new Uint8Array(bytes))),
    ])
  const around = padded(60_000).length - 60_000
  assert.equal(padded(65_536 - around).length, 65_536)
  assert.ok(readCertificateNames(padded(65_536 - around)))
  assert.equal(readCertificateNames(padded(65_537 - around)), null)
})

test('a damaged certificate is answered, never thrown at', () => {
  fc.assert(
    fc.property(fc.nat({ max: certificate.length - 1 }), fc.nat({ max: 255 }), (at, octet) => {
      const damaged = certificate.slice()
      damaged[at] = octet
      const names = readCertificateNames(damaged)
      assert.ok(names === null || Array.isArray(names.subject))
    }),
    { numRuns: 500 },
  )
})
