import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { Agent } from 'node:http'
import { join } from 'node:path'
import { after, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ask, basic, logLines, newDirectory, post, startServe } from '../test-process.ts'

const home = newDirectory()
after(home.remove)
const adminId = 'replace-admin'
const secret = 'secret-of-the-first-administrator-99'
const admin = basic(adminId, secret)
const settings = (data: string, workers: number) => ({
  MINTMARK_DATA: join(home.path, data),
  MINTMARK_WORKERS: String(workers),
  MINTMARK_BOOTSTRAP_CLIENT_ID: adminId,
  MINTMARK_BOOTSTRAP_CLIENT_SECRET: secret,
})

type Server = Awaited<ReturnType<typeof startServe>>

const token = (url: string, connection: Agent) =>
  post(
    `${url}/oauth2/v1/token`,
    { grant_type: 'client_credentials', scope: 'urn:opc:idm:__myscopes__' },
    { authorization: admin, connection },
  )

/** Asks without end, over connections that stay and over a new one each time. */
const keepAsking = (url: string, t: TestContext) => {
  let isRunning = true
  t.after(() => {
    isRunning = false
  })
  let answered = 0
  const faults: string[] = []
  const repeat = async (call: () => Promise<{ readonly status: number }>): Promise<void> => {
    while (isRunning) {
      await call().then(
        ({ status }) => {
          answered += 1
          if (status !== 200) faults.push(`status ${status}`)
        },
        (error: Error) => faults.push(error.message),
      )
    }
  }
  const agents = Array.from({ length: 8 }, () => new Agent({ keepAlive: true, maxSockets: 1 }))
  const callers = [
    ...agents.slice(0, 4).map((agent) => repeat(() => token(url, agent))),
    // connections that wait most of the time
    ...agents.slice(4).map((agent) =>
      repeat(async () => {
        await sleep(200)
        return ask(`${url}/readyz`, { connection: agent })
      }),
    ),
    repeat(() => token(url, new Agent())),
    repeat(() => ask(`${url}/.well-known/openid-configuration`)),
  ]
  return async () => {
    isRunning = false
    await Promise.all(callers)
    for (const agent of agents) agent.destroy()
    return { answered, faults }
  }
}

const replaced = (server: Server) =>
  logLines(server.output()).filter(({ msg }) => msg === 'worker replaced')

test('SIGUSR2 replaces the workers one by one, and no request is refused or reset', async (t) => {
  const server = await startServe(settings('under-load', 2))
  t.after(() => server.end('SIGKILL'))
  const issued = async () => {
    const { text } = await ask(`${server.plain}/metrics`)
    return Number(text.match(/^mintmark_tokens_issued_total\{alg="RS256"\} (\d+)$/m)?.[1])
  }
  const stop = keepAsking(server.plain, t)
  await sleep(300)
  server.child.kill('SIGUSR2')
  await server.said(/replacing the workers one by one/)
  server.child.kill('SIGUSR2')
  await server.said(/being replaced already/)
  await server.said(/all workers were replaced/)
  const before = await issued()
  const { answered, faults } = await stop()
  assert.deepEqual(faults, [])
  assert.ok(answered > 50, `${answered} answers`)
  const pids = replaced(server).flatMap(({ former, worker }) => [former, worker])
  assert.equal(new Set(pids).size, 4, JSON.stringify(pids))
  assert.ok((await issued()) >= before, 'what the former have counted is counted still')
  assert.equal(await server.end('SIGTERM'), 0)
})

test('settings that have changed, or cannot be read, replace nobody', async (t) => {
  const config = join(home.path, 'mintmark.yaml')
  writeFileSync(config, 'rateLimit: {}\n')
  const server = await startServe({ ...settings('changed', 2), MINTMARK_CONFIG: config })
  t.after(() => server.end('SIGKILL'))
  writeFileSync(config, 'idleTimeout: 3s\n')
  server.child.kill('SIGUSR2')
  await server.said(/no worker is replaced, because the settings are not those of the start/)
  assert.equal((await ask(`${server.plain}/readyz`)).status, 200)
})

test('one process has nobody to replace, and goes on', async (t) => {
  const server = await startServe(settings('one', 1))
  t.after(() => server.end('SIGKILL'))
  server.child.kill('SIGUSR2')
  await server.said(/no worker is replaced: this one process answers and writes/)
  assert.equal((await ask(`${server.plain}/readyz`)).status, 200)
})
