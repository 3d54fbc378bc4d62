/**
 * Key rotation over a real data directory, for tests; run as a program it is killed on the way.
 * Nothing that serves a request may import this file.
 */
import { join } from 'node:path'
import type { SigningKey } from '@mintmark/registry/signing-key'
import type { Database } from '@mintmark/storage/database'
import { migrate } from '@mintmark/storage/migrations/migrate'
import { openSqlite } from '@mintmark/storage/sqlite/sqlite-database'
import {
  createChangeSet,
  openRegistryTransaction,
  readRegistry,
} from '@mintmark/storage/stored-registry'
import { putIdentityDomain } from '@mintmark/storage/tables/identity-domain'
import { type MasterKey, openMasterKey } from '../signing/master-key.ts'
import type { ChangeRegistry } from '../writer/change-registry.ts'
import { rotateKeys } from './rotate-keys.ts'

const domainId = 'idcs-0123456789abcdef0123456789abcdef'
/** Milliseconds; small, so that a test can count on its fingers. */
export const testPolicy = { rotateAfterMs: 10_000, publishLeadMs: 600, keepRetiredMs: 50_000 }

export interface TestRotation {
  readonly masterKey: MasterKey
  keys(): Promise<readonly SigningKey[]>
  rotate(nowMs: number | (() => number)): Promise<void>
  close(): Promise<void>
}

/** What is called on the way; a process that dies does it here. */
export interface RotationHooks {
  /** A key was written, and the transaction is still open. */
  written(): void
  /** A transaction was committed. */
  committed(): void
}

/** Opens a data directory with a domain in it; makes both if need be. */
export const openTestRotation = async (
  directory: string,
  hooks: RotationHooks = { written: () => {}, committed: () => {} },
): Promise<TestRotation> => {
  const masterKey = openMasterKey(join(directory, 'master.key'), true)
  const database = openSqlite({ path: join(directory, 'mintmark.db') })
  await migrate(database)
  await makeDomain(database)
  const keys = () => readRegistry(database.read, domainId).signingKeys()
  const change: ChangeRegistry = (work) =>
    database.transaction(
      (statements) => {
        const transaction = openRegistryTransaction(statements, domainId, createChangeSet())
        const putSigningKey = async (key: SigningKey) => {
          await transaction.putSigningKey(key)
          hooks.written()
        }
        return work({ ...transaction, putSigningKey }, statements)
      },
      () => hooks.committed(),
    )
  return {
    masterKey,
    keys,
    rotate: (nowMs) =>
      rotateKeys(
        { change, keys, masterKey, domainId, policy: testPolicy },
        typeof nowMs === 'number' ? () => nowMs : nowMs,
      ),
    close: () => database.close(),
  }
}

const makeDomain = (database: Database): Promise<void> =>
  database.transaction(async (statements) => {
    const rows = await statements.all('SELECT 1 FROM identity_domain', [])
    if (rows.length > 0) return
    await putIdentityDomain(statements, { id: domainId, displayName: 'Test', createdAtMs: 0 })
  })

/** When to be killed: at the n-th key written, or after the n-th commit. */
export interface Death {
  readonly atMs: number
  readonly when: 'written' | 'committed'
  readonly count: number
}

if (import.meta.main) {
  const [directory = '', death = ''] = process.argv.slice(2)
  const { atMs, when, count } = JSON.parse(death) as Death
  let happened = 0
  const dieAt = (event: Death['when']) => () => {
    if (event !== when) return
    happened += 1
    if (happened === count) process.kill(process.pid, 'SIGKILL')
  }
  const hooks = { written: dieAt('written'), committed: dieAt('committed') }
  const rotation = await openTestRotation(directory, hooks)
  await rotation.rotate(atMs)
  await rotation.close()
}
