/**
 * Loaded into the server under soak by `--import`: tells what is left on the heap after everything
 * unused has been collected, which no look from outside can.
 */
import { appendFileSync } from 'node:fs'
import process from 'node:process'
import { getHeapSpaceStatistics } from 'node:v8'

const file = process.env['SOAK_SAMPLES'] ?? ''
const everyMillis = Number(process.env['SOAK_MILLIS'])
const collect = globalThis.gc

/** Machine code and bytecode: V8 makes them as functions grow warm and drops what is not called. */
const compiledSpaces = ['code_space', 'code_large_object_space', 'trusted_space']
const compiledBytes = (): number =>
  getHeapSpaceStatistics()
    .filter(({ space_name }) => compiledSpaces.includes(space_name))
    .reduce((sum, { space_used_size }) => sum + space_used_size, 0)

setInterval(() => {
  collect?.()
  const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage()
  const resources = process.getActiveResourcesInfo().length
  const used = { heapUsed, compiled: compiledBytes(), external, arrayBuffers, rss }
  const sample = { pid: process.pid, ...used, resources }
  appendFileSync(file, `${JSON.stringify(sample)}\n`)
}, everyMillis).unref()
