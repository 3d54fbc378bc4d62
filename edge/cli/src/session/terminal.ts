import { homedir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { readStandardInput } from './read-standard-input.ts'

/** Where commands read from and write to; tests put their own in place. */
export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly directory: string
  /** Where profiles are kept. */
  readonly configDirectory: string
  /** Whether somebody is there who can be asked. */
  readonly isInteractive: boolean
  /** Whether standard output understands colours. */
  readonly hasColor: boolean
  readInput(): string
  /** Asks on standard error, so that standard output stays data. */
  ask(question: string): Promise<string>
  writeOutput(text: string): void
  writeError(text: string): void
  readonly nowMs: number
}

const askThere = async (question: string): Promise<string> => {
  const asking = createInterface({
    input: process.stdin,
    output: process.stderr,
    terminal: false,
  })
  try {
    return await asking.question(question)
  } finally {
    asking.close()
  }
}

const configOf = (environment: Terminal['environment']): string =>
  join(environment['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'mintmark')

/** The process's own streams. NO_COLOR, TERM=dumb and CI are respected. */
export const processTerminal = (): Terminal => {
  const { env } = process
  const isPlain = Boolean(env['NO_COLOR']) || env['TERM'] === 'dumb' || Boolean(env['CI'])
  return {
    environment: env,
    directory: process.cwd(),
    configDirectory: configOf(env),
    isInteractive: process.stdin.isTTY === true && process.stderr.isTTY === true,
    hasColor: process.stdout.isTTY === true && !isPlain,
    readInput: readStandardInput,
    ask: askThere,
    writeOutput: (text) => process.stdout.write(text),
    writeError: (text) => process.stderr.write(text),
    nowMs: Date.now(),
  }
}
