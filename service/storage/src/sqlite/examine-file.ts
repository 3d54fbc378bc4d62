import { Worker } from 'node:worker_threads'

/** An examination that runs beside everything else. */
export interface Examination {
  stop(): void
}

const program = `
const { parentPort, workerData } = require('node:worker_threads')
const { DatabaseSync } = require('node:sqlite')
const say = (damage) => parentPort.postMessage(damage)
try {
  const database = new DatabaseSync(workerData, { readOnly: true, timeout: 5000 })
  const [row] = database.prepare('PRAGMA quick_check(1)').all()
  database.close()
  say(row.quick_check === 'ok' ? null : row.quick_check)
} catch (error) {
  say([11, 26].includes(error.errcode & 255) ? error.message : null)
}`

/**
 * Reads a whole database file in a thread of its own: one of gigabytes takes seconds.
 *
 * @param damaged told what does not hold, once
 */
export const examineFile = (path: string, damaged: (message: string) => void): Examination => {
  let thread: Worker
  try {
    thread = new Worker(program, { eval: true, workerData: path })
  } catch {
    // not allowed to: what is damaged is found when it is touched
    return { stop: () => {} }
  }
  thread.unref()
  thread.on('message', (damage: string | null) => {
    if (damage !== null) damaged(damage)
  })
  thread.on('error', () => {})
  return { stop: () => void thread.terminate() }
}
