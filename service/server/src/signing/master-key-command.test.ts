import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MasterKeyFault, masterKeyOf } from './master-key.ts'
import { masterKeyFromCommand } from './master-key-command.ts'

const node = (code: string): readonly string[] => [process.execPath, '-e', code]
const bytes = Buffer.alloc(32, 7)

for (const form of ['base64', 'base64url'] as const) {
  test(`a command gives the key in ${form}`, () => {
    const key = masterKeyFromCommand(node(`console.log('${bytes.toString(form)}')`))
    assert.equal(masterKeyOf(bytes).unseal(key.seal('a', 'b'), 'b'), 'a')
  })
}

test('words are words: no shell reads them', () => {
  const argv = [...node('console.log(process.argv[1] === "$(id); `id`" ? '), '$(id); `id`']
  argv[2] += `${JSON.stringify(bytes.toString('base64'))} : "no")`
  assert.doesNotThrow(() => masterKeyFromCommand(argv))
})

// only who hangs is given a short time: others may need long to start
const faults: readonly [string, readonly string[], RegExp, number?][] = [
  ['is not there', ['/nowhere/at-all'], /cannot be run \(ENOENT\)/],
  ['fails', node('console.error("SECRET"); process.exit(3)'), /ended with 3/],
  ['hangs', node('setTimeout(() => {}, 60000)'), /did not end within 0.5 s/, 500],
  ['writes too little', node('console.log("c2hvcnQ=")'), /something else than a key/],
  ['writes text', node('console.log("SECRET".repeat(8))'), /something else than a key/],
  // console.log would keep in memory what nobody has read yet, and write no more
  ['writes without end', node('for (;;) fs.writeSync(1, "SECRET")'), /more than a key/],
]

for (const [what, argv, expected, limitMs] of faults) {
  test(`a command that ${what} is a fault that shows nothing of what it wrote`, () => {
    assert.throws(
      () => masterKeyFromCommand(argv, limitMs),
      (error) =>
        error instanceof MasterKeyFault &&
        expected.test(error.message) &&
        !error.message.includes('SECRET'),
    )
  })
}

test('the command is told nothing of our own settings', () => {
  process.env['MINTMARK_TEST_SECRET'] = 'x'
  const text = JSON.stringify(bytes.toString('base64'))
  const code = `console.log(process.env.MINTMARK_TEST_SECRET === undefined ? ${text} : "no")`
  assert.doesNotThrow(() => masterKeyFromCommand(node(code)))
})
