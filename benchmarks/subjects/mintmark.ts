/** Our own server, started the way a user starts it, on an empty data directory. */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TlsFiles } from '../certificates.ts'
import type { SecretClient } from '../prepared-requests.ts'
import { type Subject, startSubject } from '../subject-process.ts'

const repository = fileURLToPath(new URL('../../', import.meta.url))
const main = join(repository, 'edge/cli/bin/mintmark.js')
// Not the system's folder for temporary files: that is memory on many machines, and then the
// durable record would cost nothing.
const dataParent = join(repository, 'node_modules/.cache/mintmark-benchmarks')

/** Whether our server has been built. */
export function isBuilt(): boolean {
  return existsSync(main)
}

/** An empty directory on the disk that the repository is on. */
export function makeDataDirectory(): string {
  mkdirSync(dataParent, { recursive: true })
  return mkdtempSync(join(dataParent, 'data-'))
}

/** What outlives a run of our server. */
export interface Home {
  readonly dataDirectory: string
  /** Client that the first start creates and that may administer the domain. */
  readonly administrator: SecretClient
}

export function makeHome(): Home {
  const clientSecret = randomBytes(32).toString('base64url')
  return {
    dataDirectory: makeDataDirectory(),
    administrator: { clientId: 'bench-administrator', clientSecret },
  }
}

export function removeHome(home: Home): void {
  rmSync(home.dataDirectory, { recursive: true, force: true })
}

/** Our running server. */
export interface Mintmark extends Subject {
  readonly administrator: SecretClient
}

export type AuditMode = 'strict' | 'available'

/** What is not as it is unless it is said. */
export interface OwnSettings {
  /** List of CPU cores to pin it to. */
  readonly cores?: string | undefined
  readonly tls?: TlsFiles | undefined
  readonly audit?: AuditMode | undefined
  /** Further options of Node, and what they need in the environment. */
  readonly node?: { readonly options: string; readonly environment: Record<string, string> }
}

/** Starts `mintmark serve` with so many workers in a home that the caller removes. */
export async function startMintmark(
  home: Home,
  workers: number,
  { cores, tls, audit, node }: OwnSettings = {},
): Promise<Mintmark> {
  const subject = await startSubject({
    name: 'mintmark',
    args: [main, 'serve'],
    cores,
    doors: tls === undefined ? ['http:'] : ['http:', 'https:'],
    environment: {
      ...(tls && {
        MINTMARK_TLS_LISTEN: '127.0.0.1:0',
        MINTMARK_TLS_CERT: tls.cert,
        MINTMARK_TLS_KEY: tls.key,
        MINTMARK_CLIENT_CA: tls.authority,
      }),
      ...(audit && { MINTMARK_AUDIT: audit }),
      // as the unit of systemd and the image start it
      NODE_OPTIONS: `--max-semi-space-size=8 ${node?.options ?? ''}`,
      MALLOC_ARENA_MAX: '2',
      ...node?.environment,
      MINTMARK_DATA: home.dataDirectory,
      MINTMARK_LISTEN: '127.0.0.1:0',
      MINTMARK_WORKERS: String(workers),
      MINTMARK_RATE_LIMIT_EXEMPT: '127.0.0.0/8',
      MINTMARK_BOOTSTRAP_CLIENT_ID: home.administrator.clientId,
      MINTMARK_BOOTSTRAP_CLIENT_SECRET: home.administrator.clientSecret,
    },
  })
  return { ...subject, administrator: home.administrator }
}
