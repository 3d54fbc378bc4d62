import assert from 'node:assert/strict'
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Terminal } from '../session/terminal.ts'
import {
  basic,
  newDirectory,
  post,
  type RunningServe,
  startCommand,
  startServe,
} from '../test-process.ts'
import { type ImportFlags, type ImportFrom, importCommand } from './import.ts'

const home = newDirectory()
const administrator = { clientId: 'importer', secret: 'the-secret-of-the-importer' }
let server: RunningServe

before(async () => {
  server = await startServe({
    MINTMARK_DATA: join(home.path, 'data'),
    MINTMARK_BOOTSTRAP_CLIENT_ID: administrator.clientId,
    MINTMARK_BOOTSTRAP_CLIENT_SECRET: administrator.secret,
  })
})

after(async () => {
  await server.end('SIGTERM')
  home.remove()
})

const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwks = { keys: [{ ...keys.publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'ES256' }] }

/** An export as its server writes it, with a key whose private half the tests have. */
const exported = (name: string): string => {
  const text = readFileSync(join(import.meta.dirname, '../import/exports', name), 'utf8')
  const inside = JSON.stringify(jwks)
  const file = join(home.path, name)
  const asText = name.startsWith('keycloak') ? JSON.stringify(inside) : inside
  writeFileSync(file, text.replace('"@JWKS@"', asText))
  return file
}

const run = async (from: ImportFrom, file: string, flags: Partial<ImportFlags> = {}) => {
  let output = ''
  let errors = ''
  const terminal: Terminal = {
    environment: {
      MINTMARK_URL: server.plain,
      MINTMARK_CLIENT_ID: administrator.clientId,
      MINTMARK_CLIENT_SECRET: administrator.secret,
    },
    directory: home.path,
    configDirectory: home.path,
    isInteractive: false,
    hasColor: false,
    readInput: () => '',
    ask: async () => '',
    writeOutput: (text) => {
      output += text
    },
    writeError: (text) => {
      errors += text
    },
    nowMs: Date.now(),
  }
  const code = await importCommand(from, file, { output: 'text', ...flags }, terminal)
  return { code, output, errors }
}

const tokenUrl = () => `${server.plain}/oauth2/v1/token`

/** RFC 6749 §2.3.1: both parts are form-encoded before they are joined. */
const formEncoded = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1)

/** A token by client secret, and what is in it. */
const tokenOf = async (clientId: string, secret: string, more: Record<string, string> = {}) => {
  const form = { grant_type: 'client_credentials', ...more }
  const answer = await post(tokenUrl(), form, {
    authorization: basic(formEncoded(clientId), formEncoded(secret)),
  })
  return claimsOf(answer)
}

const claimsOf = (answer: { readonly status: number; readonly text: string }) => {
  assert.equal(answer.status, 200, answer.text)
  const { access_token } = JSON.parse(answer.text) as { access_token: string }
  return JSON.parse(Buffer.from(access_token.split('.')[1] ?? '', 'base64url').toString())
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const tokenByKey = async (clientId: string, more: Record<string, string> = {}) => {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: clientId, sub: clientId, aud: server.plain, jti: randomUUID() }
  const head = encoded({ alg: 'ES256', kid: 'k1' })
  const said = `${head}.${encoded({ ...claims, iat: now, exp: now + 60 })}`
  const signature = sign('sha256', Buffer.from(said), {
    key: keys.privateKey,
    dsaEncoding: 'ieee-p1363',
  })
  const answer = await post(tokenUrl(), {
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: `${said}.${signature.toString('base64url')}`,
    ...more,
  })
  return claimsOf(answer)
}

const secretIn = (output: string, application: string): { id: string; secret: string } => {
  const [, id = '', secret = ''] =
    new RegExp(`\\n${application}\\n +Client ID +(\\S+)\\n +Client secret +(\\S+)`).exec(output) ??
    []
  assert.match(secret, /^mms_/, output)
  return { id, secret }
}

const says = (text: string, lines: readonly (string | RegExp)[]): void => {
  for (const line of lines) {
    const found = typeof line === 'string' ? text.includes(line) : line.test(text)
    assert.ok(found, `${line} is not in:\n${text}`)
  }
}

describe('a Keycloak realm', () => {
  const file = () => exported('keycloak-26.4-realm.json')

  test('a dry run shows everything and changes nothing', async () => {
    const first = await run('keycloak', file(), { dryRun: true, withSecrets: true })
    assert.equal(first.code, 10, first.errors)
    assert.match(first.output, /\+ app Nightly job +\(new; with the secret that it has\)/)
    assert.match(first.output, /\+ app \S.* +\(new; a secret will be generated/)
    says(first.output, ['+ app Nightly job', '+ api stock-api', '8 to add, 0 to change'])
    const second = await run('keycloak', file(), { dryRun: true, withSecrets: true })
    assert.equal(second.output, first.output)
  })

  test('its clients get tokens with the secrets and keys that they have', async () => {
    const done = await run('keycloak', file(), { withSecrets: true })
    assert.equal(done.code, 0, done.errors)
    assert.doesNotMatch(done.output + done.errors, /keycloak-chosen-1/)
    const claims = await tokenOf('nightly', 'keycloak-chosen-1')
    assert.deepEqual([claims.aud, claims.scope], ['stock-api', 'stock.read'])
    assert.equal(claims.exp - claims.iat, 300)
    const signed = await tokenByKey('signer', { scope: 'stock.read' })
    assert.equal(signed.scope, 'stock.read')
    secretIn(done.output, 'mac')
    const again = await run('keycloak', file(), { withSecrets: true })
    assert.equal(again.code, 0, again.errors)
    says(again.output, ['0 to add, 0 to change, 0 to remove'])
  })

  test('what was not carried over is in the report', async () => {
    const { errors } = await run('keycloak', file(), { dryRun: true })
    says(errors, [
      'access.token.lifespan: The lifetime of tokens belongs to the API here.',
      'redirectUris: There are no users',
      'directAccessGrantsEnabled: There are no users',
      'fullScopeAllowed: ',
      'role stock-admin: composites: ',
      'protocolMappers: plant: ',
      'client scope prices.read: Nothing gives it an audience',
      'optionalClientScopes prices.read',
      'client account\n    the whole client: It is for Keycloak itself.',
      'client website\n    the whole client: It is public.',
      'client old-portal\n    the whole client: SAML',
      'users (1): ',
      /authenticationFlows, bruteForceProtected, .*ssoSessionIdleTimeout/,
      'trust store: ',
    ])
  })
})

describe('clients of Hydra', () => {
  test('are imported; hashes, wildcards and users are not', async () => {
    const file = exported('hydra-2.3-clients.json')
    const done = await run('hydra', file, { withSecrets: true })
    assert.equal(done.code, 0, done.errors)
    says(done.errors, [
      'secret: It is stored as a hash',
      'secret: The export does not hold it.',
      'scope track.*: Scopes are granted by name',
      'scope offline_access: ',
      'access_token_strategy: Tokens here are always JWTs.',
      'metadata: ',
      'client_credentials_grant_access_token_lifespan: ',
      'client shop\n    the whole client: ',
    ])
    const courier = secretIn(done.output, 'Courier')
    assert.equal(courier.id, '1f0c6a6e-8b77-4b4e-8a83-1a8b6a8f2f10')
    const claims = await tokenOf(courier.id, courier.secret)
    assert.deepEqual(
      [claims.aud, claims.scope],
      ['https://parcels.example/', 'parcels.read parcels.write'],
    )
    const labels = await tokenByKey('labels', { resource: 'https://labels.example/' })
    assert.equal(labels.scope, 'labels.print')
    const odd = 'https://kept.example/a client: 100%+"~"'
    assert.equal((await tokenOf(odd, 'hydra-chosen-1')).sub, odd)
    assert.doesNotMatch(done.output + done.errors, /hydra-chosen-1|pbkdf2/)
  })
})

describe('a tenant of Auth0', () => {
  test('is imported: APIs, machines and what they may do', async () => {
    const file = exported('auth0-deploy-cli-8-tenant.yaml')
    const done = await run('auth0', file, { withSecrets: true })
    assert.equal(done.code, 0, done.errors)
    says(done.errors, [
      'client_authentication_methods: It uses private_key_jwt',
      'client id: The export does not hold it.',
      'client_metadata: ',
      'scope gone:ledger: The API has no such scope.',
      'organization_usage: ',
      'client Single page\n    the whole client: ',
      'https://example.auth0.com/api/v2/\n    the whole grant: The API is not in the export.',
      'signing_alg: Tokens are signed with RS256 or ES256 here, not PS256.',
      'token_dialect: ',
      'connections, tenant',
    ])
    const reports = await tokenOf('rEp0rtSx3fT9', 'auth0-chosen-1')
    assert.deepEqual([reports.aud, reports.scope], ['https://ledger.example/', 'read:ledger'])
    assert.equal(reports.exp - reports.iat, 7200)
    const worker = secretIn(done.output, 'Signing worker')
    assert.match(worker.id, /^[0-9a-f]{32}$/)
    await tokenOf(worker.id, worker.secret)
    assert.doesNotMatch(done.output + done.errors, /auth0-chosen-1/)
  })
})

describe('apps of an Oracle identity domain', () => {
  test('are imported with their ids, roles and scopes', async () => {
    const file = exported('idcs-scim-v1.json')
    const done = await run('idcs', file, { withSecrets: true })
    assert.equal(done.code, 0, done.errors)
    says(done.errors, [
      'allowedGrants urn:example:unheard-of',
      'allowedScopes https://elsewhere.example/all: ',
      'certificates not-in-this-file: ',
      'futureAttribute: ',
      'legacyGroupName: ',
      '1 to users and groups: ',
      'signonPolicy: ',
      'app Wiki\n    the whole app: ',
      'app A service of the cloud\n    the whole app: It belongs to a service of Oracle.',
    ])
    const id = '7b1e0f1dd6f04f0c9d0b1a2b3c4d5e02'
    const claims = await tokenOf(id, 'idcscs-chosen-for-this-test')
    assert.deepEqual([claims.aud, claims.scope], ['https://depot.example:443', '/api/'])
    assert.doesNotMatch(done.output + done.errors, /idcscs-/)
  })
})

test('-o yaml is a domain file without secrets, -o json one object', async () => {
  const file = exported('keycloak-26.4-realm.json')
  const yaml = await run('keycloak', file, { output: 'yaml' })
  assert.equal(yaml.code, 0, yaml.errors)
  says(yaml.output, ['applications:', 'name: Nightly job', 'certificateBound: true'])
  assert.doesNotMatch(yaml.output, /keycloak-chosen|secretFile/)
  const json = JSON.parse((await run('keycloak', file, { output: 'json' })).output)
  assert.equal(json.changed, false)
  assert.ok(json.notCarriedOver.length > 10)
})

test('what was imported can be exported and applied: nothing changes', async () => {
  const environment = {
    MINTMARK_URL: server.plain,
    MINTMARK_CLIENT_ID: administrator.clientId,
    MINTMARK_CLIENT_SECRET: administrator.secret,
  }
  const file = join(home.path, 'exported.yaml')
  const exporting = startCommand(['export', '-f', file], environment, home.path)
  assert.equal(await exporting.ended, 0, exporting.errors())
  assert.match(readFileSync(file, 'utf8'), /clientId: .*a client: 100%/)
  const applying = startCommand(['apply', '-f', file, '--dry-run'], environment, home.path)
  assert.equal(await applying.ended, 0, applying.output() + applying.errors())
})

test('what is there and different is left alone unless told otherwise', async () => {
  const file = join(home.path, 'changed.json')
  const text = readFileSync(exported('hydra-2.3-clients.json'), 'utf8')
  writeFileSync(file, text.replaceAll('parcels.write', 'parcels.send'))
  const refused = await run('hydra', file)
  assert.equal(refused.code, 5, refused.errors)
  says(refused.errors, ['Nothing was changed. There already, and different: ', '--overwrite'])
  const done = await run('hydra', file, { overwrite: true })
  assert.equal(done.code, 0, done.errors)
})

test('many applications go in several requests', async () => {
  const client = (at: number) => ({
    client_id: `many-${at}`,
    grant_types: ['client_credentials'],
    scope: 'many.read',
    audience: ['urn:many'],
    token_endpoint_auth_method: 'client_secret_basic',
  })
  const file = join(home.path, 'many.json')
  writeFileSync(file, JSON.stringify(Array.from({ length: 120 }, (_, at) => client(at))))
  const done = await run('hydra', file, { output: 'json' })
  assert.equal(done.code, 0, done.errors)
  const { secrets } = JSON.parse(done.output)
  assert.equal(secrets.length, 120)
  await tokenOf(secrets[119].clientId, secrets[119].clientSecret)
})

test('exit codes', async () => {
  const wrong = join(home.path, 'wrong.json')
  writeFileSync(wrong, '{"clients": 1')
  const other = join(home.path, 'other.json')
  writeFileSync(other, '{"users": []}')
  const rows: readonly [ImportFrom, string, Partial<ImportFlags>, number, RegExp][] = [
    ['hydra', join(home.path, 'none.json'), {}, 3, /none\.json/],
    ['hydra', wrong, {}, 6, /It is no JSON/],
    ['keycloak', other, {}, 6, /no realm export/],
    ['auth0', other, {}, 6, /no tenant export/],
    ['hydra', other, {}, 6, /no clients/],
    ['idcs', other, {}, 6, /no Apps/],
    ['hydra', other, { output: 'xml' }, 2, /--output is text, env, json, yaml/],
    ['hydra', other, { output: 'yaml', withSecrets: true }, 2, /none holds secrets/],
    ['hydra', exported('hydra-2.3-clients.json'), { url: 'http://127.0.0.1:1' }, 7, /not reached/],
  ]
  for (const [from, file, flags, code, message] of rows) {
    const done = await run(from, file, flags)
    assert.equal(done.code, code, done.errors)
    assert.match(done.errors, message)
  }
})
