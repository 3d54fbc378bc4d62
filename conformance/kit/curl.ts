/** The real curl, run by a shell as somebody would who pastes a command line. */
import { execFile, execFileSync } from 'node:child_process'
import type { Answer } from './http.ts'
import { parseRawAnswer } from './raw-socket.ts'

const isThere = (program: string): boolean => {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** What `node:test` takes as `skip`: false, or why. */
export const curlSkip: string | false = isThere('curl') ? false : 'curl is not installed'

/** What one command line printed. */
export interface Printed {
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command line; nothing of our own environment but PATH is there. */
export const runShell = (command: string): Promise<Printed> =>
  new Promise((resolve, reject) => {
    const options = { env: { PATH: process.env['PATH'] ?? '' }, timeout: 15_000 }
    execFile('/bin/sh', ['-c', command], options, (error, stdout, stderr) => {
      if (error !== null) reject(new Error(`${command}\n${stderr}`, { cause: error }))
      else resolve({ stdout, stderr })
    })
  })

/** Runs a `curl -i` command line and reads the answer it printed. */
export const runCurl = async (command: string): Promise<Answer> =>
  parseRawAnswer((await runShell(command)).stdout)
