/**
 * Loaded into the server under soak by `--import`: tells what is left on the heap after everything
 * unused has been collected, which no look from outside can.
 */
import { appendFileSync } from 'node:fs'
import process from 'node:process'

const file = process.env['SOAK_SAMPLES'] ?? ''
const everyMillis = Number(process.env['SOAK_MILLIS'])
const collect = globalThis.gc

setInterval(() => {
  collect?.()
  const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage()
  const resources = process.getActiveResourcesInfo().length
  const sample = { pid: process.pid, heapUsed, external, arrayBuffers, rss, resources }
  appendFileSync(file, `${JSON.stringify(sample)}\n`)
}, everyMillis).unref()
