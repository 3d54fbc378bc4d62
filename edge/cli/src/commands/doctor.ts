import { chmodSync } from 'node:fs'
import { examineCredentials } from '../doctor/examine-credentials.ts'
import { examineMachine } from '../doctor/examine-machine.ts'
import { examineServer, NothingAnswers } from '../doctor/examine-server.ts'
import { type Examined, examinedText, type Finding, joinExamined } from '../doctor/finding.ts'
import { exitCodes } from '../exit-codes.ts'
import { CommandFault, runCommand } from '../session/command-fault.ts'
import { openSession, readUrl, type SessionFlags } from '../session/open-session.ts'
import { processTerminal, type Terminal } from '../session/terminal.ts'

export interface DoctorFlags extends SessionFlags {
  /** The configuration of a server on this machine. */
  readonly config?: string
  readonly output: string
  /** Does what it can of the fixes, after asking. */
  readonly fix?: boolean
  readonly yes?: boolean
}

const baseOf = (text: string): string => {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new CommandFault(exitCodes.usage, `"${text}" is no http or https URL.`)
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

const skipped = (what: string): Examined => ({ well: [], findings: [], skipped: [what] })

/** Credentials that end soon, where somebody is signed in who may see them. */
const lookAtCredentials = async (
  base: string,
  flags: DoctorFlags,
  terminal: Terminal,
): Promise<Examined> => {
  try {
    const { send } = await openSession({ ...flags, url: base }, terminal)
    return await examineCredentials(send, terminal.nowMs)
  } catch (error) {
    const [first = ''] = (error as Error).message.split('. ')
    return skipped(`expiring secrets: not looked at. ${first}`)
  }
}

const lookAtServer = async (
  base: string,
  rotationMs: number | null,
): Promise<{ readonly examined: Examined; readonly isReached: boolean }> => {
  try {
    return { examined: await examineServer(base, rotationMs), isReached: true }
  } catch (error) {
    if (!(error instanceof NothingAnswers)) throw error
    const [what = '', ...fix] = error.message.split('. ')
    const finding: Finding = {
      level: 'error',
      check: 'reachability',
      what,
      why: 'No caller gets a token.',
      fix: fix.join('. ') || 'Start it, or look at the way there.',
    }
    return { examined: { well: [], skipped: [], findings: [finding] }, isReached: false }
  }
}

/**
 * Takes rights from others, one path at a time. What else is wrong needs a person who knows why.
 * @throws CommandFault (exit 2) where nobody can be asked and `--yes` is not there
 */
const mend = async (findings: readonly Finding[], flags: DoctorFlags, terminal: Terminal) => {
  let mended = 0
  for (const { what, rights } of findings) {
    if (rights === undefined) continue
    const { path, mode } = rights
    const command = `chmod ${mode.toString(8)} ${path}`
    if (flags.yes !== true) {
      if (!terminal.isInteractive) {
        const message = `${what} Nobody is there to be asked about ${command}. Add --yes.`
        throw new CommandFault(exitCodes.usage, message)
      }
      const answer = await terminal.ask(`${what} Do it: ${command} [y/N] `)
      if (!/^y(?:es)?$/i.test(answer.trim())) continue
    }
    chmodSync(path, mode)
    terminal.writeError(`✔ ${command}\n`)
    mended += 1
  }
  return mended
}

const lookAtMachine = async (file: string, flags: DoctorFlags, terminal: Terminal) => {
  const seen = await examineMachine(file)
  if (flags.fix !== true) return seen
  const mended = await mend(seen.examined.findings, flags, terminal)
  return mended === 0 ? seen : examineMachine(file)
}

/** `mintmark doctor`: 0, 6 when something is wrong, 7 when the server is not reached. */
export const doctor = (
  said: string | undefined,
  flags: DoctorFlags,
  terminal = processTerminal(),
): Promise<number> =>
  runCommand(async () => {
    if (flags.output !== 'text' && flags.output !== 'json') {
      throw new CommandFault(exitCodes.usage, `--output is text or json, not "${flags.output}".`)
    }
    const file = flags.config ?? terminal.environment['MINTMARK_CONFIG']
    if (flags.fix === true && !file) {
      throw new CommandFault(exitCodes.usage, '--fix is for files of this machine: say --config.')
    }
    const machine = file ? await lookAtMachine(file, flags, terminal) : null
    const configuration = machine?.configuration ?? null
    const base = baseOf(said ?? flags.url ?? configuration?.url ?? readUrl(flags, terminal))
    const { examined, isReached } = await lookAtServer(base, configuration?.keyRotationMs ?? null)
    const parts = [
      machine?.examined ?? skipped('configuration and files: name them with --config'),
      examined,
      ...(isReached ? [await lookAtCredentials(base, flags, terminal)] : []),
    ]
    const whole = joinExamined(parts)
    terminal.writeOutput(
      flags.output === 'json'
        ? `${JSON.stringify({ url: base, ...whole }, null, 2)}\n`
        : `${base}\n${examinedText(whole)}`,
    )
    if (!isReached) return exitCodes.unreachable
    const isWrong = whole.findings.some(({ level }) => level === 'error')
    return isWrong ? exitCodes.invalidInput : exitCodes.ok
  }, terminal)
