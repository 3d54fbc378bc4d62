/** Programs that a test starts and ends, each in a process group of its own. */
import { type ChildProcess, spawn } from 'node:child_process'

const startMsMax = 30_000
const groups = new Set<ChildProcess>()

// Whatever ends the tests, nothing that they started may stay behind.
process.on('exit', () => {
  for (const child of groups) killGroup(child, 'SIGKILL')
})

const killGroup = (child: ChildProcess, signal: NodeJS.Signals): void => {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal)
  } catch {
    // It has ended already.
  }
}

export type Environment = Readonly<Record<string, string>>

/** A program that runs, or has ended. */
export interface Started {
  output(): string
  stop(): Promise<void>
}

export interface Start {
  readonly command: readonly [string, ...string[]]
  readonly cwd: string
  readonly environment: Environment
  readonly ready: string
}

/** Starts a program in a group of its own and waits until it has written `ready`. */
export const startProgram = async ({
  command,
  cwd,
  environment,
  ready,
}: Start): Promise<Started> => {
  const [program, ...words] = command
  const child = spawn(program, words, {
    cwd,
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  groups.add(child)
  let output = ''
  const ended = new Promise<void>((fulfil) => {
    child.once('close', () => {
      groups.delete(child)
      fulfil()
    })
  })
  await new Promise<void>((fulfil, reject) => {
    const give = (why: string) => reject(new Error(`${command.join(' ')} ${why}:\n${output}`))
    const timer = setTimeout(() => give('did not start'), startMsMax)
    const hear = (bytes: Buffer): void => {
      output += bytes
      if (!output.includes(ready)) return
      clearTimeout(timer)
      fulfil()
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    void ended.then(() => {
      clearTimeout(timer)
      give('ended')
    })
  })
  const stop = async (): Promise<void> => {
    killGroup(child, 'SIGTERM')
    await ended
  }
  return { output: () => output, stop }
}
