import {
  type ConfigurationFault,
  renderFaults,
} from '@mintmark/server/configuration/configuration-fault'
import { DestinationRefused } from '@mintmark/server/replace-file'
import { ServerNotReached, SignInRefused } from '../commands/connect-server.ts'
import { isObject, type Json, textOf, UnexpectedAnswer } from '../domain-file/present-state.ts'
import { type ExitCode, exitCodeOfStatus, exitCodes } from '../exit-codes.ts'
import { processTerminal, type Terminal } from './terminal.ts'

/** Why a command ends without having done what it was asked, in words for people. */
export class CommandFault extends Error {
  readonly exitCode: ExitCode
  constructor(exitCode: ExitCode, message: string) {
    super(message)
    this.exitCode = exitCode
  }
}

/** Every mistake of a configuration; the mark before it is set where faults are told. */
export const configurationRefused = (faults: readonly ConfigurationFault[]): CommandFault =>
  new CommandFault(exitCodes.invalidInput, renderFaults(faults).trim().replace(/^✖ /, ''))

const errorSchema = 'urn:ietf:params:scim:api:oracle:idcs:extension:messages:Error'

/** Refusals that the identity domain's own way answers with 400, though something is in the way. */
const conflictReasons: ReadonlySet<string> = new Set([
  'SCOPE_IN_USE',
  'CERTIFICATE_IN_USE',
  'APPLICATION_ACTIVE',
  'TOO_MANY_SECRETS',
  'LAST_ADMINISTRATOR',
])

/** The exit code that a refusal comes to: by its reason where it says one, else by its status. */
export const exitCodeOfAnswer = (status: number, body: unknown): ExitCode => {
  const said = isObject(body) ? body[errorSchema] : undefined
  const more = isObject(said) ? said['additionalData'] : undefined
  const reason = isObject(more) ? textOf(more, 'reason') : ''
  return conflictReasons.has(reason) ? exitCodes.conflict : exitCodeOfStatus(status)
}

const bulkPrefix = /^Operations\[\d+\] \([^)]*\): /

/** What a SCIM error or a problem says, without what only a reader of the request understands. */
export const wordsOf = (status: number, body: unknown): string => {
  const said: Json = isObject(body) ? body : {}
  const fix = textOf(said, 'fix')
  const detail = textOf(said, 'detail').replace(bulkPrefix, '')
  return `${detail || `The server answered with status ${status}.`}${fix === '' ? '' : ` ${fix}`}`
}

/** @throws CommandFault unless the answer is a success */
export const expectSuccess = (answer: {
  readonly status: number
  readonly body: unknown
}): Json => {
  const { status, body } = answer
  if (status < 200 || status > 299)
    throw new CommandFault(exitCodeOfAnswer(status, body), wordsOf(status, body))
  return isObject(body) ? body : {}
}

/** What a server said that was asked for bytes or events, and gave something else. */
export const refusalOf = async (response: Response): Promise<CommandFault> => {
  const body: unknown = await response.json().catch(() => null)
  const { status } = response
  return new CommandFault(exitCodeOfAnswer(status, body), wordsOf(status, body))
}

const codeOf = (error: unknown): ExitCode => {
  if (error instanceof CommandFault) return error.exitCode
  if (error instanceof ServerNotReached) return exitCodes.unreachable
  if (error instanceof DestinationRefused) return exitCodes.invalidInput
  if (error instanceof SignInRefused) return exitCodes.forbidden
  if (error instanceof UnexpectedAnswer) return exitCodeOfAnswer(error.status, error.body)
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
    ? exitCodes.notFound
    : exitCodes.unexpected
}

const fileReasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'this user may not use it',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is no folder',
}

/** Faults of files in words: the system's own name calls that nobody has made. */
const messageOf = (error: unknown): string => {
  const { code = '', path, message } = error as NodeJS.ErrnoException
  const reason = fileReasons[code]
  return path === undefined || reason === undefined ? message : `${path}: ${reason}.`
}

/** Runs a command: what it throws becomes one line for people and the exit code for scripts. */
export const runCommand = async (
  work: (terminal: Terminal) => Promise<ExitCode | undefined>,
  terminal = processTerminal(),
): Promise<ExitCode> => {
  try {
    return (await work(terminal)) ?? exitCodes.ok
  } catch (error) {
    const code = codeOf(error)
    terminal.writeError(`✖ ${messageOf(error)}\n`)
    const isOurs = code === exitCodes.unexpected && !(error instanceof UnexpectedAnswer)
    if (isOurs && terminal.environment['MINTMARK_DEBUG']) {
      terminal.writeError(`${(error as Error).stack ?? ''}\n`)
    }
    return code
  }
}
