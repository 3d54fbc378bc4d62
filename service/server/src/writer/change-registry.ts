import type { RegistryTransaction } from '@mintmark/registry/registry'
import { clientsEnded, coverRecorded, type Revocation } from '@mintmark/registry/revocation'
import { renewClientViews } from '@mintmark/storage/client-views'
import { type Database, type Statements, StorageFailed } from '@mintmark/storage/database'
import {
  type ChangeSet,
  createChangeSet,
  openRegistryTransaction,
} from '@mintmark/storage/stored-registry'
import { findLatestRecord, findRecordEnd } from '@mintmark/storage/tables/audit-pack'
import type { ChangePublisher } from './change-publisher.ts'

/**
 * Runs one change of the registry: stored whole or not at all, and known everywhere at return.
 * @param wait `aside`: the event loop goes on while the disk is waited for, see `Database`
 */
export type ChangeRegistry = <T>(
  work: (transaction: RegistryTransaction, statements: Statements) => Promise<T>,
  wait?: 'in line' | 'aside',
) => Promise<T>

export interface ChangeRegistryParts {
  readonly database: Database
  readonly domainId: string
  readonly ledger: {
    markChanged(what: readonly string[] | 'catalog', sequence: number): void
  }
  readonly publisher: ChangePublisher
}

/** What a transaction has made untrue. */
interface Told {
  readonly changes: ChangeSet
  readonly revocations: readonly Revocation[]
  /** The latest instant on record with it: by then all has ended that it ends. */
  readonly latestMs: number
}

/** Whether any cache holds what a transaction has made untrue. */
const isNews = (changes: ChangeSet, revocations: readonly Revocation[]): boolean =>
  changes.clientIds.size > 0 || changes.catalog || revocations.length > 0

/** Stores changes, and has every cache know of each before its caller hears of success. */
export const createChangeRegistry = (parts: ChangeRegistryParts): ChangeRegistry => {
  const { database, domainId, ledger, publisher } = parts

  /** Its number among the changes of all servers; null: there is no other server, or no news. */
  const enlist = async (statements: Statements, told: Told): Promise<number | null> => {
    const { changes, revocations, latestMs } = told
    if (publisher.shared === null || !isNews(changes, revocations)) return null
    const { catalog } = changes
    const clientIds = [...changes.clientIds]
    const change = { clientIds, catalog, revocations, attempts: [], latestMs }
    return publisher.shared.enlist(statements, change)
  }

  // Synchronous up to the first await: the ledger knows of the change before it records anything
  // that was decided without it.
  const announce = (told: Told, number: number | null): Promise<void> => {
    const { changes, revocations, latestMs } = told
    const clientIds = [...changes.clientIds]
    if (!isNews(changes, revocations)) return Promise.resolve()
    if (number !== null) publisher.shared?.committed(number)
    const sequence = number ?? publisher.next()
    if (changes.catalog) ledger.markChanged('catalog', sequence)
    if (clientIds.length > 0) ledger.markChanged(clientIds, sequence)
    const { catalog } = changes
    return publisher.publish({ clientIds, catalog, sequence, revocations, latestMs })
  }

  return async (work, wait = 'in line') => {
    const changes = createChangeSet()
    const revocations: Revocation[] = []
    let latestMs = 0
    let publish: Promise<void> | null = null
    let number: number | null = null
    const value = await database.transaction(
      async (statements) => {
        const { dialect } = database
        const transaction = openRegistryTransaction(statements, domainId, changes, dialect)
        const noting = {
          ...transaction,
          putRevocation: async (decided: Revocation) => {
            const end = await findRecordEnd(statements, domainId)
            const revocation = coverRecorded(decided, end, Date.now())
            await transaction.putRevocation(revocation)
            revocations.push(revocation)
            // what is in flight is decided again and dated after it, or it would outlive it
            for (const clientId of clientsEnded([revocation])) changes.clientIds.add(clientId)
            if (revocation.kind === 'audience') changes.catalog = true
          },
        }
        const done = await work(noting, statements)
        if (database.isOnReserve?.() === true && revocations.length === 0) {
          throw new StorageFailed('the disk is full: only what ends something is stored')
        }
        await renewClientViews(statements, domainId, changes.clientIds)
        if (isNews(changes, revocations)) latestMs = await findLatestRecord(statements, domainId)
        number = await enlist(statements, { changes, revocations, latestMs })
        return done
      },
      () => {
        publish = announce({ changes, revocations, latestMs }, number)
      },
      wait,
    )
    await publish
    // what was found done may be so by a change that its author still waits for
    if (!isNews(changes, revocations)) await publisher.shared?.allKnown()
    return value
  }
}
