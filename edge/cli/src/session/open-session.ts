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

const defaultUrl = 'http://localhost:8480'

const withoutLineEnd = (text: string): string => text.replace(/\r?\n$/, '')

const notEmpty = (text: string, place: string): string => {
  const secret = withoutLineEnd(text)
  if (secret !== '') return secret
  throw new CommandFault(exitCodes.forbidden, `The client secret is empty: ${place}.`)
}

const secretOf = (flags: SessionFlags, { environment, readInput }: Terminal): string | null => {
  if (flags.clientSecretStdin === true) return notEmpty(readInput(), 'standard input said nothing')
  const stated = environment['MINTMARK_CLIENT_SECRET']
  if (stated) return stated
  const file = environment['MINTMARK_CLIENT_SECRET_FILE']
  return file ? notEmpty(readFileSync(file, 'utf8'), `there is nothing in ${file}`) : null
}

/** A profile's secret is for the profile's server and client, and for nobody else. */
const fromProfile = (profile: Profile | null, url: string, clientId: string): string | null =>
  profile !== null && profile.url === url && profile.clientId === clientId
    ? profile.clientSecret
    : null

/** Which server is meant, whether anybody signs in there or not. */
export const readUrl = (flags: SessionFlags, terminal: Terminal): string =>
  flags.url ??
  terminal.environment['MINTMARK_URL'] ??
  findProfile(terminal, flags.profile)?.url ??
  defaultUrl

const secretWays =
  'Say it by MINTMARK_CLIENT_SECRET, MINTMARK_CLIENT_SECRET_FILE or --client-secret-stdin'

/** Why nobody is signed in: what a profile lacks, or that nothing says who it is. */
const notSignedIn = (profile: Profile | null, url: string, clientId: string): string => {
  if (profile === null || clientId === '') {
    return (
      'Not signed in. Run it beside mintmark dev, or mintmark login, or set MINTMARK_CLIENT_ID ' +
      'and MINTMARK_CLIENT_SECRET (or …_FILE), or use --client-id with --client-secret-stdin.'
    )
  }
  if (profile.url === url && profile.clientId === clientId) {
    return (
      `Not signed in. The profile does not keep the secret of '${clientId}'. ${secretWays}, or ` +
      'keep it: mintmark login --keep-secret.'
    )
  }
  const whose = `The secret of the profile is for '${profile.clientId}' at ${profile.url} only`
  return `Not signed in as '${clientId}' at ${url}. ${whose}. ${secretWays}.`
}

/**
 * Where to sign in and as whom: flags, then the environment, then a profile.
 * @throws CommandFault (exit 4) when nobody is named
 */
export const readSignIn = (flags: SessionFlags, terminal: Terminal) => {
  const { environment } = terminal
  const profile = findProfile(terminal, flags.profile)
  const url = readUrl(flags, terminal)
  const clientId = flags.clientId ?? environment['MINTMARK_CLIENT_ID'] ?? profile?.clientId ?? ''
  const clientSecret = secretOf(flags, terminal) ?? fromProfile(profile, url, clientId) ?? ''
  if (clientId !== '' && clientSecret !== '') return { url, clientId, clientSecret }
  throw new CommandFault(exitCodes.forbidden, notSignedIn(profile, url, clientId))
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
