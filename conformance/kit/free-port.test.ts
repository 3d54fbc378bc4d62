import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { freePort } from './free-port.ts'

const program = `
import { freePort } from ${JSON.stringify(new URL('./free-port.ts', import.meta.url).href)}
const ports = []
while (ports.length < 300) ports.push(await freePort())
console.log(JSON.stringify(ports))`

test('no two of those who look for a port find the same, while both are there', async () => {
  const mine: number[] = []
  while (mine.length < 300) mine.push(await freePort())
  const other = spawnSync(process.execPath, ['--input-type=module', '-e', program])
  const theirs = JSON.parse(String(other.stdout)) as number[]
  assert.equal(new Set([...mine, ...theirs]).size, 600)
})
