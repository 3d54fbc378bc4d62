import { ClientError, type FailureReason } from '@mintmark/client/client-error'
import { ServerNotReached } from '../commands/connect-server.ts'
import { exitCodes } from '../exit-codes.ts'
import { findDevProfile } from '../session/profile.ts'
import { readStandardInput } from '../session/read-standard-input.ts'

/** Where the token commands read from and write to; tests put their own in place. */
export interface TokenTerminal {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly directory: string
  readInput(): string
  writeOutput(text: string): void
  writeError(text: string): void
  readonly nowMs: number
}

export const tokenTerminal = (): TokenTerminal => ({
  environment: process.env,
  directory: process.cwd(),
  readInput: readStandardInput,
  writeOutput: (text) => process.stdout.write(text),
  writeError: (text) => process.stderr.write(text),
  nowMs: Date.now(),
})

export const isTokenOutput = (form: string): boolean => form === 'text' || form === 'json'

export const refuseUsage = (console: TokenTerminal, message: string): number => {
  console.writeError(`✖ ${message}\n`)
  return exitCodes.usage
}

const codes: Partial<Readonly<Record<FailureReason, number>>> = {
  not_configured: exitCodes.usage,
  credential_unreadable: exitCodes.invalidInput,
  unreachable: exitCodes.unreachable,
  tls_refused: exitCodes.unreachable,
  timed_out: exitCodes.unreachable,
  rate_limited: exitCodes.unreachable,
  server_unavailable: exitCodes.unreachable,
  answer_unreadable: exitCodes.unreachable,
  client_refused: exitCodes.denied,
  request_refused: exitCodes.denied,
}

/** One line for people, and the exit code for scripts. */
export const reportFailure = (console: TokenTerminal, error: unknown): number => {
  console.writeError(`✖ ${(error as Error).message}\n`)
  if (error instanceof ClientError) {
    const code = codes[error.reason] ?? exitCodes.unexpected
    const isDenied = code === exitCodes.denied && error.ecid !== null
    if (isDenied) console.writeError(`  Why: mintmark explain ${error.ecid}\n`)
    return code
  }
  if (error instanceof ServerNotReached) return exitCodes.unreachable
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOENT' ? exitCodes.notFound : exitCodes.unexpected
}

/** The server that is meant, when nothing says so. */
export const serverUrlOf = (stated: string | undefined, console: TokenTerminal): string => {
  const { environment } = console
  const from = environment['MINTMARK_DOMAIN_URL'] ?? environment['MINTMARK_ISSUER']
  const said = stated ?? from ?? environment['MINTMARK_URL']
  return said ?? findDevProfile(console.directory)?.url ?? 'http://localhost:8480'
}
