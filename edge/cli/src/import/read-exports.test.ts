import assert from 'node:assert/strict'
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { describe, test } from 'node:test'
import {
  issueLeaf,
  makeDevelopmentRoot,
} from '@mintmark/server/certificates/issue-development-certificate'
import type { ImportedDomain } from './import-draft.ts'
import { readAuth0 } from './read-auth0.ts'
import { readHydra } from './read-hydra.ts'
import { readKeycloak } from './read-keycloak.ts'

const now = Date.UTC(2026, 0, 1)
const root = await makeDevelopmentRoot(now)
const wish = { purpose: 'client', commonName: 'c', names: [] } as const
const { certPem } = await issueLeaf(wish, root, now)
const base64 = new X509Certificate(certPem).raw.toString('base64')
const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string
const { n } = publicKey.export({ format: 'jwk' })

const authenticationOf = ({ applications }: ImportedDomain): unknown =>
  applications[0]?.['authentication']

const fieldsOf = ({ report }: ImportedDomain, about: string): readonly string[] =>
  report.filter((each) => each.about === about).map(({ field }) => field)

describe('proofs of identity', () => {
  const auth0 = (methods: object) =>
    readAuth0({
      resourceServers: [{ name: 'A', identifier: 'urn:a', scopes: [{ value: 'go' }] }],
      clients: [{ name: 'c', app_type: 'non_interactive', client_authentication_methods: methods }],
    })

  test('of Auth0: keys and certificates in PEM, subject names', () => {
    const keys = auth0({ private_key_jwt: { credentials: [{ pem, kid: 'one' }] } })
    assert.deepEqual(authenticationOf(keys), {
      jwks: { keys: [{ kty: 'RSA', n, e: 'AQAB', kid: 'one' }] },
    })
    const subject = auth0({ tls_client_auth: { credentials: [{ subject_dn: 'CN=c,O=x' }] } })
    assert.deepEqual(authenticationOf(subject), { tlsSubject: 'CN=c,O=x' })
    const own = auth0({ self_signed_tls_client_auth: { credentials: [{ pem: certPem }] } })
    assert.deepEqual(authenticationOf(own), {
      certificate: certPem,
      methods: ['self_signed_tls_client_auth'],
    })
    const named = auth0({ private_key_jwt: { credentials: [{ id: 'cred_1' }] } })
    assert.deepEqual(authenticationOf(named), { secret: true })
    assert.ok(fieldsOf(named, 'client c').includes('client_authentication_methods'))
  })

  const keycloak = (client: object) =>
    readKeycloak({
      realm: 'r',
      clients: [{ clientId: 'c', serviceAccountsEnabled: true, ...client }],
      users: [],
    })
  const jwt = { clientAuthenticatorType: 'client-jwt' }
  const x509 = { clientAuthenticatorType: 'client-x509' }

  test('of Keycloak', () => {
    const uri = { 'use.jwks.url': 'true', 'jwks.url': 'https://c.example/jwks' }
    const rows: readonly [string, object, unknown, boolean][] = [
      ['a key set by URL', { ...jwt, attributes: uri }, { jwksUri: uri['jwks.url'] }, false],
      [
        'a certificate',
        { ...jwt, attributes: { 'jwt.credential.certificate': base64 } },
        { certificate: certPem },
        false,
      ],
      ['no key', { ...jwt, attributes: {} }, { secret: true }, true],
      [
        'a broken key set',
        { ...jwt, attributes: { 'use.jwks.string': 'true', 'jwks.string': '{' } },
        { secret: true },
        true,
      ],
      [
        'a name',
        { ...x509, attributes: { 'x509.subjectdn': 'CN=c,O=x' } },
        { tlsSubject: 'CN=c,O=x' },
        false,
      ],
      [
        'a pattern, which is the default there',
        { ...x509, attributes: { 'x509.subjectdn': '(.*?)CN=c(.*)' } },
        { secret: true },
        true,
      ],
      ['a way of tomorrow', { clientAuthenticatorType: 'spiffe' }, { secret: true }, true],
    ]
    for (const [name, client, authentication, isTold] of rows) {
      const imported = keycloak(client)
      assert.deepEqual(authenticationOf(imported), authentication, name)
      const told = fieldsOf(imported, 'client c').includes('clientAuthenticatorType')
      assert.equal(told, isTold, name)
    }
  })
})

test('names that are there twice, ids that cannot be, and hashes', () => {
  const client = (client_id: string, more: object = {}) => ({
    client_id,
    client_name: 'Same',
    grant_types: ['client_credentials'],
    scope: 'go',
    audience: ['urn:a'],
    ...more,
  })
  const long = 'x'.repeat(101)
  const imported = readHydra([client('a'), client('b'), client('b'), client(long)])
  assert.deepEqual(
    imported.applications.map(({ name, clientId }) => [name, clientId]),
    [
      ['Same', 'a'],
      ['Same (2)', 'b'],
      ['Same (3)', undefined],
    ],
  )
  assert.ok(fieldsOf(imported, 'client b').includes('client id'), 'the second b')
  assert.ok(fieldsOf(imported, `client ${long}`).includes('client id'))
  for (const hash of ['$2a$10$abcdefghijklmnopqrstuv', '$argon2id$v=19$m=1', '{SSHA}abcdefghij']) {
    assert.equal(readHydra([client('h', { client_secret: hash })]).secrets.size, 0, hash)
  }
  assert.equal(readHydra([client('h', { client_secret: 'long enough' })]).secrets.size, 1)
  assert.equal(readHydra([client('h', { client_secret: 'short' })]).secrets.size, 0)
})

test('every field that says something and is not known is told', () => {
  const odd = { tomorrow: { a: 1 }, empty: '', none: null, off: false, list: [] }
  const hydra = readHydra([{ client_id: 'a', grant_types: ['client_credentials'], ...odd }])
  assert.deepEqual(
    fieldsOf(hydra, 'client a').filter((field) => field in odd),
    ['tomorrow'],
  )
})
