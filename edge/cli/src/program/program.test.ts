import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { newDirectory } from '../test-process.ts'
import { commandLinePage, leavesOf } from './command-line-page.ts'
import { completionScript } from './completion.ts'
import { createProgram } from './program.ts'

const page = new URL('../../../../docs/administering/command-line.md', import.meta.url)
const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

test('the page of the command line is what the command says', () => {
  const fix = 'run edge/cli/src/program/write-command-line-page.ts'
  assert.equal(readFileSync(page, 'utf8'), commandLinePage(createProgram()), fix)
})

test('every command says what it does, has two examples, and every option a meaning', () => {
  const leaves = leavesOf(createProgram())
  assert.ok(leaves.length > 30)
  const program = commandLinePage(createProgram())
  for (const { words, command } of leaves) {
    const name = words.join(' ')
    assert.notEqual(command.description(), '', name)
    for (const { flags, description } of command.options) assert.notEqual(description, '', flags)
    if (name === 'mintmark serve') continue
    const section = program.split(`## \`${name}`)[1]?.split('\n## ')[0] ?? ''
    const examples = section.split('```sh\n')[1]?.split('```')[0]?.trim().split('\n') ?? []
    assert.equal(examples.length, 2, `${name}: ${examples}`)
  }
})

test('the command starts within 100 ms of the processor, and a noun does too', (t) => {
  // not by the clock: that is what else the machine does
  const measure = (words: string): number => {
    const started = `'${process.execPath}' '${main}' ${words} >/dev/null 2>&1`
    const timed = `TIMEFORMAT='%U %S'; time ${started}`
    const environment = { HOME: '/nowhere', PATH: process.env['PATH'] ?? '' }
    const times = Array.from({ length: 5 }, () => {
      const { stderr } = spawnSync('bash', ['-c', timed], {
        env: environment,
        cwd: '/',
        encoding: 'utf8',
      })
      return (
        stderr
          .trim()
          .split(' ')
          .map(Number)
          .reduce((sum, each) => sum + each, 0) * 1000
      )
    })
    return Math.min(...times)
  }
  for (const words of ['--version', 'app list', '--help', 'token get']) {
    const ms = measure(words)
    t.diagnostic(`mintmark ${words}: ${ms.toFixed(0)} ms`)
    assert.ok(ms > 0 && ms <= 100, `mintmark ${words} took ${ms.toFixed(0)} ms`)
  }
})

const completions: readonly [string, readonly string[]][] = [
  ['mintmark exp', ['explain', 'export']],
  ['mintmark app secret ', ['list', 'create', 'rotate']],
  ['mintmark app secret rotate x --over', ['--overlap']],
  ['mintmark api role una', ['unassign']],
]
test('bash completes commands and options', (t) => {
  const home = newDirectory()
  t.after(home.remove)
  const script = join(home.path, 'completion.bash')
  writeFileSync(script, completionScript(createProgram(), 'bash'))
  for (const [line, expected] of completions) {
    const words = line.split(' ')
    const list = words.map((word) => `'${word}'`).join(' ')
    const typed = `COMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}`
    const tell = `printf '%s\\n' "\${COMPREPLY[@]}"`
    const asked = `source ${script}; ${typed}; _mintmark; ${tell}`
    const { stdout, stderr } = spawnSync('bash', ['-c', asked], { encoding: 'utf8' })
    assert.equal(stderr, '')
    const offered = stdout.trim().split('\n')
    for (const word of expected) assert.ok(offered.includes(word), `${line}: ${stdout}`)
    if (!line.endsWith(' ')) assert.equal(offered.length, expected.length, `${line}: ${stdout}`)
  }
})
