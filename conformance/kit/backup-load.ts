/** A backup under load, restored elsewhere, and held against what had been acknowledged. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Administration, appSchema, openAdministration } from './administration.ts'
import { introspect, revoke } from './afterlife.ts'
import { askToken } from './ask.ts'
import { basic, form, formHeaders } from './http.ts'
import { type MintmarkDomain, startMintmark } from './mintmark-domain.ts'
import { type CommandEnd, runCommand, startServer } from './server-process.ts'
import { type Api, type Client, type TestDomain, tokenPath } from './test-domain.ts'

export interface BackupWish {
  readonly applications: number
  /** Requests for tokens, sent on time whether answers come or not. */
  readonly requestsPerSecond: number
  /** Windows with a backup, each beside one without. */
  readonly rounds: number
  /** How long each window without one lasts. */
  readonly windowMs: number
}

/** Milliseconds from the time a request was due to the end of its answer. */
export interface WindowReport {
  readonly p50: number
  readonly p99: number
  readonly most: number
  readonly requests: number
  /** Neither answered nor shed. */
  readonly failed: number
}

export interface BackupReport {
  readonly backupMs: readonly number[]
  readonly restoreMs: number
  /** From the start of the restored server until it listens. */
  readonly startMs: number
  readonly megabytes: number
  readonly quiet: readonly WindowReport[]
  readonly busy: readonly WindowReport[]
  /** Applications made one by one: acknowledged before the backup, after it, and found in it. */
  readonly beside: { readonly before: number; readonly after: number; readonly found: number }
  /** Each a sentence; empty: all is well. */
  readonly faults: readonly string[]
}

const issuer = 'https://backup.example'
const audience = 'https://loaded.example/'
const scope = `${audience}read`
const passphrase = 'a passphrase of the load'
/** Of a Bulk: few enough to be answered within seconds by a machine that others keep busy. */
const atOnce = 250
/** Clients of the Bulk that ask for tokens, and are asked for afterwards. */
const askingMax = 500

const clientData = (displayName: string) => ({
  schemas: [appSchema],
  displayName,
  basedOnTemplate: { value: 'CustomWebAppTemplateId' },
  active: true,
  isOAuthClient: true,
  clientType: 'confidential',
  allowedGrants: ['client_credentials'],
  allowedScopes: [{ fqs: scope }],
})

type Made = Readonly<Record<string, unknown>>

const clientOf = (made: Made): Client => ({
  id: String(made['id']),
  clientId: String(made['name']),
  secret: String(made['clientSecret']),
})

/** Makes clients, many a request. @returns some of them, evenly spread */
const makeClients = async (admin: Administration, count: number): Promise<readonly Client[]> => {
  const kept: Client[] = []
  const every = Math.ceil(count / askingMax)
  for (let first = 0; first < count; first += atOnce) {
    const answer = await admin.call('POST', '/Bulk', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      Operations: Array.from({ length: Math.min(atOnce, count - first) }, (_, index) => ({
        method: 'POST',
        path: '/Apps',
        bulkId: String(index),
        data: clientData(`Bulk ${first + index}`),
      })),
    })
    const operations = answer['Operations'] as readonly { status: string; response: Made }[]
    for (const [index, { status, response }] of operations.entries()) {
      if (status !== '201') throw new Error(JSON.stringify(response))
      if ((first + index) % every === 0) kept.push(clientOf(response))
    }
  }
  return kept
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

const sendToken = (port: string, headers: object, body: string): Promise<number> =>
  new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, path: tokenPath, method: 'POST', agent }
    const sent = request({ ...options, headers: { ...headers } }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
    })
    sent.on('error', (error: NodeJS.ErrnoException) => {
      // the server closed a connection that had been idle, before it saw the request
      const isUnseen = sent.reusedSocket && error.code === 'ECONNRESET'
      resolve(isUnseen ? sendToken(port, headers, body) : 0)
    })
    sent.end(body)
  })

/** Sends requests when they are due, until it is told to stop. */
const loadWith = (url: string, clients: readonly Client[], perSecond: number) => {
  const body = form({ grant_type: 'client_credentials', scope })
  const { port } = new URL(url)
  const prepared = clients.map(({ clientId, secret }) =>
    formHeaders({
      authorization: basic(clientId, secret),
      'content-length': String(Buffer.byteLength(body)),
    }),
  )
  return async (until: Promise<unknown>): Promise<WindowReport> => {
    let open = true
    const end = (): void => {
      open = false
    }
    until.then(end, end)
    const millis: number[] = []
    const answers: Promise<void>[] = []
    let failed = 0
    const startedMs = performance.now()
    for (let sent = 0; open; ) {
      const due = ((performance.now() - startedMs) * perSecond) / 1000
      for (; sent < due; sent += 1) {
        const dueMs = startedMs + (sent * 1000) / perSecond
        const headers = prepared[(sent * 7) % prepared.length] ?? {}
        answers.push(
          sendToken(port, headers, body).then((status) => {
            millis.push(performance.now() - dueMs)
            // a machine that others keep busy may shed some
            if (status !== 200 && status !== 503) failed += 1
          }),
        )
      }
      await sleep(1)
    }
    await Promise.all(answers)
    const sorted = millis.toSorted((a, b) => a - b)
    const at = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? 0
    return { p50: at(0.5), p99: at(0.99), most: at(1), requests: sorted.length, failed }
  }
}

/** Makes one application after the other, until it is told to stop. */
const writeBeside = ({ admin }: MintmarkDomain) => {
  const made: Client[] = []
  let open = true
  const done = (async () => {
    while (open) {
      made.push(clientOf(await admin.call('POST', '/Apps', clientData(`Beside ${made.length}`))))
      await sleep(10)
    }
  })()
  return {
    made,
    stop: (): Promise<void> => {
      open = false
      return done
    },
  }
}

/** What must be true of the restored server. @returns what is not */
const compare = async (
  restored: TestDomain & { readonly admin: Administration },
  expected: {
    readonly bulk: readonly Client[]
    readonly applications: number
    readonly beside: readonly Client[]
    readonly before: number
    readonly revoked: string
    readonly api: Client
  },
): Promise<{ readonly faults: readonly string[]; readonly found: number }> => {
  const faults: string[] = []
  const { admin } = restored
  const count = async (filter: string): Promise<number> =>
    Number(
      (await admin.call('GET', `/Apps?count=1&filter=${encodeURIComponent(filter)}`))[
        'totalResults'
      ],
    )
  const bulk = await count('displayName sw "Bulk "')
  if (bulk !== expected.applications) faults.push(`${bulk} applications of the Bulk are there`)
  for (const client of expected.bulk) {
    const { status } = await askToken(restored, client, { scope })
    if (status !== 200) faults.push(`${client.clientId} gets no token: ${status}`)
  }
  // what was acknowledged before is there, and of what came later a beginning and no more
  let found = 0
  for (const [index, client] of expected.beside.entries()) {
    const { status } = await askToken(restored, client, { scope })
    const isThere = (await count(`name eq "${client.clientId}"`)) === 1
    if (isThere !== (status === 200)) faults.push(`${client.clientId} is there by half`)
    if (isThere && index !== found) faults.push(`${client.clientId}: one before it is missing`)
    if (isThere) found += 1
  }
  if (found < expected.before) faults.push(`${found} of ${expected.before} acknowledged are there`)
  const asked = await introspect(restored, expected.api, expected.revoked)
  if (asked.json?.['active'] !== false) faults.push(`a revoked token: ${asked.text}`)
  const verdict = await fetch(`${restored.url}/api/v1/audit/verify`, {
    headers: { authorization: `Bearer ${admin.token}` },
  })
  const { ok } = (await verdict.json()) as { readonly ok?: boolean }
  if (ok !== true) faults.push('the audit chain is broken')
  return { faults, found }
}

const mustEnd = ({ code, output }: CommandEnd): void => {
  if (code !== 0) throw new Error(output)
}

/** Restores a backup into a new folder and starts a server there. */
const restoreBackup = async (domain: MintmarkDomain, file: string, data: string) => {
  mkdirSync(data, { mode: 0o700 })
  copyFileSync(join(domain.dataDirectory, 'master.key'), join(data, 'master.key'))
  const secret = { MINTMARK_BACKUP_PASSPHRASE: passphrase }
  const restored = await runCommand(['db', 'restore', file, '--data', data], secret)
  mustEnd(restored)
  const startedMs = performance.now()
  const server = await startServer({
    environment: {
      MINTMARK_DATA: data,
      MINTMARK_LISTEN: '127.0.0.1:0',
      MINTMARK_ISSUER: issuer,
      MINTMARK_RATE_LIMIT_EXEMPT: '127.0.0.0/8',
    },
    doors: ['plain'],
  })
  const startMs = performance.now() - startedMs
  const url = server.door('plain') as string
  const admin = await openAdministration(url, domain.administrator)
  return {
    restoreMs: restored.milliseconds,
    startMs,
    server,
    domain: { ...domain, url, admin },
  }
}

/** @returns the first end that is not for the server being busy, as a crowded machine makes it */
const backUp = async (domain: MintmarkDomain, file: string): Promise<CommandEnd> => {
  for (let tries = 1; ; tries += 1) {
    const end = await runCommand(['db', 'backup', file], {
      MINTMARK_URL: domain.url,
      MINTMARK_CLIENT_ID: domain.administrator.clientId,
      MINTMARK_CLIENT_SECRET: domain.administrator.secret,
      MINTMARK_BACKUP_PASSPHRASE: passphrase,
    })
    if (!/busy/.test(end.output) || tries === 5) return end
  }
}

/** A busy machine sheds some requests. @throws when it sheds all for ten seconds */
const issuePatiently = async (domain: MintmarkDomain, client: Client): Promise<string> => {
  for (let tries = 0; ; tries += 1) {
    const { status, text, json } = await askToken(domain, client, { scope })
    if (status === 200) return String(json?.['access_token'])
    if (status !== 503 || tries === 10) throw new Error(`token: ${status} ${text}`)
    await sleep(1000)
  }
}

const revokedToken = async (domain: MintmarkDomain, client: Client): Promise<string> => {
  const token = await issuePatiently(domain, client)
  const { status } = await revoke(domain, client, token)
  if (status !== 200) throw new Error(`revocation: ${status}`)
  return token
}

/** Loads a domain, backs it up meanwhile, restores the last backup and compares. */
export const tryBackups = async (
  wish: BackupWish,
  say: (text: string) => void = () => {},
): Promise<BackupReport> => {
  const home = mkdtempSync(join(tmpdir(), 'mintmark-backup-'))
  const domain = await startMintmark({ environment: { MINTMARK_ISSUER: issuer } })
  let stopBeside = async (): Promise<void> => {}
  try {
    const api: Api = await domain.createApi({ audience, scopes: ['read'], introspects: true })
    const bulk = await makeClients(domain.admin, wish.applications)
    say(`${wish.applications} applications made`)
    const load = loadWith(domain.url, bulk, wish.requestsPerSecond)
    const quiet: WindowReport[] = []
    const busy: WindowReport[] = []
    const backupMs: number[] = []
    const beside = writeBeside(domain)
    stopBeside = beside.stop
    await load(sleep(wish.windowMs))
    let before = 0
    let revoked = ''
    let after = 0
    const file = join(home, 'all.backup')
    for (let round = 0; round < wish.rounds; round += 1) {
      quiet.push(await load(sleep(wish.windowMs)))
      revoked = await revokedToken(domain, bulk[0] as Client)
      before = beside.made.length
      const backup = backUp(domain, file)
      busy.push(await load(backup))
      mustEnd(await backup)
      after = beside.made.length
      backupMs.push((await backup).milliseconds)
      say(`${told(quiet.at(-1))} without, ${told(busy.at(-1))} beside ${backupMs.at(-1)} ms`)
    }
    await beside.stop()
    const restored = await restoreBackup(domain, file, join(home, 'data'))
    const { restoreMs, startMs } = restored
    try {
      const { faults, found } = await compare(restored.domain, {
        bulk,
        applications: wish.applications,
        beside: beside.made,
        before,
        revoked,
        api: api.client as Client,
      })
      const megabytes = statSync(file).size / 2 ** 20
      const seen = { before, after, found }
      return { backupMs, restoreMs, startMs, megabytes, quiet, busy, beside: seen, faults }
    } finally {
      await restored.server.stop()
    }
  } finally {
    // what went wrong before is what is to be told
    await stopBeside().catch(() => {})
    await domain.stop()
    rmSync(home, { recursive: true, force: true })
  }
}

const told = (window: WindowReport | undefined): string =>
  window === undefined
    ? ''
    : `p50 ${window.p50.toFixed(1)} p99 ${window.p99.toFixed(1)} ms most ${window.most.toFixed(0)}`
