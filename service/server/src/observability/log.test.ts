import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createLog, type Log, type LogOptions, logRequest } from './log.ts'
import { wantsColour } from './pretty-line.ts'

const canary = 'CANARYxw7Q'
const minted = `mms_${canary}dYdWGfyhlM6YM0VpWmy8MaQotT6v4b1IghhfUdpZ32CI`
const jwt = `eyJhbGciOiJFUzI1NiJ9.eyJ${canary}.sig-${canary}_x`

function open(options: Partial<LogOptions> = {}): { log: Log; lines: string[] } {
  const lines: string[] = []
  const destination = { write: (line: string) => lines.push(line) }
  return { lines, log: createLog({ level: 'trace', format: 'json', destination, ...options }) }
}

const requestLine = {
  ecid: 'abc123',
  endpoint: 'token',
  status: 200,
  client: 'demo-app',
  api: 'Orders',
  scopes: 'orders.read orders.write',
  alg: 'ES256',
  ms: 1.94,
} as const

test('one request is one line of JSON with the agreed names', () => {
  const { log, lines } = open()
  logRequest(log, requestLine)
  assert.equal(lines.length, 1)
  assert.ok(lines[0]?.endsWith('}\n'))
  const { time, ...rest } = JSON.parse(lines[0] ?? '')
  assert.match(time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  assert.deepEqual(rest, { level: 'info', ...requestLine, msg: 'request' })
})

test('a fault of ours is an error line', () => {
  const { log, lines } = open({ level: 'error' })
  logRequest(log, { ...requestLine, status: 401, reason: 'UNKNOWN_SECRET' })
  logRequest(log, { ...requestLine, status: 503, reason: 'OVERLOADED' })
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).status),
    [503],
  )
})

test('silent says nothing', () => {
  const { log, lines } = open({ level: 'silent' })
  log.fatal('nothing')
  assert.deepEqual(lines, [])
})

/** Every way a secret can reach the log. */
const doors: readonly (readonly [string, (log: Log) => void])[] = [
  ['message', (log) => log.info(`got ${minted}`)],
  ['interpolation', (log) => log.info('got %s and %o', jwt, { client_secret: canary })],
  ['member', (log) => log.info({ client: minted }, 'x')],
  ['member with a secret name', (log) => log.info({ clientSecret: canary }, 'x')],
  ['number under a secret name', (log) => log.info({ password: 731964205 }, 'x')],
  ['object under a secret name', (log) => log.info({ authorization: { a: canary } }, 'x')],
  ['deep member', (log) => log.info({ a: { b: [{ password: [canary] }] } }, 'x')],
  ['headers', (log) => log.info({ headers: { authorization: canary, cookie: canary } }, 'x')],
  ['raw headers', (log) => log.info({ raw: ['Authorization', `Basic ${canary}`] }, 'x')],
  ['body', (log) => log.info({ body: `client_secret=${canary}&a=b` }, 'x')],
  ['bytes', (log) => log.info({ body: Buffer.from(canary), n: new Uint8Array([55, 31]) }, 'x')],
  ['error', (log) => log.error(new Error(`bad ${jwt}`))],
  ['error under err', (log) => log.error({ err: new TypeError(`Bearer ${canary}`) }, 'x')],
  ['members of an error', (log) => log.error(Object.assign(new Error('x'), { config: canary }))],
  ['cause of an error', (log) => log.error(new Error('x', { cause: new Error(minted) }))],
  ['object as cause', (log) => log.error(new Error('x', { cause: { token: canary } }))],
  ['aggregate', (log) => log.error(new AggregateError([new Error(minted)], minted))],
  ['child', (log) => log.child({ client_secret: canary, note: minted }).info('x')],
  [
    'later bindings',
    (log) => {
      const child = log.child({ a: 1 })
      child.setBindings({ token: canary })
      child.info('x')
    },
  ],
  ['toJSON', (log) => log.info({ it: { toJSON: () => ({ secret: canary }) } }, 'x')],
  ['URL', (log) => log.info({ url: new URL(`https://a:${canary}@b.test/?token=${canary}`) }, 'x')],
  [
    'node request',
    (log) =>
      log.info(
        {
          req: {
            method: 'GET',
            url: `/token?x=${canary}`,
            headers: { 'x-own': canary },
            body: canary,
          },
        },
        'x',
      ),
  ],
  ['node response', (log) => log.info({ res: { statusCode: 200, body: canary } }, 'x')],
  ['member name', (log) => log.info({ [minted]: 1 }, 'x')],
  ['enormous message', (log) => log.info(`${minted} ${'a'.repeat(100_000)}`)],
]

for (const format of ['json', 'pretty'] as const) {
  for (const [name, say] of doors) {
    test(`no canary leaves through: ${name} (${format})`, () => {
      const { log, lines } = open({ format, colour: false })
      say(log)
      assert.equal(lines.length, 1)
      const line = lines[0] ?? ''
      assert.ok(!line.includes(canary) && !line.includes('731964205'), line)
      if (format === 'json') JSON.parse(line)
    })
  }
}

test('members are bounded, cycles end', () => {
  const { log, lines } = open()
  const cycle: Record<string, unknown> = { name: 'a' }
  cycle['self'] = cycle
  const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`m${n}`, 'x'.repeat(9)]))
  log.info({ cycle, many, long: 'x'.repeat(100_000), list: Array(10_000).fill(1), n: 5n }, 'x')
  log.info('y'.repeat(1_000_000))
  for (const line of lines) assert.ok(line.length < 70_000, String(line.length))
  assert.equal(JSON.parse(lines[0] ?? '').n, '5')
  assert.equal(JSON.parse(lines[1] ?? '').shortened > 1_000_000, true)
})

test('an error keeps what helps: type, message, code, stack and cause', () => {
  const { log, lines } = open()
  const cause = Object.assign(new Error('no such table'), { code: 'SQLITE_ERROR' })
  log.error(new TypeError('cannot read', { cause }))
  const { msg, err } = JSON.parse(lines[0] ?? '')
  assert.equal(msg, 'cannot read')
  assert.equal(err.type, 'TypeError')
  assert.match(err.stack, /log\.test\.ts/)
  assert.equal(err.cause.code, 'SQLITE_ERROR')
})

test('the pretty line of an issued token, a refusal and an event', () => {
  const { log, lines } = open({ format: 'pretty', colour: false })
  logRequest(log, requestLine)
  logRequest(log, {
    ecid: 'e',
    endpoint: 'token',
    status: 401,
    client: 'demo-app',
    reason: 'MISTYPED_SECRET',
    detail: 'checksum does not match; copy it again or rotate',
    ms: 0.4,
  })
  logRequest(log, {
    ...requestLine,
    scopes: Array.from({ length: 30 }, (_, at) => `s${at}`).join(' '),
  })
  log.warn({ file: 'a b' }, 'certificates were not reloaded')
  const shown = lines.map((line) => line.replace(/^ {2}\d\d:\d\d:\d\d/, ''))
  assert.deepEqual(shown, [
    '  200  token     demo-app      Orders  orders.read orders.write      ES256  1.9 ms\n',
    '  401  token     demo-app      –       MISTYPED_SECRET  ' +
      'checksum does not match; copy it again or rotate\n',
    '  200  token     demo-app      Orders  s0 s1 s2 s3 … 30 in all       ES256  1.9 ms\n',
    '  warn   certificates were not reloaded  file=a b\n',
  ])
})

test('a stranger cannot write on the terminal', () => {
  const { log, lines } = open({ format: 'pretty', colour: false })
  logRequest(log, { ...requestLine, client: 'a\u001b[2Jb\nc\u202e' })
  log.error(new Error('x\u001b]0;title\u0007'))
  const line = lines.join('')
  assert.ok(!line.includes('\u001b') && !line.includes('\u202e') && !line.includes('\u0007'), line)
  assert.ok(line.includes('a·[2Jb·c·'))
})

test('colour: on a terminal only, and NO_COLOR wins', () => {
  assert.equal(wantsColour({ isTTY: true }, {}), true)
  assert.equal(wantsColour({ isTTY: true }, { NO_COLOR: '1' }), false)
  assert.equal(wantsColour({ isTTY: true }, { TERM: 'dumb' }), false)
  assert.equal(wantsColour({}, {}), false)
  const { log, lines } = open({ format: 'pretty', colour: true })
  logRequest(log, requestLine)
  assert.ok(lines[0]?.includes('\u001b[32m200\u001b[39m'))
})

test('buffered lines are on stdout when the process ends by itself', () => {
  const script = `
    import { createLog } from ${JSON.stringify(fileURLToPath(new URL('./log.ts', import.meta.url)))}
    const log = createLog({ level: 'info', format: 'json' })
    for (let n = 0; n < 1000; n += 1) log.info({ n }, 'line')
    process.exit(0)`
  const output = execFileSync(
    process.execPath,
    ['--conditions=mintmark-source', '--input-type=module', '--eval', script],
    { encoding: 'utf8' },
  )
  const lines = output.trimEnd().split('\n')
  assert.equal(lines.length, 1000)
  assert.equal(JSON.parse(lines[999] ?? '').n, 999)
})
