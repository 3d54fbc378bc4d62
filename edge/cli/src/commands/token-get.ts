import { resolve } from 'node:path'
import type { AccessToken } from '@mintmark/client/access-token'
import type { ClientOptions } from '@mintmark/client/client-options'
import { createClient } from '@mintmark/client/create-client'
import { realWorld } from '@mintmark/client/world'
import { readDevState } from '../dev/state.ts'
import { exitCodes } from '../exit-codes.ts'
import { decodeToken } from '../token/decode-token.ts'
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

export interface TokenGetFlags {
  readonly app?: string
  readonly url?: string
  readonly audience?: string
  readonly scope?: string
  readonly clientSecretStdin?: boolean
  readonly clientSecretFile?: string
  readonly privateKeyFile?: string
  readonly keyId?: string
  readonly certificateFile?: string
  readonly certificateKeyFile?: string
  readonly authorityFile?: string
  readonly decode?: boolean
  readonly output: string
}

const demoApp = 'demo-app'

const present = <T extends object>(members: T): T =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T

const credentialNames = [
  'CLIENT_SECRET',
  'CLIENT_SECRET_FILE',
  'PRIVATE_KEY_FILE',
  'CERTIFICATE_FILE',
]

/** The playground keeps the secret of its demo application; the file is its owner's alone. */
const demoSecret = (flags: TokenGetFlags, console: TokenTerminal): string | null => {
  const { environment, directory } = console
  if ((flags.app ?? environment['MINTMARK_CLIENT_ID'] ?? demoApp) !== demoApp) return null
  if (credentialNames.some((name) => environment[`MINTMARK_${name}`])) return null
  const secret = readDevState(resolve(directory, '.mintmark'))?.demoSecret ?? null
  if (secret !== null) console.writeError('  Secret of demo-app from .mintmark/dev.json\n')
  return secret
}

const credentialOf = (flags: TokenGetFlags, console: TokenTerminal): ClientOptions => {
  const { clientSecretFile, privateKeyFile, certificateFile, certificateKeyFile } = flags
  const stated = present({ clientSecretFile, privateKeyFile, certificateFile, certificateKeyFile })
  if (flags.clientSecretStdin === true) {
    return { ...stated, clientSecret: console.readInput().replace(/\r?\n$/, '') } as ClientOptions
  }
  if (Object.keys(stated).length > 0) return stated as ClientOptions
  const secret = demoSecret(flags, console)
  return secret === null ? {} : { clientId: demoApp, clientSecret: secret }
}

/** Nobody has said who asks, or by what; a person is told in the words of this command. */
const missing = (options: ClientOptions, console: TokenTerminal): number | null => {
  const { environment } = console
  const clientId = options.clientId ?? environment['MINTMARK_CLIENT_ID']
  if (!clientId) return refuseUsage(console, 'Which application? --app, or MINTMARK_CLIENT_ID.')
  const { clientSecret, clientSecretFile, privateKeyFile, certificateFile } = options
  const stated = [clientSecret, clientSecretFile, privateKeyFile, certificateFile]
  if (stated.some((each) => each !== undefined)) return null
  if (credentialNames.some((name) => environment[`MINTMARK_${name}`])) return null
  console.writeError(
    `\u2716 Nothing proves that this is ${JSON.stringify(clientId)}. Use --client-secret-stdin, ` +
      '--client-secret-file, --private-key-file or --certificate-file, or set ' +
      'MINTMARK_CLIENT_SECRET or MINTMARK_CLIENT_SECRET_FILE.\n',
  )
  return exitCodes.forbidden
}

const optionsOf = (flags: TokenGetFlags, console: TokenTerminal): ClientOptions => {
  const { app: clientId, keyId: kid, audience, scope, authorityFile } = flags
  const { environment } = console
  const isStated = environment['MINTMARK_ISSUER'] ?? environment['MINTMARK_TOKEN_ENDPOINT']
  const issuer = flags.url ?? (isStated ? undefined : serverUrlOf(undefined, console))
  const options = present({ clientId, kid, audience, scope, authorityFile, issuer })
  return { ...credentialOf(flags, console), ...options } as ClientOptions
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
  const verdict = await judgeToken(token.value, { url, audience: null, scope: null })
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
    const options = optionsOf(flags, console)
    const refusal = missing(options, console)
    if (refusal !== null) return refusal
    const client = createClient(options, { ...realWorld, environment })
    const token = await client.token().finally(() => client.close())
    if (flags.decode === true) return await showDecoded(flags, token, console)
    show(flags.output, token, console)
    return exitCodes.ok
  } catch (error) {
    return reportFailure(console, error)
  }
}
