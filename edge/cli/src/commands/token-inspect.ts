import { readFileSync } from 'node:fs'
import { exitCodes } from '../exit-codes.ts'
import { decodeToken, findToken } from '../token/decode-token.ts'
import { judgeToken } from '../token/judge-token.ts'
import { tokenPanel } from '../token/token-panel.ts'
import {
  isTokenOutput,
  refuseUsage,
  reportFailure,
  serverUrlOf,
  type TokenTerminal,
  tokenTerminal,
} from '../token/token-terminal.ts'

export interface TokenInspectFlags {
  readonly file?: string
  readonly output: string
}

export interface TokenVerifyFlags extends TokenInspectFlags {
  readonly url?: string
  readonly audience?: string
  readonly scope?: string
  readonly role?: string
}

/** From the file, from `MINTMARK_TOKEN`, else from standard input: a token is no argument. */
export const readToken = (
  flags: Pick<TokenInspectFlags, 'file'>,
  console: TokenTerminal,
): string => {
  const { environment } = console
  const input =
    flags.file !== undefined
      ? readFileSync(flags.file, 'utf8')
      : (environment['MINTMARK_TOKEN'] ?? console.readInput())
  return findToken(input)
}

const notReadable = (console: TokenTerminal): number => {
  console.writeError(
    '✖ This is no JWT: three parts of base64url with dots between. Opaque tokens can be read by ' +
      'their server only.\n',
  )
  return exitCodes.invalidInput
}

/** `mintmark token inspect`: what a token says, believed or not. @returns the exit code */
export const tokenInspect = async (
  flags: TokenInspectFlags,
  console: TokenTerminal = tokenTerminal(),
): Promise<number> => {
  if (!isTokenOutput(flags.output)) {
    return refuseUsage(console, `--output is text or json, not "${flags.output}".`)
  }
  try {
    const decoded = decodeToken(readToken(flags, console))
    if (decoded === null) return notReadable(console)
    const isJson = flags.output === 'json'
    const text = isJson
      ? `${JSON.stringify(decoded, null, 2)}\n`
      : tokenPanel(decoded, null, console.nowMs)
    console.writeOutput(text)
    return exitCodes.ok
  } catch (error) {
    return reportFailure(console, error)
  }
}

/** `mintmark token verify`: whether an API should believe it. @returns the exit code; 8: no */
export const tokenVerify = async (
  flags: TokenVerifyFlags,
  console: TokenTerminal = tokenTerminal(),
): Promise<number> => {
  if (!isTokenOutput(flags.output)) {
    return refuseUsage(console, `--output is text or json, not "${flags.output}".`)
  }
  try {
    const token = readToken(flags, console)
    const decoded = decodeToken(token)
    if (decoded === null) return notReadable(console)
    const audience = flags.audience ?? console.environment['MINTMARK_AUDIENCE'] ?? null
    const url = serverUrlOf(flags.url, console)
    const { scope = null, role = null } = flags
    const verdict = await judgeToken(token, { url, audience, scope, role })
    if (audience === null) {
      console.writeError('  The audience was not judged: state --audience.\n')
    }
    const isJson = flags.output === 'json'
    const text = isJson
      ? `${JSON.stringify({ ...decoded, verdict }, null, 2)}\n`
      : tokenPanel(decoded, verdict, console.nowMs)
    console.writeOutput(text)
    return verdict.valid ? exitCodes.ok : exitCodes.denied
  } catch (error) {
    return reportFailure(console, error)
  }
}
