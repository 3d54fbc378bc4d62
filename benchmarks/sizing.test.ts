import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { readUnitCosts, sizingPages, sizingTables, withTables } from './sizing.ts'

test('the pages of sizing say what the unit costs come to', () => {
  for (const page of sizingPages) {
    const text = readFileSync(page, 'utf8')
    assert.ok(/<!-- computed: /.test(text), page)
    assert.equal(text, withTables(text, readUnitCosts()), `node benchmarks/sizing.ts: ${page}`)
  }
})

test('the tables follow from the costs', () => {
  const cpuMicros = { tokenRs256: 400, tokenEs256: 100, introspection: 50 }
  const more = { tokenEs256ManyClients: 100, tokenEs256Assertion: 200 }
  const diskBytes = {
    token: 400,
    assertion: 400,
    introspection: 200,
    revocation: 1,
    application: 8,
  }
  const tables = sizingTables({ cpuMicros: { ...cpuMicros, ...more }, diskBytes })
  assert.match(tables['units'] ?? '', /\| token, secret, RS256 \| 400 µs \| 1,200 \/s \| 400 B \|/)
  assert.match(tables['scale'] ?? '', /\| cores, secret, ES256 \| 2 \| 20 \| 200 \|/)
  assert.match(tables['scale'] ?? '', /\| written to the database \| 4 MB\/s \| 40 MB\/s \|/)
  assert.match(tables['server'] ?? '', /\| 1,000 \| 1 \| 1 \| 35 GB \| 14 TB \|/)
})
