import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isLoopbackHost } from '@mintmark/protocol/rfc6761-localhost'
import { replaceFile } from '@mintmark/server/replace-file'
import { exitCodes } from '../exit-codes.ts'
import { CommandFault } from './command-fault.ts'
import type { Terminal } from './terminal.ts'

/** A server and who signs in there. */
export interface Profile {
  readonly url: string
  readonly clientId: string
  /** null: it comes from the environment or standard input each time. */
  readonly clientSecret: string | null
}

type Profiles = Readonly<Record<string, Profile>>

export const defaultProfile = 'default'

const profilesFile = (terminal: Pick<Terminal, 'configDirectory'>): string =>
  join(terminal.configDirectory, 'profiles.json')

const devFile = (directory: string): string => join(directory, 'profile.json')

const parse = (file: string): unknown => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    const why = error instanceof SyntaxError ? 'it is no JSON' : (error as Error).message
    throw new CommandFault(exitCodes.invalidInput, `${file} cannot be read: ${why}.`)
  }
}

const readProfiles = (terminal: Terminal): Profiles => {
  const file = profilesFile(terminal)
  return existsSync(file) ? (parse(file) as Profiles) : {}
}

/** For its owner alone, from the first byte on. */
const writePrivate = (file: string, value: unknown): void => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  replaceFile(file, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600, isModeFixed: true })
}

/** Keeps a profile. @returns the file that it is in */
export const keepProfile = (terminal: Terminal, name: string, profile: Profile): string => {
  const file = profilesFile(terminal)
  writePrivate(file, { ...readProfiles(terminal), [name]: profile })
  return file
}

/** What `mintmark dev` leaves in its folder, so that commands beside it need nothing said. */
export const keepDevProfile = (directory: string, profile: Profile): void =>
  writePrivate(devFile(directory), profile)

/**
 * The profile of a playground in this folder; null: there is none. Playgrounds are on this very
 * computer: a folder from elsewhere must not lead what the environment holds to another.
 */
export const findDevProfile = (directory: string): Profile | null => {
  const beside = devFile(join(directory, '.mintmark'))
  const profile = existsSync(beside) ? (parse(beside) as Profile) : null
  const host = URL.parse(profile?.url ?? '')?.hostname ?? ''
  return isLoopbackHost(host) ? profile : null
}

/**
 * The profile that is meant: the one that is named; else that of a playground in this folder; else
 * the one called default.
 * @throws CommandFault when a named one is not there
 */
export const findProfile = (terminal: Terminal, name: string | undefined): Profile | null => {
  if (name === undefined) {
    return findDevProfile(terminal.directory) ?? readProfiles(terminal)[defaultProfile] ?? null
  }
  const profiles = readProfiles(terminal)
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined
  if (profile !== undefined) return profile
  const known = Object.keys(profiles).join(', ') || 'none'
  throw new CommandFault(exitCodes.notFound, `No profile "${name}". There are: ${known}.`)
}
