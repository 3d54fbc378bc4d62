import { askEndpoint } from '@mintmark/client/ask-endpoint'
import { ClientError } from '@mintmark/client/client-error'
import type { Answer } from '@mintmark/client/http-exchange'
import { type ClientSettings, readSettings } from '@mintmark/client/read-settings'
import { realWorld } from '@mintmark/client/world'
import { isObject, type Json, textOf } from '../domain-file/present-state.ts'
import { exitCodes } from '../exit-codes.ts'
import { CommandFault } from '../session/command-fault.ts'
import { confirmName } from '../session/confirm.ts'
import { processTerminal, type Terminal } from '../session/terminal.ts'
import { type ClientFlags, clientOptionsOf, refuseUnproven } from '../token/client-options-of.ts'
import { claimsPanel } from '../token/token-panel.ts'
import { isTokenOutput, refuseUsage, reportFailure } from '../token/token-terminal.ts'
import { readToken } from './token-inspect.ts'

export interface IntrospectFlags extends ClientFlags {
  readonly file?: string
  readonly output: string
}

export interface RevokeFlags extends ClientFlags {
  readonly file?: string
  /** Every token of the application, instead of one. */
  readonly all?: boolean
  readonly yes?: boolean
}

const settingsOf = (flags: ClientFlags, terminal: Terminal): ClientSettings | number => {
  const options = clientOptionsOf(flags, terminal)
  const refusal = refuseUnproven(options, terminal)
  if (refusal !== null) return refusal
  return readSettings(options, { ...realWorld, environment: terminal.environment })
}

const jsonOf = (text: string): Json => {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}

/** @throws ClientError for a refusal; what the server says of it holds no secret and no token */
const expectAnswer = ({ status, text }: Answer): Json => {
  const said = jsonOf(text)
  if (status === 200) return said
  const why = textOf(said, 'error_description') || textOf(said, 'error') || `status ${status}`
  const reason =
    status === 429 ? 'rate_limited' : status >= 500 ? 'server_unavailable' : 'client_refused'
  throw new ClientError(reason, `The server refused: ${why}`, { status })
}

const activeText = (answer: Json, nowMs: number): string => {
  if (answer['active'] === true) return `  ✔ Active\n${claimsPanel(answer, nowMs)}`
  return (
    '  ✖ Not active: it has ended, is not of this server, or this application may not ask about ' +
    'it.\n'
  )
}

/** `mintmark token introspect` (RFC 7662): what its server says of it. @returns 8: not active */
export const tokenIntrospect = async (
  flags: IntrospectFlags,
  terminal: Terminal = processTerminal(),
): Promise<number> => {
  if (!isTokenOutput(flags.output)) {
    return refuseUsage(terminal, `--output is text or json, not "${flags.output}".`)
  }
  try {
    const settings = settingsOf(flags, terminal)
    if (typeof settings === 'number') return settings
    const token = readToken(flags, terminal)
    const { nowMs } = terminal
    const answer = expectAnswer(await askEndpoint(settings, 'introspection', { token }, nowMs))
    const isJson = flags.output === 'json'
    const text = isJson ? `${JSON.stringify(answer, null, 2)}\n` : activeText(answer, nowMs)
    terminal.writeOutput(text)
    return answer['active'] === true ? exitCodes.ok : exitCodes.denied
  } catch (error) {
    return reportFailure(terminal, error)
  }
}

/** `mintmark token revoke` (RFC 7009): ends one token, or all that the application has. */
export const tokenRevoke = async (
  flags: RevokeFlags,
  terminal: Terminal = processTerminal(),
): Promise<number> => {
  try {
    const settings = settingsOf(flags, terminal)
    if (typeof settings === 'number') return settings
    const { clientId } = settings
    const isAll = flags.all === true
    if (isAll) await confirmName(`Ending every token of ${clientId}`, clientId, flags.yes, terminal)
    const wish = isAll ? { all_tokens: 'true' } : { token: readToken(flags, terminal) }
    expectAnswer(await askEndpoint(settings, 'revocation', wish, terminal.nowMs))
    terminal.writeError(
      isAll
        ? `✔ Every token of ${clientId} has ended. Its secrets stay.\n`
        : '✔ Not good any more: the server took it back, or it had ended before.\n',
    )
    return exitCodes.ok
  } catch (error) {
    if (error instanceof CommandFault) {
      terminal.writeError(`✖ ${error.message}\n`)
      return error.exitCode
    }
    return reportFailure(terminal, error)
  }
}
