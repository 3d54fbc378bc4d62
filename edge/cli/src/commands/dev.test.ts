import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { freePort, newDirectory, startCommand } from '../test-process.ts'

const home = newDirectory()
after(home.remove)

/** The commands of the transcript, as a reader would mark and copy them. */
const commandsIn = (transcript: string): readonly string[] =>
  [...transcript.matchAll(/^ {4}(curl (?:.*\\\n)*.*)$/gm)].map(([, command]) => command as string)

const paste = async (command: string) => {
  const asked = `${command} -w '\\n%{http_code}'`
  const { stdout } = await promisify(execFile)('bash', ['-c', asked], { cwd: home.path })
  const [body = '', status] = stdout.split('\n')
  return { status, body: JSON.parse(body) as Readonly<Record<string, unknown>> }
}

const modeOf = (name: string): number => statSync(join(home.path, '.mintmark', name)).mode & 0o777

const startDev = async (ports: readonly string[]) => {
  const run = startCommand(['dev', ...ports], {}, home.path)
  after(() => run.child.kill('SIGKILL'))
  await run.said(/Stop: Ctrl-C/)
  return run
}

test('dev: commands work as printed, secrets are their owner’s, all is found again', async (t) => {
  const taken = await freePort(3)
  const taker = createServer().listen(taken, '127.0.0.1')
  t.after(() => taker.close())
  await once(taker, 'listening')
  const ports = ['--port', String(taken), '--tls-port', String(taken + 2)]
  const first = await startDev(ports)
  const moved = new RegExp(`${taken} is used by \\S+ \\(pid ${process.pid}\\); using (\\d+)`)
  const [, port] = first.output().match(moved) ?? []
  assert.equal(Number(port), taken + 1, first.output())
  assert.match(first.output(), /Database {5}\.mintmark\/mintmark\.db {3}created/)

  const commands = commandsIn(first.output())
  assert.equal(commands.length, 2, first.output())
  const [bySecret, byCertificate] = [await paste(commands[0] ?? ''), await paste(commands[1] ?? '')]
  assert.deepEqual([bySecret.status, bySecret.body['token_type']], ['200', 'Bearer'])
  assert.equal(bySecret.body['scope'], 'orders.read orders.write')
  assert.deepEqual([byCertificate.status, byCertificate.body['scope']], ['200', 'orders.read'])

  assert.equal(modeOf('.'), 0o700)
  const secrets = readdirSync(join(home.path, '.mintmark')).filter((name) =>
    /\.key$|\.json$/.test(name),
  )
  assert.deepEqual(secrets.sort(), [
    ...['ca.key', 'client.key', 'dev.json', 'master.key', 'profile.json', 'server.key'],
  ])
  for (const name of secrets) assert.equal(modeOf(name), 0o600, name)
  assert.equal(readFileSync(join(home.path, '.mintmark', '.gitignore'), 'utf8'), '*\n')
  assert.equal(await first.end('SIGINT'), 0)

  const second = await startDev(ports)
  assert.match(second.output(), /mintmark\.db {3}found/)
  assert.deepEqual(commandsIn(second.output()), commands, 'the same domain, the same secret')
  assert.equal((await paste(commands[0] ?? '')).status, '200')
  assert.equal((await paste(commands[1] ?? '')).status, '200')
  assert.equal(await second.end('SIGINT'), 0)
})

test('dev: a second one finds ports of its own, or says what is in the way', async (t) => {
  const port = await freePort(4)
  const words = ['dev', '--port', String(port), '--tls-port', String(port + 2)]
  const [one, another] = [newDirectory(), newDirectory()]
  const first = startCommand(words, {}, one.path)
  t.after(async () => {
    await first.end('SIGTERM')
    one.remove()
  })
  await first.said(/Stop: Ctrl-C/)
  const second = startCommand(words, {}, another.path)
  t.after(async () => {
    await second.end('SIGTERM')
    another.remove()
  })
  await second.said(/Stop: Ctrl-C/)
  const third = startCommand(words, {}, one.path)
  assert.equal(await third.ended, 5)
  assert.match(third.errors(), /^✖ Cannot start: The data directory .* \(pid \d+\).*\n$/)
})
