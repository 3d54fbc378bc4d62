import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { issueTestCertificate } from '../certificates/test-authority.ts'
import { renderFaults, renderWarning } from './configuration-fault.ts'
import { readConfiguration } from './read-configuration.ts'

const directory = mkdtempSync(join(tmpdir(), 'mintmark-files-'))
after(() => rmSync(directory, { recursive: true }))

const [one, other] = await Promise.all([issueTestCertificate({}), issueTestCertificate({})])

const files: Readonly<Record<string, string>> = {
  'one.crt': one.pem,
  'one.key': one.keyPem,
  'other.crt': other.pem,
  'other.key': other.keyPem,
  'chain.crt': one.pem + other.pem,
  'both.pem': one.keyPem + one.pem,
  'broken.crt': one.pem.replace(/\n[A-Za-z0-9+/]{8}/, '\nAAAAAAAA'),
  'encrypted.key': generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' },
  }).privateKey,
  empty: '',
}
for (const [name, text] of Object.entries(files)) {
  writeFileSync(join(directory, name), text, { mode: 0o600 })
}

function read(environment: Record<string, string>): { text: string; warnings: readonly string[] } {
  const result = readConfiguration({ environment, flags: {}, directory })
  return result.ok
    ? { text: '', warnings: result.value.warnings.map(renderWarning) }
    : { text: renderFaults(result.failure), warnings: [] }
}

const tls = (cert: string, key: string): Record<string, string> => ({
  MINTMARK_TLS_LISTEN: '0',
  MINTMARK_TLS_CERT: cert,
  MINTMARK_TLS_KEY: key,
})

const cases: readonly (readonly [string, Record<string, string>, RegExp | null])[] = [
  ['certificate and key', tls('one.crt', 'one.key'), null],
  ['a chain', tls('chain.crt', 'one.key'), null],
  ['both in one file', tls('both.pem', 'both.pem'), null],
  [
    'key of another certificate',
    tls('one.crt', 'other.key'),
    /MINTMARK_TLS_KEY: .*not the private/,
  ],
  [
    'swapped',
    tls('one.key', 'one.crt'),
    /a private key and no certificate[\s\S]*certificate and no/,
  ],
  [
    'no such files',
    tls('a', 'b'),
    /TLS_CERT: cannot read .*no such file[\s\S]*TLS_KEY: cannot read/,
  ],
  ['folder', tls(directory, 'one.key'), /it is a folder/],
  ['empty', tls('empty', 'empty'), /no certificate[\s\S]*no usable private key/],
  ['broken certificate', tls('broken.crt', 'one.key'), /broken certificate/],
  ['encrypted key', tls('one.crt', 'encrypted.key'), /is encrypted[\s\S]*openssl pkey -in/],
  ['key only', { MINTMARK_TLS_KEY: 'one.key' }, /MINTMARK_TLS_KEY: .*without a certificate/],
  [
    'certificate only',
    { MINTMARK_TLS_CERT: 'one.crt' },
    /MINTMARK_TLS_CERT: .*without its private/,
  ],
  ['client authorities', { MINTMARK_CLIENT_CA: 'one.crt,other.crt' }, null],
  [
    'a missing client authority',
    { MINTMARK_CLIENT_CA: 'one.crt,nowhere' },
    /CLIENT_CA: cannot read/,
  ],
  ['a key as client authority', { MINTMARK_CLIENT_CA: 'one.key' }, /a private key and no/],
]

for (const [name, environment, expected] of cases) {
  test(`files: ${name}`, () => {
    const { text } = read(environment)
    if (expected === null) assert.equal(text, '')
    else assert.match(text, expected)
    assert.ok(!text.includes(one.keyPem.slice(40, 70)))
  })
}

test('files: a certificate that is not used, a key that everyone can read', () => {
  writeFileSync(join(directory, 'public.key'), one.keyPem, { mode: 0o644 })
  const environment = { MINTMARK_TLS_CERT: 'one.crt', MINTMARK_TLS_KEY: 'public.key' }
  const { warnings } = read(environment)
  assert.match(warnings.join('\n'), /the HTTPS door is off[\s\S]*everyone on this machine can read/)
})

test('the secure domain URL follows the HTTPS door', () => {
  const environment = { ...tls('one.crt', 'one.key'), MINTMARK_TLS_LISTEN: '0.0.0.0:8482' }
  const result = readConfiguration({ environment, flags: {}, directory })
  assert.ok(result.ok)
  assert.equal(result.value.secureUrl, 'https://localhost:8482')
})

test('what cannot be looked at is a mistake with a way out, and no crash', () => {
  mkdirSync(join(directory, 'locked'))
  symlinkSync('master.key', join(directory, 'locked', 'master.key'))
  symlinkSync('circle', join(directory, 'circle'))
  const key = read({ MINTMARK_DATA: 'locked' })
  assert.match(key.text, /cannot look at \S+\/locked\/master\.key: its links lead in a circle/)
  assert.match(key.text, /Fix: run this as the user that the data belongs to/)
  assert.match(read({ MINTMARK_DATA: 'circle' }).text, /cannot look at \S+\/circle: its links/)
})
