import { readFileSync } from 'node:fs'
import { type ConnectedServer, connectServer } from '../commands/connect-server.ts'
import { exitCodes } from '../exit-codes.ts'
import { CommandFault } from './command-fault.ts'
import { findProfile, type Profile } from './profile.ts'
import type { Terminal } from './terminal.ts'

/** What every command that talks to a server can be told. */
export interface SessionFlags {
  readonly url?: string
  readonly clientId?: string
  readonly clientSecretStdin?: boolean
  readonly profile?: string
}

export const defaultUrl = 'http://localhost:8480'

const withoutLineEnd = (text: string): string => text.replace(/\r?\n$/, '')

const secretOf = (flags: SessionFlags, { environment, readInput }: Terminal): string | null => {
  if (flags.clientSecretStdin === true) return withoutLineEnd(readInput())
  const stated = environment['MINTMARK_CLIENT_SECRET']
  if (stated) return stated
  const file = environment['MINTMARK_CLIENT_SECRET_FILE']
  return file ? withoutLineEnd(readFileSync(file, 'utf8')) : null
}

/** A profile's secret is for the profile's server and client, and for nobody else. */
const fromProfile = (profile: Profile | null, url: string, clientId: string): string | null =>
  profile !== null && profile.url === url && profile.clientId === clientId
    ? profile.clientSecret
    : null

/**
 * Where to sign in and as whom: flags, then the environment, then a profile.
 * @throws CommandFault (exit 4) when nobody is named
 */
export const readSignIn = (flags: SessionFlags, terminal: Terminal) => {
  const { environment } = terminal
  const profile = findProfile(terminal, flags.profile)
  const url = flags.url ?? environment['MINTMARK_URL'] ?? profile?.url ?? defaultUrl
  const clientId = flags.clientId ?? environment['MINTMARK_CLIENT_ID'] ?? profile?.clientId ?? ''
  const clientSecret = secretOf(flags, terminal) ?? fromProfile(profile, url, clientId) ?? ''
  if (clientId !== '' && clientSecret !== '') return { url, clientId, clientSecret }
  throw new CommandFault(
    exitCodes.forbidden,
    'Not signed in. Run it beside mintmark dev, or mintmark login, or set MINTMARK_CLIENT_ID and ' +
      'MINTMARK_CLIENT_SECRET (or …_FILE), or use --client-id with --client-secret-stdin.',
  )
}

/** Signs in. @throws CommandFault, ServerNotReached, SignInRefused */
export const openSession = async (
  flags: SessionFlags,
  terminal: Terminal,
): Promise<ConnectedServer> => {
  const { url, clientId, clientSecret } = readSignIn(flags, terminal)
  const server = await connectServer(url, { clientId, clientSecret })
  if (server.warning !== null) terminal.writeError(`⚠ ${server.warning}\n`)
  return server
}
