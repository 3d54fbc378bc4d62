import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseClientCertificateHeader } from './rfc9440-client-certificate-header.ts'

const sequence = (length: number): Uint8Array =>
  Uint8Array.from([0x30, length, ...Array.from({ length }, (_, at) => at)])
const header = (der: Uint8Array): string => `:${Buffer.from(der).toString('base64')}:`
const good = header(sequence(3))

test('the DER comes out as it went in', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 127 }), (length) => {
      const parsed = parseClientCertificateHeader(header(sequence(length)))
      assert.deepEqual(parsed, { ok: true, value: sequence(length) })
    }),
  )
})

const bad: readonly [title: string, value: string][] = [
  ['empty', ''],
  ['colons alone', '::'],
  ['without colons', good.slice(1, -1)],
  ['one colon', good.slice(0, -1)],
  ['two fields joined', `${good}, ${good}`],
  ['two values', good + good],
  ['parameter behind', `${good};a=1`],
  ['space before', ` ${good}`],
  ['space inside', good.replace(':', ': ')],
  ['newline behind', `${good}\n`],
  ['base64url', `:MAF_:`],
  ['no padding', header(sequence(2)).replaceAll('=', '')],
  ['too much padding', ':MAMAAQI=:'.replace('=', '==')],
  ['bits left over', ':MAB=:'],
  ['PEM', '-----BEGIN CERTIFICATE-----'],
  ['percent-encoded PEM', '-----BEGIN%20CERTIFICATE-----'],
  ['no SEQUENCE', header(Uint8Array.of(0x04, 0x01, 0x00))],
  ['bytes behind the SEQUENCE', header(Uint8Array.of(0x30, 0x00, 0x00))],
  ['SEQUENCE cut', header(Uint8Array.of(0x30, 0x05, 0x00))],
]

for (const [title, value] of bad) {
  test(`CERTIFICATE_HEADER_MALFORMED: ${title}`, () => {
    const parsed = parseClientCertificateHeader(value)
    assert.equal(!parsed.ok && parsed.failure.reason, 'CERTIFICATE_HEADER_MALFORMED')
  })
}

test('a certificate that fills the bound is read, one that exceeds it is not', () => {
  const long = (bytes: number): Uint8Array =>
    Uint8Array.from([0x30, 0x82, bytes >> 8, bytes & 0xff, ...new Uint8Array(bytes)])
  assert.equal(header(long(12_281)).length, 16_382)
  assert.equal(parseClientCertificateHeader(header(long(12_281))).ok, true)
  assert.equal(parseClientCertificateHeader(header(long(12_284))).ok, false)
})
