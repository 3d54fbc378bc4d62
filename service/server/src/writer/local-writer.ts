import type { AuditEvent } from '@mintmark/registry/audit-event'
import type { RegistryTransaction } from '@mintmark/registry/registry'
import type { Revocation } from '@mintmark/registry/revocation'
import type { Database, Statements } from '@mintmark/storage/database'
import {
  type ChangeSet,
  createChangeSet,
  openRegistryTransaction,
} from '@mintmark/storage/stored-registry'
import type {
  AdministrationAnswer,
  AdministrationCommand,
  AdministrationContext,
} from '../administration/administration.ts'
import {
  administer,
  isReadOnly,
  prepareCommand,
  RollBack,
} from '../administration/administration.ts'
import type { ServerLedger, Writer } from '../services.ts'
import type { ChangePublisher } from './change-publisher.ts'

/** Runs one change of the registry: stored whole or not at all, and known everywhere at return. */
export type ChangeRegistry = <T>(
  work: (transaction: RegistryTransaction) => Promise<T>,
) => Promise<T>

export interface LocalWriterParts {
  readonly database: Database
  readonly domainId: string
  readonly ledger: ServerLedger & {
    markChanged(what: readonly string[] | 'catalog', sequence: number): void
  }
  readonly publisher: ChangePublisher
  readonly context: Omit<AdministrationContext, 'transaction'>
}

/** Whether any cache holds what a transaction has made untrue. */
const isNews = (changes: ChangeSet, revocations: readonly Revocation[]): boolean =>
  changes.clientIds.size > 0 || changes.catalog || revocations.length > 0

/** The one writer, in the process that owns the write connection. */
export const createLocalWriter = (
  parts: LocalWriterParts,
): Writer & { readonly change: ChangeRegistry } => {
  const { database, domainId, ledger, publisher } = parts

  const change: ChangeRegistry = async (work) => {
    const changes = createChangeSet()
    const revocations: Revocation[] = []
    let publish: Promise<void> | null = null
    let number: number | null = null
    const value = await database.transaction(
      async (statements) => {
        const { dialect } = database
        const transaction = openRegistryTransaction(statements, domainId, changes, dialect)
        const done = await work({
          ...transaction,
          putRevocation: async (revocation) => {
            await transaction.putRevocation(revocation)
            revocations.push(revocation)
          },
        })
        number = await enlist(statements, changes, revocations)
        return done
      },
      () => {
        publish = announce(changes, revocations, number)
      },
    )
    await publish
    return value
  }

  /** Its number among the changes of all servers; null: there is no other server, or no news. */
  const enlist = async (
    statements: Statements,
    changes: ChangeSet,
    revocations: readonly Revocation[],
  ): Promise<number | null> => {
    if (publisher.shared === null || !isNews(changes, revocations)) return null
    const { catalog } = changes
    const clientIds = [...changes.clientIds]
    return publisher.shared.enlist(statements, { clientIds, catalog, revocations, attempts: [] })
  }

  // Synchronous up to the first await: the ledger knows of the change before it records anything
  // that was decided without it.
  const announce = (
    changes: ChangeSet,
    revocations: readonly Revocation[],
    number: number | null,
  ): Promise<void> => {
    const clientIds = [...changes.clientIds]
    if (!isNews(changes, revocations)) return Promise.resolve()
    if (number !== null) publisher.shared?.committed(number)
    const sequence = number ?? publisher.next()
    if (changes.catalog) ledger.markChanged('catalog', sequence)
    if (clientIds.length > 0) ledger.markChanged(clientIds, sequence)
    return publisher.publish({ clientIds, catalog: changes.catalog, sequence, revocations })
  }

  /**
   * What only looks does so beside the writer, so that no token waits for a long list. Between two
   * of its statements a change may be committed: what then does not fit together faults, and null
   * asks for the same in a transaction.
   */
  const look = async (command: AdministrationCommand): Promise<AdministrationAnswer | null> => {
    const denials: AuditEvent[] = []
    const transaction: RegistryTransaction = {
      ...openRegistryTransaction(database.read, domainId, createChangeSet(), database.dialect),
      audit: async (event) => {
        denials.push(event)
      },
    }
    let answer: AdministrationAnswer
    try {
      answer = await administer(
        { ...command, nowMs: Date.now() },
        { ...parts.context, transaction },
      )
    } catch {
      return null
    }
    for (const event of denials) await change((writing) => writing.audit(event))
    return answer
  }

  return {
    ledger,
    change,
    administer: async (command) => {
      const seen = isReadOnly(command) ? await look(command) : null
      if (seen !== null) return seen
      const prepared = await prepareCommand(command, parts.context)
      try {
        return await change((transaction) =>
          // The instant is taken inside: whatever was recorded before this change is older than it.
          administer({ ...prepared, nowMs: Date.now() }, { ...parts.context, transaction }),
        )
      } catch (error) {
        if (!(error instanceof RollBack)) throw error
        const { answer, events } = error
        // Denials stay on record although nothing of the command was stored.
        for (const event of events) await change((transaction) => transaction.audit(event))
        return answer
      }
    },
  }
}
