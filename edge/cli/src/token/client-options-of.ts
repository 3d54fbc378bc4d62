import { resolve } from 'node:path'
import type { ClientOptions } from '@mintmark/client/client-options'
import { readDevState } from '../dev/state.ts'
import { exitCodes } from '../exit-codes.ts'
import { refuseUsage, serverUrlOf, type TokenTerminal } from './token-terminal.ts'

/** Which application asks, how it proves itself, and where. */
export interface ClientFlags {
  readonly app?: string
  readonly url?: string
  readonly clientSecretStdin?: boolean
  readonly clientSecretFile?: string
  readonly privateKeyFile?: string
  readonly keyId?: string
  readonly certificateFile?: string
  readonly certificateKeyFile?: string
  readonly authorityFile?: string
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
const demoSecret = (flags: ClientFlags, console: TokenTerminal): string | null => {
  const { environment, directory } = console
  if ((flags.app ?? environment['MINTMARK_CLIENT_ID'] ?? demoApp) !== demoApp) return null
  if (credentialNames.some((name) => environment[`MINTMARK_${name}`])) return null
  const secret = readDevState(resolve(directory, '.mintmark'))?.demoSecret ?? null
  if (secret !== null) console.writeError('  Secret of demo-app from .mintmark/dev.json\n')
  return secret
}

const credentialOf = (flags: ClientFlags, console: TokenTerminal): ClientOptions => {
  const { clientSecretFile, privateKeyFile, certificateFile, certificateKeyFile } = flags
  const stated = present({ clientSecretFile, privateKeyFile, certificateFile, certificateKeyFile })
  if (flags.clientSecretStdin === true) {
    return { ...stated, clientSecret: console.readInput().replace(/\r?\n$/, '') } as ClientOptions
  }
  if (Object.keys(stated).length > 0) return stated as ClientOptions
  const secret = demoSecret(flags, console)
  return secret === null ? {} : { clientId: demoApp, clientSecret: secret }
}

/**
 * Nobody has said who asks, or by what; a person is told in the words of these commands.
 * @returns the exit code; null: everything is said
 */
export const refuseUnproven = (options: ClientOptions, console: TokenTerminal): number | null => {
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

/** What the flags of a command say of the client and its server; the environment says the rest. */
export const clientOptionsOf = (flags: ClientFlags, console: TokenTerminal): ClientOptions => {
  const { app: clientId, keyId: kid, authorityFile } = flags
  const { environment } = console
  const isStated = environment['MINTMARK_ISSUER'] ?? environment['MINTMARK_TOKEN_ENDPOINT']
  const issuer = flags.url ?? (isStated ? undefined : serverUrlOf(undefined, console))
  const options = present({ clientId, kid, authorityFile, issuer })
  return { ...credentialOf(flags, console), ...options } as ClientOptions
}
