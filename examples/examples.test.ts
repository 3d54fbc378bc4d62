/*
 * Each example runs as a user would run it, as a program of its own with the built package, against
 * a server that this test starts and an API that judges the tokens.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { makeAuthority, makeCertificate, nameOf } from '../conformance/kit/certificate.ts'
import { clientCertificate } from '../conformance/kit/fixtures.ts'
import { makePair } from '../conformance/kit/jwt.ts'
import { startMintmark } from '../conformance/kit/mintmark-domain.ts'
import type { Client, ClientWish } from '../conformance/kit/test-domain.ts'
import { type OrdersApi, startOrdersApi } from './orders-api.ts'

const here = import.meta.dirname
const folder = mkdtempSync(join(tmpdir(), 'mintmark-examples-'))
const apiAuthority = makeAuthority('Example API authority')
const apiCertificate = makeCertificate({
  subject: nameOf(['CN', 'localhost']),
  alternatives: [{ kind: 'dns', value: 'localhost' }],
  purposes: ['serverAuth'],
  issuer: apiAuthority,
})

const domain = await startMintmark()
const api = await startOrdersApi()
const secureApi = await startOrdersApi({
  tls: {
    cert: apiCertificate.pem,
    key: apiCertificate.keyPem,
    ca: domain.clientAuthority.pem,
    requestCert: true,
    rejectUnauthorized: false,
  },
})
after(async () => {
  await Promise.all([domain.stop(), api.close(), secureApi.close()])
  rmSync(folder, { recursive: true, force: true })
})

const scopes = ['orders.read', 'orders.write', 'orders.maintain']
for (const each of [api, secureApi]) {
  await domain.createApi({ audience: each.audience, scopes, profile: 'rfc9068' })
  each.trust(domain)
}

const makeCaller = (wish: ClientWish, at: OrdersApi, names: readonly string[]): Promise<Client> =>
  domain.createClient({ ...wish, scopes: names.map((name) => at.audience + name) })

const put = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text, { mode: 0o600 })
  return path
}

interface Outcome {
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

type Environment = Readonly<Record<string, string>>

const runCommand = (command: string, words: readonly string[], more: Environment) =>
  new Promise<Outcome>((fulfil, reject) => {
    const env = { PATH: process.env['PATH'] ?? '', MINTMARK_ISSUER: domain.issuer, ...more }
    const child = spawn(command, words, { env, cwd: folder, timeout: 60_000 })
    let output = ''
    let errors = ''
    child.stdout.on('data', (bytes) => {
      output += bytes
    })
    child.stderr.on('data', (bytes) => {
      errors += bytes
    })
    child.once('error', reject)
    child.once('close', (code) => fulfil({ code, output, errors }))
  })

const run = (program: string, more: Environment): Promise<Outcome> =>
  runCommand(process.execPath, [join(here, program)], more)

const assertPrinted = ({ code, output, errors }: Outcome, printed: string): void => {
  assert.equal(code, 0, errors || output)
  assert.equal(output.trim(), printed)
}

test('secret in the header', async () => {
  const caller = await makeCaller({ methods: ['client_secret_basic'] }, api, ['orders.read'])
  const outcome = await run('secret-in-header/caller.mjs', {
    MINTMARK_CLIENT_ID: caller.clientId,
    MINTMARK_CLIENT_SECRET: caller.secret,
    MINTMARK_AUDIENCE: api.audience,
  })
  assertPrinted(outcome, `200 {"order":"42","for":"${caller.clientId}"}`)
})

test('secret in the body, in a file', async () => {
  const wish: ClientWish = { methods: ['client_secret_post'] }
  const caller = await makeCaller(wish, api, ['orders.read', 'orders.write'])
  const environment = {
    MINTMARK_CLIENT_ID: caller.clientId,
    MINTMARK_CLIENT_SECRET_FILE: put('post.secret', `${caller.secret}\n`),
    MINTMARK_AUDIENCE: api.audience,
  }
  const outcome = await run('secret-in-body/caller.mjs', environment)
  assertPrinted(outcome, `200 {"order":"orders","for":"${caller.clientId}"}`)
  put('post.secret', 'mistyped')
  const refused = await run('secret-in-body/caller.mjs', environment)
  assert.equal(refused.code, 1)
  assert.match(refused.errors, /^client_refused: .* answered 401: invalid_client.*\(give up\)\n$/)
})

test('private key: a thousand requests with one token', async () => {
  const pair = makePair('ES256')
  const wish: ClientWish = { methods: ['private_key_jwt'], keys: [pair.publicJwk] }
  const caller = await makeCaller(wish, api, ['orders.read'])
  const key = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  const outcome = await run('private-key/caller.mjs', {
    MINTMARK_CLIENT_ID: caller.clientId,
    MINTMARK_PRIVATE_KEY_FILE: put('caller.key', key),
    MINTMARK_KEY_ID: pair.kid,
    MINTMARK_AUDIENCE: api.audience,
  })
  assertPrinted(outcome, `1000 {"order":"42","for":"${caller.clientId}"}`)
  assert.equal(api.tokensOf(caller.clientId), 1)
})

const certificateFiles = (name: string) => {
  const certificate = clientCertificate(domain, { subject: nameOf(['O', 'Example'], ['CN', name]) })
  const environment = {
    MINTMARK_CERTIFICATE_FILE: put(`${name}.crt`, certificate.pem),
    MINTMARK_CERTIFICATE_KEY_FILE: put(`${name}.key`, certificate.keyPem),
    MINTMARK_AUTHORITY_FILE: put(`${name}.ca`, `${domain.authority}${apiAuthority.pem}`),
  }
  return { certificate, environment }
}

test('certificate, with a token bound to it', async () => {
  const { environment } = certificateFiles('shipping')
  const caller = await makeCaller(
    {
      methods: ['tls_client_auth'],
      certificateSubject: { kind: 'subject_dn', value: 'CN=shipping,O=Example' },
      certificateBoundTokens: true,
    },
    secureApi,
    ['orders.read'],
  )
  const outcome = await run('certificate/caller.mjs', {
    ...environment,
    MINTMARK_CLIENT_ID: caller.clientId,
    MINTMARK_AUDIENCE: secureApi.audience,
  })
  assertPrinted(outcome, `200 {"order":"42","for":"${caller.clientId}"}`)
})

test('identity domain: certificate and secret, an issuer that is no address', async (t) => {
  const issuer = 'https://identity.acme.example/'
  const elsewhere = await startMintmark({ environment: { MINTMARK_ISSUER: issuer } })
  t.after(elsewhere.stop)
  const orders = await startOrdersApi()
  t.after(orders.close)
  await elsewhere.createApi({ audience: orders.audience, scopes, profile: 'identity-domain' })
  orders.trust(elsewhere)
  const subject = nameOf(['O', 'Example'], ['CN', 'ledger'])
  const certificate = clientCertificate(elsewhere, { subject })
  await elsewhere.admin.uploadCertificate('ledger', certificate.der)
  const caller = await elsewhere.createClient({
    scopes: [`${orders.audience}orders.read`],
    certificates: ['ledger'],
    methods: ['client_secret_basic'],
  })
  const environment = {
    MINTMARK_DOMAIN_URL: elsewhere.url,
    MINTMARK_ISSUER: issuer,
    MINTMARK_CLIENT_ID: caller.clientId,
    MINTMARK_CLIENT_SECRET_FILE: put('ledger.secret', caller.secret),
    MINTMARK_AUDIENCE: orders.audience,
    MINTMARK_AUTHORITY_FILE: put('ledger.ca', elsewhere.authority ?? ''),
  }
  const shown = {
    MINTMARK_CERTIFICATE_FILE: put('ledger.crt', certificate.pem),
    MINTMARK_CERTIFICATE_KEY_FILE: put('ledger.key', certificate.keyPem),
  }
  for (const more of [shown, {}]) {
    const outcome = await run('identity-domain/caller.mjs', { ...environment, ...more })
    assertPrinted(outcome, `200 {"order":"42","for":"${caller.clientId}"}`)
    assert.match(outcome.errors, /"type":"token_received".*"attempts":1/)
    assert.ok(!outcome.errors.includes(caller.secret))
  }
})

const jobFolder = join(here, 'nightly-job')
const jobFile = (name: string): string => readFileSync(join(jobFolder, name), 'utf8')

/** The files of an installed job, here. */
const installJob = async (): Promise<{ readonly caller: Client; readonly environment: string }> => {
  const caller = await makeCaller({}, api, ['orders.maintain'])
  const secretFile = put('client-secret', caller.secret)
  const values: Readonly<Record<string, string>> = {
    MINTMARK_ISSUER: domain.issuer,
    MINTMARK_CLIENT_ID: caller.clientId,
    MINTMARK_CLIENT_SECRET_FILE: secretFile,
    MINTMARK_AUDIENCE: api.audience,
  }
  const text = jobFile('environment').replace(/^(\w+)=.*$/gm, (line, name: string) => {
    assert.ok(values[name], line)
    return `${name}=${values[name]}`
  })
  return { caller, environment: put('environment', text) }
}

const asInstalledHere = (command: string): string =>
  command
    .replaceAll('/etc/nightly-job', folder)
    .replaceAll('/opt/nightly-job', jobFolder)
    .replaceAll('/tmp/nightly-job', join(folder, 'nightly-job'))
    .replaceAll('/usr/bin/node', process.execPath)

test('nightly job: the line of cron, twice a night', async () => {
  const { caller } = await installJob()
  const line =
    jobFile('nightly-job.cron')
      .split('\n')
      .find((each) => /^\d/.test(each)) ?? ''
  const [, user, command = ''] = /^(?:\S+ ){5}(\S+) (.*)$/.exec(line) ?? []
  assert.equal(user, 'nightly-job')
  for (const times of [1, 2]) {
    const outcome = await runCommand('/bin/sh', ['-c', asInstalledHere(command)], {})
    assert.equal(outcome.code, 0, outcome.errors)
    assert.match(outcome.output, /^expired orders: 200 \{"order":"expired-orders".*\n$/)
    const wanted = `POST /orders/maintenance/expired-orders ${caller.clientId}`
    assert.equal(api.served.filter((each) => each === wanted).length, times)
  }
})

test('nightly job: what systemd starts, and what its exit code says', async () => {
  const { environment } = await installJob()
  const unit = jobFile('nightly-job.service')
  const command = /^ExecStart=(.*)$/m.exec(unit)?.[1] ?? ''
  const own = /^Environment=(.*)$/m.exec(unit)?.[1]?.replace('%d', folder) ?? ''
  const script = `set -a; . ${environment}; ${own}; exec ${asInstalledHere(command)}`
  const start = (more: Environment = {}) => runCommand('/bin/sh', ['-c', script], more)
  assert.equal((await start()).code, 0)
  api.fail(503)
  assert.equal((await start()).code, 75)
  api.fail(404)
  assert.equal((await start()).code, 1)
  api.fail(null)
  put('client-secret', 'wrong')
  const refused = await start()
  assert.equal(refused.code, 1)
  assert.match(refused.errors, /no token: .*invalid_client.* Ask the operator about \S+\.\n$/)
  assert.match(unit, /^RestartPreventExitStatus=1$/m)
})

const analyzer = '/usr/bin/systemd-analyze'
const skip = !existsSync(analyzer) && 'no systemd-analyze on this machine'

test('nightly job: systemd accepts the units', { skip }, async () => {
  put('nightly-job.service', asInstalledHere(jobFile('nightly-job.service')))
  put('nightly-job.timer', jobFile('nightly-job.timer'))
  const words = ['verify', '--man=no', join(folder, 'nightly-job.timer')]
  const outcome = await runCommand(analyzer, [...words, join(folder, 'nightly-job.service')], {})
  const own = outcome.errors.split('\n').filter((line) => line.includes('nightly-job'))
  assert.deepEqual(own, [])
})
