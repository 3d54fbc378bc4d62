import assert from 'node:assert/strict'
import { isIP } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { ipAddressesEqual, parseIpAddress } from './rfc4291-ip-address.ts'

const hexOf = (text: string): string | null => {
  const bytes = parseIpAddress(text)
  return bytes === null ? null : Buffer.from(bytes).toString('hex')
}

const good: readonly [text: string, hex: string][] = [
  ['10.0.0.1', '0a000001'],
  ['0.0.0.0', '00000000'],
  ['255.255.255.255', 'ffffffff'],
  ['2001:DB8::1', '20010db8000000000000000000000001'],
  ['2001:db8:0:0:0:0:0:1', '20010db8000000000000000000000001'],
  ['2001:0db8:0000::0001', '20010db8000000000000000000000001'],
  ['::', '00'.repeat(16)],
  ['::1', `${'00'.repeat(15)}01`],
  ['1::', `0001${'00'.repeat(14)}`],
  ['1:2:3:4:5:6:7::', '00010002000300040005000600070000'],
  ['::ffff:10.0.0.1', `${'00'.repeat(10)}ffff0a000001`],
  ['1:2:3:4:5:6:10.0.0.1', '0001000200030004000500060a000001'],
]

for (const [text, hex] of good) {
  test(`address ${text}`, () => assert.equal(hexOf(text), hex))
}

const bad = [
  '',
  '1.2.3',
  '1.2.3.4.5',
  '256.0.0.1',
  '01.2.3.4',
  '1.2.3.4 ',
  ' 1.2.3.4',
  '1.2.3.4\n',
  '0x1.2.3.4',
  '1.2.3.-4',
  '1.2.3.',
  '1.2.3.4/24',
  ':',
  ':::',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7:8::',
  '::1:2:3:4:5:6:7:8',
  '12345::',
  'g::',
  'fe80::1%eth0',
  '[::1]',
  '1:2:3:4:5:6:7:10.0.0.1',
  '10.0.0.1::',
  '::10.0.0.1:1',
  '::10.0.0.256',
  '١.2.3.4',
  `${'0'.repeat(60)}::1`,
]

for (const text of bad) {
  test(`no address: ${JSON.stringify(text)}`, () => assert.equal(hexOf(text), null))
}

test('a mapped address is not the address in it', () => {
  const plain = parseIpAddress('10.0.0.1')!
  assert.equal(ipAddressesEqual(plain, parseIpAddress('::ffff:10.0.0.1')!), false)
  assert.equal(ipAddressesEqual(plain, Uint8Array.of(10, 0, 0, 1)), true)
  assert.equal(ipAddressesEqual(plain, Uint8Array.of(10, 0, 0, 2)), false)
})

test('accepted exactly when node:net accepts it without a zone', () => {
  const piece = fc.constantFrom(':', '::', '.', '0', '1', '255', 'ffff', 'db8', '10.0.0.1', 'g')
  const text = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.array(piece, { maxLength: 15 }).map((all) => all.join('')),
  )
  fc.assert(
    fc.property(text, (address) => {
      const bytes = parseIpAddress(address)
      const length = { 0: undefined, 4: 4, 6: 16 }[isIP(address)]
      assert.equal(bytes?.length, length, address)
    }),
    { numRuns: 1000 },
  )
})
