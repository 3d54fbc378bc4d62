import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { identityOfServer } from './postgres-test-server.ts'

const program = '/usr/sbin/pgbouncer'

/** Why no pgbouncer can be started here; false: it can. */
export const noPgbouncer = existsSync(program) ? false : 'pgbouncer is not installed'

/** Sessions of PostgreSQL that all clients of a pooler share. */
const sessionsMax = 3

/** A pooler in transaction mode before a server of a test. */
export interface Pgbouncer {
  /** The same URL by way of the pooler. */
  through(url: string): string
  stop(): Promise<void>
}

/** @param host of the server, as a URL names it */
export const startPgbouncer = async (host: string): Promise<Pgbouncer> => {
  const folder = mkdtempSync(join(tmpdir(), 'mm-pool-'))
  const identity = identityOfServer()
  if (identity !== null) chownSync(folder, identity.uid, identity.gid)
  const file = join(folder, 'pgbouncer.ini')
  writeFileSync(join(folder, 'users'), '"mintmark" ""\n', { mode: 0o644 })
  const lines = [
    '[databases]',
    `* = host=${decodeURIComponent(host)} user=mintmark`,
    '[pgbouncer]',
    'pool_mode = transaction',
    `default_pool_size = ${sessionsMax}`,
    'auth_type = trust',
    `auth_file = ${join(folder, 'users')}`,
    'listen_addr =',
    'listen_port = 5432',
    `unix_socket_dir = ${folder}`,
    'max_client_conn = 500',
  ]
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o644 })
  const child: ChildProcess = spawn(program, ['-q', file], {
    ...(identity ?? {}),
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  while (!existsSync(join(folder, '.s.PGSQL.5432'))) {
    if (child.exitCode !== null) throw new Error('pgbouncer does not start')
    await sleep(20)
  }
  return {
    through: (url) => url.replace(host, encodeURIComponent(folder)),
    stop: async () => {
      const exit = once(child, 'exit')
      child.kill('SIGTERM')
      await exit
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
