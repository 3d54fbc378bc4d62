import { execFileSync } from 'node:child_process'
import { statfsSync } from 'node:fs'
import { availableParallelism, cpus, release, type as systemType, totalmem } from 'node:os'
import process from 'node:process'
import { canPin } from './pinning.ts'

/** What a figure depends on and what may be published: no names of hosts, users or folders. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryMegabytes: number
  readonly kernel: string
  readonly node: string
  readonly openssl: string
  readonly pinning: boolean
  /** File system type number of the data directories. */
  readonly dataFileSystem: string
}

const fileSystemNames: Readonly<Record<number, string>> = {
  16914836: 'tmpfs (memory: durable writes cost nothing here)',
  61267: 'ext4',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  2035054128: 'overlayfs',
  801189825: 'zfs',
}

export function describeMachine(dataDirectory: string): Machine {
  const type = statfsSync(dataDirectory).type
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryMegabytes: Math.round(totalmem() / 2 ** 20),
    kernel: `${systemType()} ${release().split('-')[0]}`,
    node: process.versions.node,
    openssl: process.versions.openssl,
    pinning: canPin(),
    dataFileSystem: fileSystemNames[type] ?? `0x${type.toString(16)}`,
  }
}

function git(args: readonly string[]): string | undefined {
  try {
    const output = execFileSync('git', args, {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return output.toString().trim()
  } catch {
    return undefined
  }
}

/** The commit under measurement, with `-changed` if the work tree differs from it. */
export function describeCommit(): string {
  const commit = git(['rev-parse', '--short=10', 'HEAD'])
  if (commit === undefined) return 'unknown'
  // Results of earlier runs, and what is drawn from them, are not part of what is measured.
  const drawn = [':!/benchmarks/results', ':!/docs/internals/benchmark-plots*']
  const changes = git(['status', '--porcelain', '--', ':/', ...drawn])
  return changes === '' ? commit : `${commit}-changed`
}

/** Signatures a second on one core, as `openssl speed` finds them; undefined without openssl. */
export function opensslSpeed(): Readonly<Record<'rsa2048' | 'ecdsap256', number>> | undefined {
  try {
    const args = ['speed', '-seconds', '1', 'rsa2048', 'ecdsap256']
    const output = execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] }).toString()
    const perSecond = (line: RegExp): number => Number(line.exec(output)?.[1])
    return {
      rsa2048: perSecond(/rsa +2048 bits +\S+ +\S+ +([\d.]+)/),
      ecdsap256: perSecond(/256 bits ecdsa \(nistp256\) +\S+ +\S+ +([\d.]+)/),
    }
  } catch {
    return undefined
  }
}
