import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { BenchRun } from './result-file.ts'
import {
  type CountedCosts,
  readUnitCosts,
  sizingPages,
  sizingTables,
  unitCosts,
  withTables,
} from './sizing.ts'

test('the pages of sizing say what the unit costs come to', () => {
  for (const page of sizingPages) {
    const text = readFileSync(page, 'utf8')
    assert.ok(/<!-- computed: /.test(text), page)
    assert.equal(text, withTables(text, readUnitCosts()), `node benchmarks/sizing.ts: ${page}`)
  }
})

const counted: CountedCosts = {
  commit: 'abc',
  diskBytes: {
    token: 400,
    tokenAlone: 800,
    assertion: 400,
    introspection: 200,
    revocation: 1,
    application: 8,
  },
  postgresMicros: {
    serverToken: 100,
    databaseToken: 10,
    serverAssertion: 200,
    databaseAssertion: 50,
  },
}

const measured = (scenario: string, name: string, micros: readonly number[]) => ({
  name: scenario,
  about: '',
  measurements: [
    { name, rounds: micros.map((serverCpuMicrosPerRequest) => ({ serverCpuMicrosPerRequest })) },
  ],
  ratios: [],
  figures: [],
  skipped: [],
})

/** A run as far as it is looked at. */
const run = (commit: string, ...results: readonly unknown[]): BenchRun =>
  ({ commit, results }) as unknown as BenchRun

const first = run(
  'aaaaaaaaaa',
  measured('token-rs256-2workers', 'mintmark', [390, 400, 450]),
  measured('token-es256-1process', 'mintmark', [500]),
  measured('many-applications', '100000 applications', [100]),
  measured('assertion-es256', 'private_key_jwt', [200]),
  measured('introspection', 'mintmark ES256', [50]),
)
const newer = run('bbbbbbbbbb', measured('token-es256-1process', 'mintmark', [100]))

test('times are the medians of the newest run that has them, and the table names it', () => {
  const tables = sizingTables(unitCosts([first, newer], counted))
  const units = tables['units'] ?? ''
  assert.match(units, /token, secret, RS256 \| 400 µs \| 1,200 \/s \| 400 B \| .*, aaaaaaa \|/)
  assert.match(
    units,
    /\| token, secret, ES256 \| 100 µs \| .* \| `token-es256-1process`, bbbbbbb \|/,
  )
  assert.throws(() => unitCosts([newer], counted), /no run tells token-rs256-2workers/)
})

test('the tables follow from the costs', () => {
  const tables = sizingTables(unitCosts([first, newer], counted))
  assert.match(tables['scale'] ?? '', /\| cores of servers, secret, ES256 \| 2 \| 20 \| 200 \|/)
  assert.match(tables['scale'] ?? '', /\| cores of servers, secret, RS256 \| 8 \| 80 \| 800 \|/)
  assert.match(tables['scale'] ?? '', /\| written to the database \| 4 MB\/s \| 40 MB\/s \|/)
  assert.match(tables['server'] ?? '', /\| 1,000 \| 1 \| 1 \| 35 GB \| 69 GB \| 14 TB to 28 TB \|/)
  // 5 × 0.5 + 512 × 0.01 + 1.5 ms
  assert.match(tables['writer'] ?? '', /\| secret \| 5 \| 9\.1 ms \| 110 \| 56,000 \/s \|/)
})
