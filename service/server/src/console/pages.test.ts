import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Services } from '../services.ts'
import { openBuiltFiles } from './built-files.ts'
import { consolePages } from './pages.ts'

const directory = mkdtempSync(join(tmpdir(), 'mintmark-console-'))
const script = `console.log(${'"x",'.repeat(500)}1)`
let app: FastifyInstance

const write = (path: string, text: string) => writeFileSync(join(directory, 'dist', path), text)

/** Only faults are told, and there are none. */
const services = { fault: () => assert.fail('a fault') } as unknown as Services

before(() => {
  app = Fastify()
  consolePages(app, services, openBuiltFiles(join(directory, 'dist')))
})
after(async () => {
  await app.close()
  rmSync(directory, { recursive: true })
})

const get = (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers })

describe('the pages of the console', () => {
  it('say how they are built while they are not', async () => {
    const answer = await get('/console/')
    assert.equal(answer.statusCode, 404)
    assert.equal(answer.json().reason, 'CONSOLE_NOT_BUILT')
    assert.match(answer.json().fix, /npm run build/)
  })

  it('are there as soon as they are built, without a restart', async () => {
    mkdirSync(join(directory, 'dist/assets'), { recursive: true })
    write('index.html', '<html>one')
    write('assets/index-DiwrgTda.js', script)
    write('assets/plain.css', 'a{}')
    write('secret.key', 'no page')
    const answer = await get('/console/')
    assert.equal(answer.statusCode, 200)
    assert.equal(answer.body, '<html>one')
    assert.equal(answer.headers['cache-control'], 'no-store')
    write('index.html', '<html>two')
    utimesSync(join(directory, 'dist/index.html'), 1, 1)
    assert.equal((await get('/console/applications/one')).body, '<html>two')
  })

  it('are kept for ever where the name says what is in them, and asked for elsewhere', async () => {
    const hashed = await get('/console/assets/index-DiwrgTda.js')
    assert.equal(hashed.headers['cache-control'], 'public, max-age=31536000, immutable')
    const plain = await get('/console/assets/plain.css')
    assert.equal(plain.headers['cache-control'], 'no-cache')
    const again = await get('/console/assets/plain.css', {
      'if-none-match': String(plain.headers.etag),
    })
    assert.equal(again.statusCode, 304)
  })

  it('are compressed for whoever takes that', async () => {
    const answer = await get('/console/assets/index-DiwrgTda.js', { 'accept-encoding': 'gzip, br' })
    assert.equal(answer.headers['content-encoding'], 'gzip')
    assert.ok(answer.rawPayload.length < script.length / 2)
    assert.equal((await get('/console/assets/index-DiwrgTda.js')).body, script)
  })

  it('are nothing but files of the known kinds', async () => {
    for (const path of ['secret.key', 'assets/gone.js', '../pages.ts', 'assets/gone']) {
      const answer = await app.inject({ url: `/console/${path}` })
      assert.notEqual(answer.statusCode, 200, path)
    }
  })
})
