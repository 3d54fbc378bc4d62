import assert from 'node:assert/strict'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { newDirectory } from '../test-process.ts'
import { serverUrlOf } from '../token/token-terminal.ts'
import { CommandFault, runCommand, wordsOf } from './command-fault.ts'
import { confirmName } from './confirm.ts'
import { readSignIn } from './open-session.ts'
import { outputForms, readForm, show, tableOf } from './output.ts'
import { findProfile, keepDevProfile, keepProfile } from './profile.ts'
import { showProgress, showSteps } from './progress.ts'
import type { Terminal } from './terminal.ts'

interface Heard {
  output: string
  error: string
}

const terminalIn = (directory: string, more: Partial<Terminal> = {}) => {
  const heard: Heard = { output: '', error: '' }
  const terminal: Terminal = {
    environment: {},
    directory,
    configDirectory: join(directory, 'config'),
    isInteractive: false,
    hasColor: false,
    readInput: () => '',
    ask: () => assert.fail('nobody is there'),
    writeOutput: (text) => {
      heard.output += text
    },
    writeError: (text) => {
      heard.error += text
    },
    nowMs: 0,
    ...more,
  }
  return { terminal, heard }
}

const answers: readonly [string, boolean][] = [
  ['Orders', true],
  [' Orders ', true],
  ['orders', false],
  ['y', false],
  ['', false],
]
for (const [answer, isYes] of answers) {
  test(`asked for Orders, "${answer}" is ${isYes ? 'a yes' : 'a no'}`, async () => {
    const { terminal } = terminalIn('/', { isInteractive: true, ask: async () => answer })
    const asked = confirmName('Deleting API Orders', 'Orders', undefined, terminal)
    if (isYes) await asked
    else await assert.rejects(asked, /Nothing was changed/)
  })
}

test('every form of output; only data goes out', async () => {
  const output = { table: 'T\n', data: { a: [1] }, names: ['x', 'y'], env: { A: "it's", B: 'b/c' } }
  const said: string[] = []
  for (const form of outputForms) {
    const { terminal, heard } = terminalIn('/')
    await show(terminal, form, output)
    said.push(heard.output)
  }
  assert.deepEqual(said, [
    'T\n',
    '{\n  "a": [\n    1\n  ]\n}\n',
    'a:\n  - 1\n',
    "A='it'\\''s'\nB=b/c\n",
    'x\ny\n',
  ])
  assert.throws(() => readForm('xml'), /table, json, yaml, env, name/)
  const { terminal } = terminalIn('/')
  await assert.rejects(show(terminal, 'env', { table: '', data: null, names: [] }), CommandFault)
})

test('whatever a name holds, the terminal is not spoken to', () => {
  assert.equal(tableOf(['NAME'], [['a\u001b[2J\u202eb']]), 'NAME\na\u{fffd}[2J\u{fffd}b\n')
})

test('a profile is its owner’s, and its secret is for its own server and client', (t) => {
  const home = newDirectory()
  t.after(home.remove)
  const { terminal } = terminalIn(home.path)
  assert.equal(findProfile(terminal, undefined), null)
  const profile = { url: 'https://a.example', clientId: 'ops', clientSecret: 'hidden-one' }
  const file = keepProfile(terminal, 'default', profile)
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.deepEqual(readSignIn({}, terminal), profile)
  for (const flags of [{ url: 'https://b.example' }, { clientId: 'other' }]) {
    const why =
      /Not signed in as '\w+' at .*The secret of the profile is for 'ops' at https:\/\/a\./
    assert.throws(() => readSignIn(flags, terminal), why)
  }
  assert.throws(() => findProfile(terminal, 'constructor'), /No profile "constructor"/)
  const beside = { ...profile, url: 'http://localhost:1' }
  keepDevProfile(join(home.path, '.mintmark'), beside)
  assert.deepEqual(readSignIn({}, terminal), beside)
  const environment = { MINTMARK_CLIENT_ID: 'x', MINTMARK_CLIENT_SECRET: 'y', MINTMARK_URL: 'z' }
  const stated = readSignIn({}, { ...terminal, environment })
  assert.deepEqual(stated, { url: 'z', clientId: 'x', clientSecret: 'y' })
})

test('who has logged in without keeping the secret is told what is missing, not to log in', (t) => {
  const home = newDirectory()
  t.after(home.remove)
  const { terminal } = terminalIn(home.path)
  keepProfile(terminal, 'default', {
    url: 'https://a.example',
    clientId: 'ops',
    clientSecret: null,
  })
  assert.throws(() => readSignIn({}, terminal), /does not keep the secret of 'ops'.*--keep-secret/)
})

test('an empty secret is told as such', (t) => {
  const home = newDirectory()
  t.after(home.remove)
  const file = join(home.path, 'secret')
  writeFileSync(file, '\n')
  const environment = { MINTMARK_CLIENT_ID: 'ops', MINTMARK_CLIENT_SECRET_FILE: file }
  const { terminal } = terminalIn(home.path, { environment, readInput: () => '\n' })
  assert.throws(
    () => readSignIn({}, terminal),
    /secret is empty: there is nothing in \S+\/secret\./,
  )
  const flags = { clientSecretStdin: true }
  assert.throws(() => readSignIn(flags, terminal), /secret is empty: standard input said nothing\./)
})

test('a folder of somebody else’s does not get what the environment holds', (t) => {
  const home = newDirectory()
  t.after(home.remove)
  const url = 'https://auth.evil.example'
  keepDevProfile(join(home.path, '.mintmark'), { url, clientId: 'a', clientSecret: null })
  const environment = { MINTMARK_CLIENT_ID: 'admin', MINTMARK_CLIENT_SECRET: 'of production' }
  const { terminal } = terminalIn(home.path, { environment })
  assert.equal(readSignIn({}, terminal).url, 'http://localhost:8480')
  assert.equal(serverUrlOf(undefined, terminal), 'http://localhost:8480')
})

test('what a command throws is one line and a code', async () => {
  const { terminal, heard } = terminalIn('/')
  const code = await runCommand(() => {
    throw new CommandFault(5, 'There is one already.')
  }, terminal)
  assert.deepEqual([code, heard.error], [5, '✖ There is one already.\n'])
  const scim = 'Operations[0] (PATCH /Apps/1, bulkId op0): No such scope. Nothing was changed.'
  assert.equal(wordsOf(400, { detail: scim }), 'No such scope. Nothing was changed.')
  assert.equal(wordsOf(400, { detail: 'Bad.', fix: 'Do so.' }), 'Bad. Do so.')
  assert.equal(wordsOf(502, null), 'The server answered with status 502.')
})

test('progress is one line for who looks on, and nothing for anybody else', () => {
  const advance = (more: Partial<Terminal>): string => {
    const { terminal, heard } = terminalIn('/', more)
    let nowMs = 0
    const progress = showProgress('Backup', terminal, () => nowMs)
    for (const bytes of [1_048_576, 524_288, 524_288]) {
      progress.advance(bytes)
      nowMs += 60
    }
    progress.end()
    return heard.error
  }
  const seen = advance({ isInteractive: true })
  assert.match(seen, /^\r {2}Backup {2}1\.0 MiB \r {2}Backup {2}2\.0 MiB \r +\r$/)
  assert.equal(advance({}), '')
  assert.equal(advance({ isInteractive: true, environment: { TERM: 'dumb' } }), '')
  assert.equal(advance({ isInteractive: true, environment: { CI: 'true' } }), '')
})

test('steps are told on one line to who looks on', () => {
  const { terminal, heard } = terminalIn('/', { isInteractive: true })
  const steps = showSteps('Migrating', terminal)
  steps.begin(14, 15)
  steps.begin(15, 15)
  steps.end()
  const told = /^\r {2}Migrating {2}step 14 of 15 \r {2}Migrating {2}step 15 of 15 \r +\r$/
  assert.match(heard.error, told)
  const piped = terminalIn('/', {})
  showSteps('Migrating', piped.terminal).begin(1, 2)
  assert.equal(piped.heard.error, '')
})
