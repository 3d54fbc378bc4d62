/* The API runs as a program of its own, and finds its accounts in a real OpenLDAP, over TLS. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { type TestIssuer, testIssuer } from '@mintmark/guard/testing'
import { makeAuthority, makeCertificate, nameOf } from '../../conformance/kit/certificate.ts'
import { freePort } from '../../conformance/kit/free-port.ts'
import { send } from '../../conformance/kit/http.ts'
import { type Started, startProgram } from '../guide/start-program.ts'
import { directoryAt } from './ldap-accounts.ts'
import { base, bindName, type Slapd, slapdMissing, startSlapd } from './slapd.ts'

const timeoutMs = 1500
const password = 'read-only-7261'
const options = {
  bindName,
  base,
  timeoutMs,
  subjectAttribute: 'uid',
  nameAttribute: 'cn',
  passwordFile: 'none',
}

interface Stage {
  readonly slapd: Slapd
  readonly issuer: TestIssuer
  readonly api: Started
  readonly passwordFile: string
  /** What the API says to a client: status, and account or reason. */
  ask(subject: string): Promise<string>
}

const makeStage = async (): Promise<Stage> => {
  const folder = mkdtempSync(join(tmpdir(), 'mintmark-directory-'))
  const authority = makeAuthority('Example directory authority')
  const certificate = makeCertificate({
    subject: nameOf(['CN', 'localhost']),
    alternatives: [{ kind: 'dns', value: 'localhost' }],
    purposes: ['serverAuth'],
    issuer: authority,
  })
  const put = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 })
    return join(folder, name)
  }
  const passwordFile = put('password', `${password}\n`)
  const slapd = await startSlapd({ folder, port: await freePort(), password, certificate })
  const url = `https://localhost:${await freePort()}`
  const issuer = await testIssuer({ http: true, audience: `${url}/` })
  after(async () => {
    await Promise.all([slapd.stop(), issuer.close()])
    rmSync(folder, { recursive: true })
  })
  const api = await startProgram({
    command: [process.execPath, join(import.meta.dirname, 'server.ts')],
    cwd: folder,
    environment: {
      PATH: process.env['PATH'] ?? '',
      API_URL: url,
      MINTMARK_ISSUER: issuer.issuer,
      LDAP_URL: slapd.url,
      LDAP_BIND_NAME: bindName,
      LDAP_PASSWORD_FILE: passwordFile,
      LDAP_BASE: base,
      LDAP_TIMEOUT_MS: `${timeoutMs}`,
      NODE_EXTRA_CA_CERTS: put('authority.crt', authority.pem),
      TLS_CERT_FILE: put('api.crt', certificate.pem),
      TLS_KEY_FILE: put('api.key', certificate.keyPem),
    },
    ready: 'listening at',
  })
  after(api.stop)
  const ask = async (subject: string): Promise<string> => {
    const token = issuer.token({ sub: subject, scope: 'orders.read' })
    const headers = { authorization: `Bearer ${token}` }
    const options = { url: `${url}/orders`, method: 'GET', authority: authority.pem, headers }
    const { status, json, text } = await send(options)
    assert.doesNotMatch(text, /ldap|cn=|read-only/i)
    return `${status} ${json?.['ranAs'] ?? json?.['reason']}`
  }
  return { slapd, issuer, api, passwordFile, ask }
}

describe('accounts of a directory', { skip: slapdMissing }, async () => {
  if (slapdMissing !== false) return
  const { slapd, api, passwordFile, ask } = await makeStage()

  const table: readonly [subject: string, expected: string][] = [
    ['nightly', '200 BATCH'],
    ['plain', '200 PLAIN'],
    ['nobody', '403 ACCOUNT_UNKNOWN'],
    ['left', '403 ACCOUNT_DISABLED'],
    ['left-389', '403 ACCOUNT_DISABLED'],
    ['guessed', '403 ACCOUNT_LOCKED'],
    ['guessed-ad', '403 ACCOUNT_LOCKED'],
    ['robot', '403 ACCOUNT_UNKNOWN'],
    ['NIGHTLY', '403 ACCOUNT_UNKNOWN'],
    [' nightly ', '403 ACCOUNT_UNKNOWN'],
    ['twice', '503 ACCOUNTS_UNREACHABLE'],
    ['*', '403 ACCOUNT_UNKNOWN'],
    ['night*', '403 ACCOUNT_UNKNOWN'],
    ['*)(uid=*', '403 ACCOUNT_UNKNOWN'],
    ['nobody)(|(uid=nightly', '403 ACCOUNT_UNKNOWN'],
    ['\\6eightly', '403 ACCOUNT_UNKNOWN'],
    ['a*b(c)\\d', '200 ODD'],
  ]
  for (const [subject, expected] of table) {
    it(`${JSON.stringify(subject)}: ${expected}`, async () => {
      assert.equal(await ask(subject), expected)
    })
  }

  it('a hundred at once, over one connection', async () => {
    for (const opened of [0, 1]) {
      if (opened > 0) {
        await slapd.stop()
        await slapd.start()
      }
      const before = slapd.accepted()
      const asked = Array.from({ length: 100 }, () => ask('nightly'))
      assert.deepEqual([...new Set(await Promise.all(asked))], ['200 BATCH'])
      assert.equal(slapd.accepted() - before, opened)
    }
  })

  it('refuses everybody while it is down, and finds them again after a restart', async () => {
    assert.equal(await ask('nightly'), '200 BATCH')
    await slapd.stop()
    assert.equal(await ask('nightly'), '503 ACCOUNTS_UNREACHABLE')
    await slapd.start()
    assert.match(api.output(), /Accounts cannot be looked up: .*ECONNREFUSED/)
    assert.equal(await ask('nightly'), '200 BATCH')
    // Nobody asked while it was away: the connection that is lost is noticed and replaced.
    await slapd.stop()
    await slapd.start()
    assert.equal(await ask('nightly'), '200 BATCH')
  })

  it('waits no longer than it was told for one that hangs', async () => {
    slapd.hang()
    const startedMs = performance.now()
    const answers = await Promise.all([ask('nightly'), ask('nightly'), ask('nobody')])
    const tookMs = performance.now() - startedMs
    slapd.goOn()
    assert.deepEqual([...new Set(answers)], ['503 ACCOUNTS_UNREACHABLE'])
    assert.ok(tookMs >= timeoutMs - 50 && tookMs < timeoutMs + 1500, `${tookMs} ms`)
    assert.equal(await ask('nightly'), '200 BATCH')
  })

  it('refuses everybody with a wrong or empty password, and takes the next one', async () => {
    for (const wrong of ['wrong', '']) {
      writeFileSync(passwordFile, wrong)
      await slapd.stop()
      await slapd.start()
      assert.equal(await ask('nightly'), '503 ACCOUNTS_UNREACHABLE')
    }
    writeFileSync(passwordFile, password)
    assert.equal(await ask('nightly'), '200 BATCH')
    assert.ok(!api.output().includes(password))
  })
})

it('sends its password in the clear to this machine only', () => {
  for (const url of ['ldap://directory.example', 'http://localhost']) {
    assert.throws(() => directoryAt({ ...options, url }), /is not ldaps:/)
  }
  directoryAt({ ...options, url: 'ldap://127.0.0.1' })
})
