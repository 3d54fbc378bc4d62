/* The API runs as a program of its own, and finds its accounts in a real OpenLDAP, over TLS. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { testIssuer } from '@mintmark/guard/testing'
import { makeAuthority, makeCertificate, nameOf } from '../../conformance/kit/certificate.ts'
import { freePort } from '../../conformance/kit/free-port.ts'
import { send } from '../../conformance/kit/http.ts'
import { type Started, startProgram } from '../guide/start-program.ts'
import { directoryAt } from './ldap-accounts.ts'
import { base, bindName, type Slapd, slapdMissing, startSlapd } from './slapd.ts'

/** How long two servers wait for the directory: one for most questions, one for what hangs. */
const patientMs = 12_000
const briefMs = 1500
const password = 'read-only-7261'
const audience = 'https://orders.example/'
const options = {
  bindName,
  base,
  timeoutMs: briefMs,
  subjectAttribute: 'uid',
  nameAttribute: 'cn',
  passwordFile: 'none',
}

interface Api extends Started {
  /** What the API says to a client: status, and account or reason. */
  ask(subject: string): Promise<string>
}

interface Stage {
  readonly slapd: Slapd
  readonly patient: Api
  readonly brief: Api
  readonly passwordFile: string
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
  const issuer = await testIssuer({ http: true, audience })
  after(async () => {
    await Promise.all([slapd.stop(), issuer.close()])
    rmSync(folder, { recursive: true })
  })
  const startApi = async (timeoutMs: number): Promise<Api> => {
    const url = `https://localhost:${await freePort()}`
    const started = await startProgram({
      command: [process.execPath, join(import.meta.dirname, 'server.ts')],
      cwd: folder,
      environment: {
        PATH: process.env['PATH'] ?? '',
        API_URL: url,
        API_AUDIENCE: audience,
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
    after(started.stop)
    const ask = async (subject: string): Promise<string> => {
      const token = issuer.token({ sub: subject, scope: 'orders.read' })
      const headers = { authorization: `Bearer ${token}` }
      const options = { url: `${url}/orders`, method: 'GET', authority: authority.pem, headers }
      const { status, json, text } = await send(options)
      assert.doesNotMatch(text, /ldap|cn=|read-only/i)
      return `${status} ${json?.['ranAs'] ?? json?.['reason']}`
    }
    return { ...started, ask }
  }
  const [patient, brief] = [await startApi(patientMs), await startApi(briefMs)]
  return { slapd, patient, brief, passwordFile }
}

/** Its log comes by another pipe than its answers. */
const untilSaid = async (api: Api, what: RegExp): Promise<void> => {
  for (let tries = 0; tries < 500 && !what.test(api.output()); tries += 1) await sleep(20)
  assert.match(api.output(), what)
}

describe('accounts of a directory', { skip: slapdMissing }, async () => {
  if (slapdMissing !== false) return
  const { slapd, patient, brief, passwordFile } = await makeStage()
  const { ask } = patient

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
      // it says so by a pipe of its own
      for (let tries = 0; tries < 500 && slapd.accepted() - before < opened; tries += 1) {
        await sleep(20)
      }
      assert.equal(slapd.accepted() - before, opened)
    }
  })

  it('refuses everybody while it is down, and finds them again after a restart', async () => {
    assert.equal(await ask('nightly'), '200 BATCH')
    await slapd.stop()
    assert.equal(await ask('nightly'), '503 ACCOUNTS_UNREACHABLE')
    await slapd.start()
    await untilSaid(patient, /Accounts cannot be looked up: .*ECONNREFUSED/)
    assert.equal(await ask('nightly'), '200 BATCH')
    // Nobody asked while it was away: the connection that is lost is noticed and replaced.
    await slapd.stop()
    await slapd.start()
    assert.equal(await ask('nightly'), '200 BATCH')
  })

  it('waits no longer than it was told for one that hangs', async () => {
    assert.equal(await brief.ask('nightly'), '200 BATCH')
    slapd.hang()
    const startedMs = performance.now()
    let isOver = false
    const waiting = ask('nightly').finally(() => {
      isOver = true
    })
    const subjects = ['nightly', 'nightly', 'nobody']
    const answers = await Promise.all(subjects.map((subject) => brief.ask(subject)))
    const tookMs = performance.now() - startedMs
    assert.equal(isOver, false, 'who was told to wait for longer still does')
    slapd.goOn()
    assert.deepEqual([...new Set(answers)], ['503 ACCOUNTS_UNREACHABLE'])
    assert.ok(tookMs >= briefMs - 50, `${tookMs} ms`)
    await untilSaid(brief, /the directory has not answered within 1500 ms/)
    assert.equal(await waiting, '200 BATCH')
    assert.equal(await brief.ask('nightly'), '200 BATCH')
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
    assert.ok(![patient, brief].some((api) => api.output().includes(password)))
  })
})

it('sends its password in the clear to this machine only', () => {
  for (const url of ['ldap://directory.example', 'http://localhost']) {
    assert.throws(() => directoryAt({ ...options, url }), /is not ldaps:/)
  }
  directoryAt({ ...options, url: 'ldap://127.0.0.1' })
})
