import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  readDer,
  readDerChildren,
  readDerList,
  readDerText,
  readObjectIdentifier,
} from './x690-der.ts'

const bytes = (hex: string): Uint8Array =>
  Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))

const lengths: readonly [title: string, hex: string, read: boolean][] = [
  ['empty sequence', '3000', true],
  ['short length', '0403 010203', true],
  ['long length', `048180${'00'.repeat(128)}`, true],
  ['two length octets', `04820100${'00'.repeat(256)}`, true],
  ['nothing', '', false],
  ['tag alone', '30', false],
  ['content cut', '0403 0102', false],
  ['byte behind', '0401 0102', false],
  ['indefinite length', '3080 0000', false],
  ['long form of a short length', `04817f${'00'.repeat(127)}`, false],
  ['leading zero in the length', `04820080${'00'.repeat(128)}`, false],
  ['length octets cut', '0482 01', false],
  ['four length octets', '0484 00000001 00', false],
  ['reserved length', '04ff', false],
  ['high tag number', '1f8101 00', false],
]

for (const [title, hex, read] of lengths) {
  test(`DER, ${title}: ${read}`, () => assert.equal(readDer(bytes(hex)) !== null, read))
}

test('children, in order, of the expected tag only', () => {
  const element = readDer(bytes('3006 020101 040155'))
  assert.deepEqual(
    readDerChildren(element, 0x30)?.map((child) => child.tag),
    [2, 4],
  )
  assert.equal(readDerChildren(element, 0x31), null)
  assert.equal(readDerChildren(null, 0x30), null)
  assert.equal(readDerList(bytes('020101 02')), null)
})

test('more than 1024 elements are not read', () => {
  assert.equal(readDerList(bytes('0500'.repeat(1024)))?.length, 1024)
  assert.equal(readDerList(bytes('0500'.repeat(1025))), null)
})

const identifiers: readonly [hex: string, dotted: string | null][] = [
  ['0603 550403', '2.5.4.3'],
  ['0609 2a864886f70d010901', '1.2.840.113549.1.9.1'],
  ['060a 0992268993f22c640119', '0.9.2342.19200300.100.1.25'],
  ['0601 00', '0.0'],
  ['0601 27', '0.39'],
  ['0601 28', '1.0'],
  ['0602 8837', '2.999'],
  [
    '0614 69 83 e0 b8 f8 b7 c8 a4 e6 b6 ef d8 c4 bf a3 a8 e8 d0 f0 7f',
    `2.25.${String(
      [
        0x83, 0xe0, 0xb8, 0xf8, 0xb7, 0xc8, 0xa4, 0xe6, 0xb6, 0xef, 0xd8, 0xc4, 0xbf, 0xa3, 0xa8,
        0xe8, 0xd0, 0xf0, 0x7f,
      ].reduce((n, octet) => n * 128n + BigInt(octet & 0x7f), 0n),
    )}`,
  ],
  ['0600', null],
  ['0602 8001', null],
  ['0603 5504 80', null],
  ['0602 5581', null],
  [`0641 ${'01'.repeat(65)}`, null],
  ['0403 550403', null],
]

for (const [hex, dotted] of identifiers) {
  test(`object identifier ${hex.slice(0, 30)} is ${dotted}`, () => {
    const element = readDer(bytes(hex))
    assert.ok(element)
    assert.equal(readObjectIdentifier(element), dotted)
  })
}

const texts: readonly [title: string, hex: string, text: string | null][] = [
  ['UTF8String', '0c03 61c3a9', 'aé'],
  ['UTF8String, broken', '0c02 61ff', null],
  ['PrintableString', '1302 4162', 'Ab'],
  ['PrintableString, eighth bit', '1301 e9', null],
  ['IA5String', '1603 614062', 'a@b'],
  ['TeletexString', '1401 e9', 'é'],
  ['BMPString', '1e04 006100e9', 'aé'],
  ['BMPString, odd', '1e03 006100', null],
  ['BMPString, surrogate', '1e02 d800', null],
  ['UniversalString', '1c04 0001f511', '🔑'],
  ['UniversalString, too high', '1c04 00110000', null],
  ['UniversalString, surrogate', '1c04 0000d800', null],
  ['INTEGER', '0201 41', null],
]

for (const [title, hex, text] of texts) {
  test(`text of ${title}: ${text}`, () => {
    const element = readDer(bytes(hex))
    assert.ok(element)
    assert.equal(readDerText(element), text)
  })
}

test('any bytes are answered, never thrown at', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (input) => {
      const total = readDerList(input)?.reduce((sum, { whole }) => sum + whole.length, 0)
      assert.ok(total === undefined || total === input.length)
    }),
  )
})
