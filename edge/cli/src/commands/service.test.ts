import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemdUnit } from '../service/systemd-unit.ts'
import { newDirectory, startCommand } from '../test-process.ts'

const shipped = new URL('../../../../packaging/systemd/mintmark.service', import.meta.url)

const settingsOf = (unit: string): readonly string[] =>
  unit
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => /^[A-Z]\w+=/.test(line))
    .filter((line) => !/^(?:Documentation|Group)=/.test(line))

test('where all is in the usual place, the unit is the one that is shipped', () => {
  const unit = systemdUnit({
    node: '/usr/bin/node',
    command: '/opt/mintmark/node_modules/mintmark/bin/mintmark.js',
    root: '/opt/mintmark',
    config: '/etc/mintmark/mintmark.yaml',
    data: '/var/lib/mintmark',
    user: 'mintmark',
    alsoRead: ['/etc/mintmark'],
    workers: 1,
  })
  assert.deepEqual(settingsOf(unit), settingsOf(readFileSync(shipped, 'utf8')))
})

const run = async (line: string, directory: string) => {
  const started = startCommand(line.split(' '), {}, directory)
  return { code: await started.ended, out: started.output(), err: started.errors() }
}

test('the unit is printed, written once, and removed; its start line serves', async (t) => {
  const home = newDirectory()
  t.after(home.remove)
  const { path } = home
  mkdirSync(join(path, 'data'))
  const config = 'data: ./data\nlisten: 127.0.0.1:0\nurl: https://auth.example.com\nworkers: 2\n'
  writeFileSync(join(path, 'mintmark.yaml'), config)
  const unitFile = join(path, 'mintmark.service')
  const install = `service install --config mintmark.yaml --user root --unit-file ${unitFile}`
  const printed = await run(`${install} --dry-run`, path)
  assert.equal(printed.code, 0, printed.err)
  assert.match(printed.out, /^ReadWritePaths=.*\/data$/m)
  assert.match(printed.out, /--allow-child-process/)
  assert.ok(!existsSync(unitFile))
  const written = await run(install, path)
  assert.equal(written.code, 0, written.err)
  assert.equal(readFileSync(unitFile, 'utf8'), printed.out)
  assert.equal(statSync(unitFile).mode & 0o777, 0o644)
  assert.equal((await run(install, path)).code, 0)
  writeFileSync(unitFile, 'mine\n')
  assert.equal((await run(install, path)).code, 5)
  assert.equal((await run(`service remove --unit-file ${unitFile}`, path)).code, 2)
  assert.equal((await run(`service remove --yes --unit-file ${unitFile}`, path)).code, 0)
  assert.equal((await run(`service remove --yes --unit-file ${unitFile}`, path)).code, 3)
  // what systemd would start: it finds its files with the rights that the unit gives
  const [, line = ''] = /^ExecStart=((?:.*\\\n)*.*)$/m.exec(printed.out) ?? []
  const words = line.replaceAll('\\\n', ' ').split(/ +/)
  const told = spawnSync(words[0] ?? '', [...words.slice(1), '--help'], { encoding: 'utf8' })
  assert.equal(told.status, 0, told.stderr)
  assert.match(told.stdout, /mintmark serve/)
})

for (const [name, line, code, message] of [
  ['no configuration', 'service install --config nowhere.yaml', 3, /First: mintmark init/],
  ['a user that is none', 'service install --config ok.yaml --user a=b', 2, /name of a user/],
  ['a user that is not there', 'service install --config ok.yaml --user mintless', 6, /useradd/],
] as const) {
  test(`service install: ${name}`, async (t) => {
    const home = newDirectory()
    t.after(home.remove)
    writeFileSync(join(home.path, 'ok.yaml'), 'data: ./data\nurl: https://auth.example.com\n')
    const result = await run(`${line} --unit-file ${join(home.path, 'x.service')}`, home.path)
    assert.equal(result.code, code, result.err)
    assert.match(result.err, message)
  })
}
