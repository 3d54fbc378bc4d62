/** A database file that is not what was written: a server refuses it, and says what to do. */
import { equal, match } from 'node:assert/strict'
import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { askToken } from './kit/ask.ts'
import { cBasic } from './kit/fixtures.ts'
import { noDataFile } from './kit/mintmark-domain.ts'
import { startRefused } from './kit/server-process.ts'
import { startOurs } from './kit/start-domain.ts'

const pageBytes = 4096

const overwrite = (path: string, from: number, length: number): void => {
  const content = readFileSync(path)
  for (let at = from; at < Math.min(from + length, content.length); at += 1) {
    content[at] = (content[at] ?? 0) ^ 0xa5
  }
  writeFileSync(path, content)
}

const pagesOf = (path: string): number => readFileSync(path).length / pageBytes

const damages: Readonly<Record<string, (path: string) => void>> = {
  'its header overwritten': (path) => overwrite(path, 0, 100),
  'its schema overwritten': (path) => overwrite(path, 100, 200),
  'the first page behind the schema overwritten': (path) => overwrite(path, pageBytes, pageBytes),
  'a page in the middle overwritten': (path) =>
    overwrite(path, Math.floor(pagesOf(path) / 2) * pageBytes, pageBytes),
  'cut in half': (path) => truncateSync(path, Math.floor(pagesOf(path) / 2) * pageBytes),
  'cut within a page': (path) => truncateSync(path, (pagesOf(path) - 3) * pageBytes + 100),
  'a text in its place': (path) => writeFileSync(path, 'not a database\n'.repeat(500)),
}

test('F-07 a damaged file: exit 6, one line that says what to do', {
  skip: noDataFile,
}, async () => {
  const domain = await startOurs()
  const whole = mkdtempSync(join(tmpdir(), 'mintmark-damaged-'))
  try {
    equal((await askToken(domain, await cBasic(domain))).status, 200)
    await domain.process().stop()
    const file = join(domain.dataDirectory, 'mintmark.db')
    copyFileSync(file, join(whole, 'mintmark.db'))
    for (const [name, damage] of Object.entries(damages)) {
      const data = mkdtempSync(join(whole, 'data-'))
      const copy = join(data, 'mintmark.db')
      copyFileSync(file, copy)
      copyFileSync(join(domain.dataDirectory, 'master.key'), join(data, 'master.key'))
      damage(copy)
      const environment = { MINTMARK_DATA: data, MINTMARK_LISTEN: '127.0.0.1:0' }
      const { code, output } = await startRefused(environment)
      equal(code, 6, `${name}: ${output}`)
      const line = /Cannot start: the database file is damaged .* restore a backup/
      match(output, line, name)
      equal(output.trim().split('\n').length, 1, `${name}: ${output}`)
    }
  } finally {
    await domain.stop()
    rmSync(whole, { recursive: true })
  }
})
