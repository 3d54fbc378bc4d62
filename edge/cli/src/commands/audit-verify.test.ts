import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { newDirectory, type RunningServe, startCommand, startServe } from '../test-process.ts'

const home = newDirectory()
const credentials = { id: 'operations', secret: 'mms_of_the_tests_of_the_audit_012345678' }
let server: RunningServe
let exported = ''

const mintmark = async (...words: readonly string[]) => {
  const started = startCommand(words, {
    MINTMARK_URL: server.plain,
    MINTMARK_CLIENT_ID: credentials.id,
    MINTMARK_CLIENT_SECRET: credentials.secret,
  })
  return { code: await started.ended, out: started.output(), err: started.errors() }
}

const file = (name: string, text: string): string => {
  const path = join(home.path, name)
  writeFileSync(path, text)
  return path
}

const verify = (text: string, ...more: readonly string[]) =>
  mintmark('audit', 'verify', file('audit.ndjson', text), ...more)

before(async () => {
  server = await startServe({
    MINTMARK_DATA: join(home.path, 'data'),
    MINTMARK_BOOTSTRAP_CLIENT_ID: credentials.id,
    MINTMARK_BOOTSTRAP_CLIENT_SECRET: credentials.secret,
  })
  for (let at = 0; at < 4; at += 1) await mintmark('audit', 'list')
  exported = (await mintmark('audit', 'export')).out
  const keys = await fetch(`${server.plain}/.well-known/jwks.json`)
  file('jwks.json', await keys.text())
})

after(async () => {
  await server.end('SIGTERM')
  home.remove()
})

const keys = () => ['--keys', join(home.path, 'jwks.json')]

test('an export as it came is whole, and its checkpoint is signed', async () => {
  const { code, err } = await verify(exported, ...keys())
  assert.equal(code, 0, err)
  assert.match(
    err,
    /^✔ \d+ events in \d+ packs are whole, 1 to \d+; 1 signed checkpoints hold\.\n$/,
  )
  const without = await verify(exported)
  assert.equal(without.code, 0)
  assert.match(without.err, /1 checkpoints could not be checked/)
})

interface Line {
  readonly text: string
  readonly isPack: boolean
}

const linesOf = (text: string): readonly Line[] =>
  text
    .split('\n')
    .filter((each) => each !== '')
    .map((each) => ({ text: each, isPack: each.startsWith('{"pack"') }))

const joined = (lines: readonly Line[]): string => lines.map(({ text }) => `${text}\n`).join('')

/** Where the third pack begins and ends in the file. */
const thirdPack = (lines: readonly Line[]): readonly [number, number] => {
  const starts = lines.flatMap(({ isPack }, at) => (isPack ? [at] : []))
  return [starts[2] ?? 0, starts[3] ?? 0]
}

const tampered: readonly [string, (lines: readonly Line[]) => readonly Line[], RegExp][] = [
  [
    'a letter',
    (lines) => {
      const [start] = thirdPack(lines)
      return lines.map((each, at) =>
        at === start + 1 ? { ...each, text: each.text.replace('"ok"', '"OK"') } : each,
      )
    },
    /pack 3: .* altered/,
  ],
  [
    'a pack left out',
    (lines) => lines.toSpliced(thirdPack(lines)[0], thirdPack(lines)[1] - thirdPack(lines)[0]),
    /between pack 2 and pack 4 others are missing/,
  ],
  [
    'an event left out',
    (lines) => lines.toSpliced(thirdPack(lines)[0] + 1, 1),
    /pack 3 has 0 events and says that it has 1/,
  ],
  [
    'what it follows taken away',
    (lines) =>
      lines.map((each) => ({
        ...each,
        text: each.text.replace(/("sequence":3,.*"previous":)"\w+"/, '$1null'),
      })),
    /pack 3 does not/,
  ],
  ['no JSON', (lines) => lines.with(4, { text: '{', isPack: false }), /line 5: no JSON/],
  [
    'the end cut off',
    (lines) => lines.slice(0, thirdPack(lines)[0]),
    /a checkpoint is of pack \d+, and the file ends with pack 2/,
  ],
]

for (const [what, change, expected] of tampered) {
  test(`${what}: found, and the lines are named`, async () => {
    const { code, err } = await verify(joined(change(linesOf(exported))), ...keys())
    assert.equal(code, 6, err)
    assert.match(err, expected)
    assert.match(err, /^✖ lines? \d+/)
  })
}

/** All hashes computed anew, as whoever can write the database could. */
const computedAnew = (text: string): string => {
  let previous = '0'.repeat(64)
  const packs = text.split(/(?=^\{"pack")/m)
  return packs
    .map((part) => {
      if (!part.startsWith('{"pack"')) return part
      const [head = '', ...events] = part.split(/(?<=\n)/)
      const body = events.join('')
      const hash = createHash('sha256').update(previous, 'hex').update(body).digest('hex')
      const { pack } = JSON.parse(head)
      const line = JSON.stringify({ pack: { ...pack, previous, hash } })
      previous = hash
      return `${line}\n${body}`
    })
    .join('')
}

test('a chain computed anew is found by a checkpoint, its own or one that was kept', async () => {
  assert.equal((await verify(computedAnew(exported), ...keys())).code, 0)
  const forged = computedAnew(exported.replace('"ok"', '"OK"'))
  const found = await verify(forged, ...keys())
  assert.equal(found.code, 6)
  assert.match(found.err, /pack \d+ is another one than was signed/)
  const answer = exported.slice(0, exported.indexOf('\n'))
  const withoutOwn = forged.slice(forged.indexOf('\n') + 1)
  assert.equal((await verify(withoutOwn, ...keys())).code, 0)
  const kept = await verify(withoutOwn, ...keys(), '--checkpoint', file('kept', answer))
  assert.equal(kept.code, 6)
  assert.match(kept.err, /the checkpoint you gave: pack \d+ is another one/)
})

test('a checkpoint by somebody else is forged', async () => {
  const { checkpoint } = JSON.parse(exported.slice(0, exported.indexOf('\n')))
  const [head, claims] = checkpoint.split('.')
  const other = `${head}.${claims}.${Buffer.alloc(64, 1).toString('base64url')}`
  const { code, err } = await verify(exported.replace(checkpoint, other), ...keys())
  assert.equal(code, 6)
  assert.match(err, /line 1: .*its signature is wrong/)
})
