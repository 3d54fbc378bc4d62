import assert from 'node:assert/strict'
import { test } from 'node:test'
import { places, plantRepository } from './planted-repository.ts'
import { families, type ReasonFamily } from './reason-families.ts'
import { judgeReasons, reasons, renderFamily, renderIndex } from './reasons.ts'

const family: ReasonFamily = {
  page: 'docs/errors/doors.md',
  title: 'Doors',
  reasons: [{ reason: 'DOOR_SHUT', answer: '`409`' }],
  isExplained: false,
  isTestOf: (file) => file.startsWith('house/'),
  list: 'house/list.ts',
  isSourceOf: (file) => file.startsWith('house/'),
}

const page = [
  '# Doors',
  '',
  'Doors say no.',
  '',
  '## DOOR_SHUT',
  '',
  'It is shut.',
  '',
  '**Fix:** Open it.',
]

const whole = {
  'docs/errors/doors.md': page,
  'house/list.ts': "export const all = [\n  'DOOR_SHUT',\n]",
  'house/door.ts': "refuse('DOOR_SHUT')",
  'house/door.test.ts': "equal(reason, 'DOOR_SHUT')",
  'core/decisions/src/token/trace-decision.ts': '',
}

test('a reason with words, a source and a test is fine', async (t) => {
  assert.deepEqual(judgeReasons(await plantRepository(t, whole), [family]), [])
})

test('a reason without a test is found, at its place in the list', async (t) => {
  const tree = await plantRepository(t, { ...whole, 'house/door.test.ts': "'FRONT_DOOR_SHUT'" })
  const found = judgeReasons(tree, [family])
  assert.deepEqual(places(found), ['house/list.ts:2 reasons'])
  assert.match(found[0]?.message ?? '', /no test/)
})

test('a reason that nothing produces is found', async (t) => {
  const tree = await plantRepository(t, { ...whole, 'house/door.ts': '' })
  assert.match(judgeReasons(tree, [family])[0]?.message ?? '', /produced by nothing/)
})

test('a reason without words, or without a fix, is found', async (t) => {
  for (const less of [page.slice(0, 4), page.slice(0, 7), [...page.slice(0, 6), page[8] ?? '']]) {
    const tree = await plantRepository(t, { ...whole, 'docs/errors/doors.md': less })
    assert.match(judgeReasons(tree, [family])[0]?.message ?? '', /wants a text and a fix/)
  }
})

test('words about a reason that is gone are found', async (t) => {
  const more = [...page, '', '## DOOR_OPEN', '', 'x', '', '**Fix:** y']
  const tree = await plantRepository(t, { ...whole, 'docs/errors/doors.md': more })
  assert.deepEqual(places(judgeReasons(tree, [family])), ['docs/errors/doors.md:11 reasons'])
})

test('a command that is not there is found', async (t) => {
  const commands = '## `mintmark door open <door>`\n'
  const docs = { ...whole, 'docs/administering/command-line.md': commands }
  const tell = (command: string) => [...page.slice(0, 8), `**Fix:** \`${command}\``]
  const good = { ...docs, 'docs/errors/doors.md': tell('mintmark door open DOOR') }
  assert.deepEqual(judgeReasons(await plantRepository(t, good), [family]), [])
  const bad = { ...docs, 'docs/errors/doors.md': tell('mintmark door shut DOOR') }
  const found = judgeReasons(await plantRepository(t, bad), [family])
  assert.deepEqual(places(found), ['docs/errors/doors.md:9 reasons'])
})

test('the page keeps its words and gets answer and tests, which the index leads to', async (t) => {
  const text = renderFamily(await plantRepository(t, whole), family)
  const kept = '- **Answer:** `409`\n- **Test:** [door](../../house/door.test.ts)\n'
  assert.equal(text, `${page.join('\n')}\n\n${kept}`)
  const again = await plantRepository(t, { ...whole, 'docs/errors/doors.md': text })
  assert.equal(renderFamily(again, family), text)
  const further = { 'house/another.test.ts': "'DOOR_SHUT'", 'docs/errors/doors.md': text }
  const more = await plantRepository(t, { ...whole, ...further })
  assert.equal(renderFamily(more, family), text, 'a further test changes no page')
  assert.ok(renderIndex([family]).includes('[DOOR_SHUT](doors.md#door_shut)'))
})

test('a decision that explain has no step for, and a stale page, are found', async (t) => {
  const lists = Object.fromEntries(families.map(({ list }) => [list, '']))
  const trace = { 'core/decisions/src/token/trace-decision.ts': "  SCOPE_UNKNOWN: 'scope-exists'," }
  const messages = reasons.run(await plantRepository(t, { ...lists, ...trace }))
  const all = messages.map(({ message }) => message)
  assert.ok(all.some((each) => /^SCOPE_NOT_GRANTED has no step/.test(each)))
  assert.ok(!all.some((each) => /^SCOPE_UNKNOWN has no step/.test(each)))
  assert.match(all.at(-1) ?? '', /^out of date/)
  assert.deepEqual(reasons.run(await plantRepository(t, { 'README.md': '' })), [])
})
