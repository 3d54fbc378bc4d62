import { type ChildProcess, spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { constants, setPriority } from 'node:os'

/** An examination that runs beside everything else. */
export interface Examination {
  stop(): void
}

const program = `
const { DatabaseSync } = require('node:sqlite')
try {
  const database = new DatabaseSync(process.argv[1], { readOnly: true, timeout: 5000 })
  const [row] = database.prepare('PRAGMA quick_check(1)').all()
  if (row.quick_check !== 'ok') process.stdout.write(row.quick_check)
} catch (error) {
  if ([11, 26].includes(error.errcode & 255)) process.stdout.write(error.message)
}`

/** Longer than all that SQLite says of one fault. */
const damageCharactersMax = 1000
/** Until then the server has begun to answer: what it reads first is waited for. */
const delayMs = 3000

/**
 * Reads a whole database file in a process of its own, which yields to all others: one of gigabytes
 * takes many seconds, in which a thread could not be stopped, and the server with it.
 *
 * @param damaged told what does not hold, once
 * @param afterMs milliseconds after which it begins
 */
export const examineFile = (
  path: string,
  damaged: (message: string) => void,
  afterMs = delayMs,
): Examination => {
  let child: ChildProcess | null = null
  const timer = setTimeout(() => {
    child = begin(path, damaged)
  }, afterMs)
  timer.unref()
  return {
    stop: () => {
      clearTimeout(timer)
      child?.removeAllListeners('close')
      child?.kill('SIGKILL')
    },
  }
}

const begin = (path: string, damaged: (message: string) => void): ChildProcess | null => {
  let child: ChildProcess
  try {
    // nothing of our environment is its business
    child = spawn(process.execPath, ['-e', program, path], {
      env: {},
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  } catch {
    // not allowed to: what is damaged is found when it is touched
    return null
  }
  let said = ''
  child.on('error', () => {})
  child.on('spawn', () => lowerPriority(child.pid))
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(0, damageCharactersMax)
  })
  child.on('close', () => {
    if (said !== '') damaged(said)
  })
  // neither holds the server back from ending
  child.unref()
  if (child.stdout !== null) (child.stdout as Socket).unref()
  return child
}

const lowerPriority = (pid: number | undefined): void => {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_LOW)
  } catch {
    // it has ended already
  }
}
