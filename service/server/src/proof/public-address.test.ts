import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AddressReach, reachOf } from './public-address.ts'

const table: Readonly<Record<AddressReach, readonly string[]>> = {
  public: [
    '8.8.8.8',
    '192.88.98.1',
    '172.15.255.255',
    '172.32.0.1',
    '2600::1',
    '2a00:1450:4001::200e',
    '::ffff:8.8.8.8', // mapped
    '64:ff9b::808:808', // NAT64
    '2002:808:808::1', // 6to4
    '2001:0:808:808:0:ffff:f7f7:f7f7', // Teredo
  ],
  private: [
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '100.100.100.200',
    '192.0.0.192',
    '192.0.2.1',
    '198.18.0.1',
    '198.51.100.7',
    '203.0.113.7',
    '240.0.0.1',
    'fc00::1',
    'fd00:ec2::254',
    'fec0::1',
    '2001:db8::1',
    '3fff::1',
    '100::1',
    '::ffff:10.0.0.1',
    '::ffff:a00:1',
    '::ffff:0:10.0.0.1', // SIIT
    '64:ff9b::10.0.0.1',
    '64:ff9b::c0a8:101',
    '64:ff9b:1::8.8.8.8', // local NAT64: who knows where it leads
    '2002:a00:1::1',
    '2002:c0a8:101::8.8.8.8',
    '2001:0:808:808:0:ffff:f5ff:fffe', // Teredo client 10.0.0.1
    '2001:0:a00:1:0:ffff:f7f7:f7f7', // Teredo relay 10.0.0.1
  ],
  loopback: [
    '127.0.0.1',
    '127.255.255.254',
    '::1',
    '0:0:0:0:0:0:0:1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::FFFF:7F00:0001',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001:0:808:808:0:ffff:80ff:fffe',
  ],
  never: [
    '0.0.0.0',
    '0.1.2.3',
    '255.255.255.255',
    '224.0.0.1',
    '169.254.169.254',
    '168.63.129.16',
    '::',
    'ff02::1',
    'fe80::1',
    'fe80::1%eth0',
    '::ffff:169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe:a9fe::',
    '2600::1%eth0',
    '::8.8.8.8',
    '::127.0.0.1', // the deprecated compatible form
    '4000::1',
    '',
    'localhost',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '2130706433',
    '127.1',
    '127.0.0.1 ',
  ],
}

for (const [reach, addresses] of Object.entries(table)) {
  for (const address of addresses) {
    test(`'${address}' is ${reach}`, () => assert.equal(reachOf(address), reach))
  }
}
