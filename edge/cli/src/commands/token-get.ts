import { readFileSync } from 'node:fs'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import type { AccessToken } from '@mintmark/client/access-token'
import { exitCodes } from '../exit-codes.ts'
import { bindingKey } from '../token/binding-key.ts'
import { type ClientFlags, clientOptionsOf, refuseUnproven } from '../token/client-options-of.ts'
import { decodeToken } from '../token/decode-token.ts'
import { tokenPanel } from '../token/token-panel.ts'
import {
  isTokenOutput,
  refuseUsage,
  reportFailure,
  serverUrlOf,
  type TokenTerminal,
  tokenTerminal,
} from '../token/token-terminal.ts'

export interface TokenGetFlags extends ClientFlags {
  readonly audience?: string
  readonly scope?: string
  /** A private key that the token is bound to; made when the file is not there. */
  readonly dpop?: string
  readonly decode?: boolean
  readonly output: string
}

/** Who certified the server is believed for its keys too, beside all that is believed anyway. */
const believe = (authorityFile: string | undefined): void => {
  if (authorityFile === undefined) return
  const authority = readFileSync(authorityFile, 'utf8')
  setDefaultCACertificates([...getCACertificates('default'), authority])
}

const showDecoded = async (
  flags: TokenGetFlags,
  token: AccessToken,
  console: TokenTerminal,
): Promise<number> => {
  const decoded = decodeToken(token.value)
  if (decoded === null) {
    console.writeOutput('  The token is no JWT: only its server can read it.\n')
    return exitCodes.ok
  }
  const url = serverUrlOf(flags.url, console)
  believe(flags.authorityFile ?? console.environment['MINTMARK_AUTHORITY_FILE'])
  const { judgeToken } = await import('../token/judge-token.ts')
  const verdict = await judgeToken(token.value, { url, audience: null, scope: null, role: null })
  const { nowMs } = console
  if (flags.output === 'json') {
    console.writeOutput(`${JSON.stringify({ ...decoded, verdict }, null, 2)}\n`)
  } else console.writeOutput(tokenPanel(decoded, verdict, nowMs))
  return verdict.valid ? exitCodes.ok : exitCodes.denied
}

const show = (form: string, token: AccessToken, console: TokenTerminal): void => {
  const { value, type, scope, expiresAtMs } = token
  const expiresIn = Math.max(0, Math.round((expiresAtMs - console.nowMs) / 1000))
  const answer = { access_token: value, token_type: type, expires_in: expiresIn, scope }
  console.writeOutput(form === 'json' ? `${JSON.stringify(answer)}\n` : `${value}\n`)
}

/** `mintmark token get`. @returns the exit code */
export const tokenGet = async (
  flags: TokenGetFlags,
  console: TokenTerminal = tokenTerminal(),
): Promise<number> => {
  if (!isTokenOutput(flags.output)) {
    return refuseUsage(console, `--output is text or json, not "${flags.output}".`)
  }
  try {
    const { environment } = console
    const { audience, scope, dpop } = flags
    const options = {
      ...clientOptionsOf(flags, console),
      ...(audience !== undefined && { audience }),
      ...(scope !== undefined && { scope }),
      ...(dpop !== undefined && { dpop: bindingKey(dpop, console) }),
    }
    const refusal = refuseUnproven(options, console)
    if (refusal !== null) return refusal
    const { createClient } = await import('@mintmark/client/create-client')
    const { realWorld } = await import('@mintmark/client/world')
    const client = createClient(options, { ...realWorld, environment })
    const token = await client.token().finally(() => client.close())
    if (flags.decode === true) return await showDecoded(flags, token, console)
    show(flags.output, token, console)
    return exitCodes.ok
  } catch (error) {
    return reportFailure(console, error)
  }
}
