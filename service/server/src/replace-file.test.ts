import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { DestinationRefused, destinationOf, openReplacement, replaceFile } from './replace-file.ts'

const modeOf = (path: string): number => statSync(path).mode & 0o7777
const isRoot = process.getuid?.() === 0

describe('replacing a file', () => {
  let folder = ''
  const at = (name: string): string => join(folder, name)
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mintmark-replace-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  /** What a process of its own does, and what it writes to its standard output. */
  const runScript = (script: string, shell = '"$@"') => {
    const source = `import { replaceFile, openReplacement, destinationOf } from
      ${JSON.stringify(join(import.meta.dirname, 'replace-file.ts'))}
      import { writeFileSync } from 'node:fs'
      ${script}`
    const words = [process.execPath, '--input-type=module', '-e', source]
    return spawnSync('sh', ['-c', shell, 'sh', ...words], { encoding: 'utf8', cwd: folder })
  }

  it('leaves what was there when the disk is full, and nothing beside it', () => {
    writeFileSync(at('domain.yaml'), 'whole')
    const text = "replaceFile('domain.yaml', 'x'.repeat(100_000))"
    // as where a disk is full: no file may have more blocks of 512 bytes
    const full = runScript(text, 'ulimit -f 8; "$@"')
    assert.match(full.stderr, /EFBIG/)
    assert.equal(readFileSync(at('domain.yaml'), 'utf8'), 'whole')
    assert.deepEqual(readdirSync(folder), ['domain.yaml'])
  })

  it('leaves what was there when it is killed, and clears away later what that left', () => {
    writeFileSync(at('domain.yaml'), 'whole')
    runScript(`const { file } = openReplacement(destinationOf('domain.yaml'))
      writeFileSync(file, 'half'); process.kill(process.pid, 'SIGKILL')`)
    assert.equal(readFileSync(at('domain.yaml'), 'utf8'), 'whole')
    const [draft = ''] = readdirSync(folder).filter((name) => name.endsWith('.tmp'))
    assert.notEqual(draft, '')
    replaceFile(at('domain.yaml'), 'another')
    assert.ok(existsSync(at(draft)), 'somebody may be writing to it')
    utimesSync(at(draft), 1, 1)
    writeFileSync(at('.other.yaml.1.tmp'), '')
    utimesSync(at('.other.yaml.1.tmp'), 1, 1)
    replaceFile(at('domain.yaml'), 'again')
    assert.equal(readFileSync(at('domain.yaml'), 'utf8'), 'again')
    assert.deepEqual(readdirSync(folder), ['.other.yaml.1.tmp', 'domain.yaml'])
  })

  it('keeps rights and owner of a file, and gives a new one those that were asked for', () => {
    for (const mode of [0o600, 0o640, 0o666]) {
      writeFileSync(at('file'), 'before')
      chmodSync(at('file'), mode)
      if (isRoot) chownSync(at('file'), 1234, 4321)
      replaceFile(at('file'), 'after', { mode: 0o644 })
      assert.equal(modeOf(at('file')), mode)
      if (isRoot)
        assert.deepEqual([statSync(at('file')).uid, statSync(at('file')).gid], [1234, 4321])
    }
    replaceFile(at('file'), 'after', { mode: 0o600, isModeFixed: true })
    assert.equal(modeOf(at('file')), 0o600)
    replaceFile(at('new'), 'x', { mode: 0o600 })
    assert.equal(modeOf(at('new')), 0o600)
    replaceFile(at('usual'), 'x')
    assert.equal(modeOf(at('usual')), 0o666 & ~process.umask())
  })

  it('shows nobody else what it writes before it has the rights of the other', () => {
    writeFileSync(at('secret'), '', { mode: 0o600 })
    const { file, discard } = openReplacement(destinationOf(at('secret')))
    writeFileSync(file, 'secret')
    const [draft = ''] = readdirSync(folder).filter((name) => name.endsWith('.tmp'))
    assert.equal(modeOf(at(draft)), 0o600)
    discard()
    assert.deepEqual(readdirSync(folder), ['secret'])
  })

  it('follows links, also to what is not there yet, and leaves them', () => {
    mkdirSync(at('real'))
    symlinkSync('real/file', at('link'))
    symlinkSync(at('link'), at('second'))
    for (const text of ['new', 'replaced']) {
      replaceFile(at('second'), text)
      assert.equal(readFileSync(at('real/file'), 'utf8'), text)
      assert.ok(lstatSync(at('link')).isSymbolicLink())
    }
    symlinkSync('round', at('round'))
    assert.throws(() => replaceFile(at('round'), ''), DestinationRefused)
  })

  it('refuses a folder, a socket, a folder that is not there and what is for reading', async () => {
    const server = createServer().listen(at('socket'))
    await new Promise((resolve) => server.once('listening', resolve))
    mkdirSync(at('folder'))
    symlinkSync('folder', at('link'))
    for (const [name, why] of [
      ['folder', /is a folder/],
      ['link', /is a folder/],
      ['socket', /is a socket/],
      ['nowhere/file', /there is no folder/],
      ['socket/file', /there is no folder/],
    ] as const) {
      assert.throws(
        () => replaceFile(at(name), ''),
        (error: Error) => {
          assert.ok(error instanceof DestinationRefused)
          return why.test(error.message)
        },
      )
    }
    server.close()
    writeFileSync(at('fixed'), 'before', { mode: 0o444 })
    if (!isRoot) assert.throws(() => replaceFile(at('fixed'), ''), /EACCES/)
  })

  it('writes to standard output, be it a pipe or a file, to a FIFO and to nothing', () => {
    const long = 'x'.repeat(300_000)
    const write = (to: string) => `replaceFile('${to}', 'x'.repeat(300_000))`
    for (const to of ['/dev/stdout', '/dev/fd/1', '/proc/self/fd/1']) {
      assert.equal(runScript(write(to), '"$@" | cat').stdout, long, to)
      runScript(write(to), '{ echo a; "$@"; echo b; } > out')
      assert.equal(readFileSync(at('out'), 'utf8'), `a\n${long}b\n`, to)
    }
    assert.equal(runScript(write('fifo'), 'mkfifo fifo; cat fifo & "$@"; wait').stdout, long)
    assert.equal(runScript(write('/dev/null')).status, 0)
    assert.ok(statSync('/dev/null').isCharacterDevice())
    assert.deepEqual(readdirSync(folder), ['fifo', 'out'])
  })

  it('takes another process at its word: what it has open is a file like any', () => {
    const file = openSync(at('open'), 'w')
    writeSync(file, 'before')
    runScript(`replaceFile('/proc/${process.pid}/fd/${file}', 'after')`)
    closeSync(file)
    assert.equal(readFileSync(at('open'), 'utf8'), 'after')
  })
})
