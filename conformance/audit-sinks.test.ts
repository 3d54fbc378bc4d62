/** What happens is kept elsewhere too, in order and whole, and nobody waits for it. */
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server as HttpServer, type ServerResponse } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createServer as createTlsServer } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { askToken } from './kit/ask.ts'
import { makeAuthority, makeCertificate, nameOf } from './kit/certificate.ts'
import { cBasic } from './kit/fixtures.ts'
import { send } from './kit/http.ts'
import type { MintmarkDomain } from './kit/mintmark-domain.ts'
import type { Client } from './kit/test-domain.ts'
import { withRestarts } from './kit/with-restarts.ts'

const main = fileURLToPath(new URL('../edge/cli/dist/main.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'mintmark-sinks-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const authority = makeAuthority('Log authority')
const served = makeCertificate({
  subject: nameOf(['CN', 'localhost']),
  alternatives: [{ kind: 'dns', value: 'localhost' }],
  purposes: ['serverAuth'],
  issuer: authority,
})
const trusted = join(folder, 'authority.pem')
writeFileSync(trusted, authority.pem)

const listen = async (server: Server | HttpServer): Promise<number> => {
  await new Promise<void>((fulfil) => server.listen(0, '127.0.0.1', fulfil))
  server.unref()
  return (server.address() as AddressInfo).port
}

/** A syslog receiver over TLS that reads the framing of RFC 6587. */
const receiveSyslog = async () => {
  const messages: string[] = []
  const server = createTlsServer({ key: served.keyPem, cert: served.pem }, (socket) => {
    let held = Buffer.alloc(0)
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      held = Buffer.concat([held, chunk])
      for (;;) {
        const space = held.indexOf(' ')
        const end = space + 1 + Number(held.subarray(0, Math.max(space, 0)).toString())
        if (space <= 0 || held.length < end) return
        messages.push(held.subarray(space + 1, end).toString('utf8'))
        held = held.subarray(end)
      }
    })
  })
  return { messages, port: await listen(server), close: () => server.close() }
}

/** A receiver of NDJSON; hung, it takes requests and answers none. */
const receivePosts = async () => {
  const bodies: string[] = []
  const open: ServerResponse[] = []
  let isHung = false
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      open.push(response)
      if (isHung) return
      bodies.push(body)
      response.writeHead(204).end()
    })
  })
  return {
    text: () => bodies.join(''),
    port: await listen(server),
    hang: (hung: boolean) => {
      isHung = hung
    },
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

const until = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
  const deadline = Date.now() + 20_000
  while (!(await holds())) {
    ok(Date.now() < deadline, `${what} within 20 s`)
    await sleep(50)
  }
}

const mint = async (domain: MintmarkDomain, client: Client, count: number) => {
  const ecids: string[] = []
  for (let at = 0; at < count; at += 1) {
    const answer = await askToken(domain, client)
    equal(answer.status, 200, answer.text)
    ecids.push(String(answer.headers['x-oracle-dms-ecid']))
  }
  return ecids
}

const ecidsIn = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{') && line.includes('"token'))
    .map((line) => String((JSON.parse(line) as { ecid?: string }).ecid))

const verify = (path: string) =>
  spawnSync(process.execPath, [main, 'audit', 'verify', path], { encoding: 'utf8' })

const metric = async (domain: MintmarkDomain, name: string): Promise<number> => {
  const { text } = await send({ url: `${domain.url}/metrics`, method: 'GET' })
  const found = text.split('\n').find((line) => line.startsWith(name))
  return Number(found?.split(' ').at(-1) ?? Number.NaN)
}

test('file, syslog over TLS and webhook each get every event, in order and whole', async () => {
  const [syslog, posts] = [await receiveSyslog(), await receivePosts()]
  const file = join(folder, 'whole.ndjson')
  const environment = {
    MINTMARK_AUDIT_FILE: file,
    MINTMARK_AUDIT_SYSLOG: `tls://localhost:${syslog.port}`,
    MINTMARK_AUDIT_WEBHOOK_URL: `http://127.0.0.1:${posts.port}/kept?key=a-key-of-the-receiver`,
    NODE_EXTRA_CA_CERTS: trusted,
  }
  await withRestarts({ environment }, async (domain, restart) => {
    const client = await cBasic(domain)
    const first = await mint(domain, client, 20)
    const has = (text: string) => first.every((ecid) => text.includes(ecid))
    await until('the file', () => has(readFileSync(file, 'utf8')))
    await until('the webhook', () => has(posts.text()))
    await until('syslog', () => has(syslog.messages.join('\n')))
    const message = syslog.messages.find((each) => each.includes(first[0] ?? '')) ?? ''
    match(message, /^<110>1 20\d\d-\d\d-\d\dT[\d:.]+Z \S+ mintmark \d+ event - \{/)
    equal(posts.text(), readFileSync(file, 'utf8'), 'both have the form of the export')

    // moved away, as by logrotate; then killed and started again
    renameSync(file, `${file}.1`)
    const second = await mint(domain, client, 5)
    await until('the new file', () => {
      const text = readFileSync(file, { encoding: 'utf8', flag: 'a+' })
      return second.every((ecid) => text.includes(ecid))
    })
    domain.process().child.kill('SIGKILL')
    const again = await restart()
    const third = await mint(again, client, 5)
    await until('the file after the restart', () =>
      third.every((ecid) => readFileSync(file, 'utf8').includes(ecid)),
    )
    const text = readFileSync(`${file}.1`, 'utf8') + readFileSync(file, 'utf8')
    const ecids = ecidsIn(text)
    const wanted = [...first, ...second, ...third]
    deepEqual(
      ecids.filter((each) => wanted.includes(each)),
      wanted,
      'each once',
    )
    writeFileSync(file, text)
    const verified = verify(file)
    equal(verified.status, 0, verified.stderr)
    ok(!again.process().output().includes('a-key-of-the-receiver'))
  })
  syslog.close()
  posts.close()
})

test('F-10 a sink that hangs holds up nobody, and gets what it missed', async () => {
  const posts = await receivePosts()
  posts.hang(true)
  const file = join(folder, 'hung.ndjson')
  const environment = {
    MINTMARK_AUDIT_FILE: file,
    MINTMARK_AUDIT_WEBHOOK_URL: `http://127.0.0.1:${posts.port}/`,
  }
  await withRestarts({ environment }, async (domain) => {
    const client = await cBasic(domain)
    const ecids = await mint(domain, client, 30)
    await until('the file', () => ecids.every((each) => readFileSync(file, 'utf8').includes(each)))
    const failures = 'mintmark_audit_sink_failures_total{sink="webhook"}'
    await until('the failure', async () => (await metric(domain, failures)) > 0)
    ok((await metric(domain, 'mintmark_audit_sink_waiting_seconds{sink="webhook"}')) > 0)
    equal(await metric(domain, 'mintmark_audit_sink_waiting_seconds{sink="file"}'), 0)
    const says = (what: RegExp) => () => what.test(domain.process().output())
    await until('the log', says(/an audit sink does not take what has happened/))
    posts.hang(false)
    await until('what it missed', () => ecids.every((each) => posts.text().includes(each)))
    await until('the log', says(/an audit sink takes events again/))
  })
  posts.close()
})

test('a write that a crash cut off is mended, and the pack is whole in the file', async () => {
  const file = join(folder, 'cut.ndjson')
  await withRestarts({ environment: { MINTMARK_AUDIT_FILE: file } }, async (domain, restart) => {
    const client = await cBasic(domain)
    const before = await mint(domain, client, 3)
    await until('the file', () => before.every((each) => readFileSync(file, 'utf8').includes(each)))
    domain.process().child.kill('SIGKILL')
    const kept = readFileSync(file)
    writeFileSync(file, Buffer.concat([kept, Buffer.from('{"pack":{"sequence":9,"events":2,')]))
    const again = await restart()
    const then = await mint(again, client, 3)
    await until('the file', () => then.every((each) => readFileSync(file, 'utf8').includes(each)))
    const verified = verify(file)
    equal(verified.status, 0, verified.stderr)
  })
})
