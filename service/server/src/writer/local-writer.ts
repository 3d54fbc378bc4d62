import type { AuditEvent } from '@mintmark/registry/audit-event'
import type { RegistryTransaction } from '@mintmark/registry/registry'
import type { Revocation } from '@mintmark/registry/revocation'
import type { Database } from '@mintmark/storage/database'
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

/** The one writer, in the process that owns the write connection. */
export const createLocalWriter = (
  parts: LocalWriterParts,
): Writer & { readonly change: ChangeRegistry } => {
  const { database, domainId, ledger, publisher } = parts

  const change: ChangeRegistry = async (work) => {
    const changes = createChangeSet()
    const revocations: Revocation[] = []
    let publish: Promise<void> | null = null
    const value = await database.transaction(
      (statements) => {
        const transaction = openRegistryTransaction(statements, domainId, changes)
        return work({
          ...transaction,
          putRevocation: async (revocation) => {
            await transaction.putRevocation(revocation)
            revocations.push(revocation)
          },
        })
      },
      () => {
        publish = announce(changes, revocations)
      },
    )
    await publish
    return value
  }

  // Synchronous up to the first await: the ledger knows of the change before it records anything
  // that was decided without it.
  const announce = (changes: ChangeSet, revocations: readonly Revocation[]): Promise<void> => {
    const clientIds = [...changes.clientIds]
    const isNews = clientIds.length > 0 || changes.catalog || revocations.length > 0
    if (!isNews) return Promise.resolve()
    const sequence = publisher.next()
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
      ...openRegistryTransaction(database.read, domainId, createChangeSet()),
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
