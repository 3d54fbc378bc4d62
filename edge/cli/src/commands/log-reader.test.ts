/* Whoever reads the log may end or stop reading: both programs answer on, and end when told. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, it } from 'node:test'
import { testIssuer } from '@mintmark/guard/testing'
import { ask, newDirectory, type Running, startCommand } from '../test-process.ts'

const directory = newDirectory()
const issuer = await testIssuer({ http: true })
after(async () => {
  directory.remove()
  await issuer.close()
})
writeFileSync(
  join(directory.path, 'gateway.yaml'),
  `listen: 127.0.0.1:0
upstream: http://127.0.0.1:1
issuer: ${issuer.issuer}
audience: ${issuer.audience}
routes:
  - { path: /orders/**, scope: orders.read }
`,
)

const serveWords = ['serve', '--data', join(directory.path, 'data'), '--listen', '127.0.0.1:0']
const programs = [
  { words: ['gateway'], path: '/orders/1', expected: /^401$/, method: 'GET' },
  { words: serveWords, path: '/oauth2/v1/token', expected: /^4(00|01|29)$/, method: 'POST' },
]

const wayOf = {
  ended: (running: Running) => leave(running),
  stopped: (running: Running) => pause(running),
}

const leave = ({ child }: Running): void => {
  child.stdout?.destroy()
  child.stderr?.destroy()
}

const pause = ({ child }: Running): void => {
  for (const stream of [child.stdout, child.stderr]) {
    stream?.removeAllListeners('data')
    stream?.pause()
  }
}

for (const { words, path, expected, method } of programs) {
  for (const [how, away] of Object.entries(wayOf)) {
    it(`mintmark ${words[0]}, when the reader of its log has ${how}`, async () => {
      const running = startCommand(words, {}, directory.path)
      const [line] = await running.said(/\{.*"listening".*\}/)
      const { url } = JSON.parse(line) as { url: string }
      away(running)
      // More lines than a pipe holds.
      for (let round = 0; round < 100; round += 1) {
        const body = method === 'POST' ? 'grant_type=client_credentials&client_id=a' : undefined
        const headers = { 'content-type': 'application/x-www-form-urlencoded' }
        const options = { method, headers, ...(body !== undefined && { body }) }
        const asked = Array.from({ length: 30 }, () => ask(url + path, options))
        for (const { status } of await Promise.all(asked)) assert.match(`${status}`, expected)
      }
      const ended = new Promise((fulfil) => running.child.once('exit', fulfil))
      const startedMs = performance.now()
      running.child.kill('SIGTERM')
      assert.equal(await ended, 0)
      assert.ok(performance.now() - startedMs < 8000)
    })
  }
}
