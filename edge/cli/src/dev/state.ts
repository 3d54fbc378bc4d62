import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '@mintmark/server/replace-file'

/** What `dev` must remember between starts; the file is the owner's alone. */
export interface DevState {
  /** The playground's own administrator, through which it seeds the domain. */
  readonly administrator: { readonly clientId: string; readonly secret: string }
  /** The demo application's secret, to print the curl again; null until it was minted. */
  readonly demoSecret: string | null
}

/** Makes the data directory, which no repository should take in, and reads what was remembered. */
export const openDevDirectory = (directory: string): DevState | null => {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  chmodSync(directory, 0o700)
  const ignore = join(directory, '.gitignore')
  if (!existsSync(ignore)) writeFileSync(ignore, '*\n')
  return readDevState(directory)
}

/** What a playground in this directory remembers; null: there is none. */
export const readDevState = (directory: string): DevState | null => {
  const file = stateFile(directory)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as DevState) : null
}

export const writeDevState = (directory: string, state: DevState): void => {
  replaceFile(stateFile(directory), JSON.stringify(state), { mode: 0o600, isModeFixed: true })
}

const stateFile = (directory: string): string => join(directory, 'dev.json')

/** A new playground: its administrator's secret is random and stays in the state file. */
export const newDevState = (): DevState => ({
  administrator: { clientId: 'dev-admin', secret: randomBytes(32).toString('base64url') },
  demoSecret: null,
})
