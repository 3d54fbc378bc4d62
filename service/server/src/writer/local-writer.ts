import type { AuditEvent } from '@mintmark/registry/audit-event'
import type { RegistryTransaction } from '@mintmark/registry/registry'
import { notBefore } from '@mintmark/registry/revocation'
import { StorageFailed } from '@mintmark/storage/database'
import type { StoredLedger } from '@mintmark/storage/stored-ledger'
import { createChangeSet, openRegistryTransaction } from '@mintmark/storage/stored-registry'
import { findLatestRecord } from '@mintmark/storage/tables/audit-pack'
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
  withRightsNow,
} from '../administration/administration.ts'
import { inSlices } from '../administration/bulk-slices.ts'
import type { BulkSlice } from '../administration/bulk-standing.ts'
import { createConsoleWriter } from '../console/console-writer.ts'
import type { ServerLedger, Writer } from '../services.ts'
import {
  type ChangeRegistry,
  type ChangeRegistryParts,
  createChangeRegistry,
} from './change-registry.ts'

export interface LocalWriterParts extends ChangeRegistryParts {
  readonly ledger: ServerLedger & ChangeRegistryParts['ledger'] & Pick<StoredLedger, 'asked'>
  readonly context: Omit<AdministrationContext, 'transaction'>
  /** Told of the fault behind which a Bulk was not stored any further. */
  readonly onBulkFault: (fault: { readonly ecid: string; readonly error: Error }) => void
}

/** Whether nobody has wanted a record since it was asked before. */
const watchForOthers = ({ asked }: Pick<StoredLedger, 'asked'>): (() => boolean) => {
  let seen = asked()
  return () => {
    const before = seen
    seen = asked()
    return seen === before
  }
}

/** The one writer, in the process that owns the write connection. */
export const createLocalWriter = (
  parts: LocalWriterParts,
): Omit<Writer, 'changeKeys'> & { readonly change: ChangeRegistry } => {
  const { database, domainId, ledger } = parts

  const change = createChangeRegistry(parts)

  /**
   * What only looks does so beside the writer, so that no token waits for a long list. Between two
   * of its statements a change may be committed: what then does not fit together faults, and null
   * asks for the same in a transaction.
   */
  const look = async (command: AdministrationCommand): Promise<AdministrationAnswer | null> => {
    const denials: AuditEvent[] = []
    const transaction: RegistryTransaction = {
      ...openRegistryTransaction(database.lists, domainId, createChangeSet(), database.dialect),
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
    } catch (error) {
      // too long for a look is too long for the writer, whom every token waits for
      if (error instanceof StorageFailed) throw error
      return null
    }
    for (const event of denials) await change((writing) => writing.audit(event))
    return answer
  }

  return {
    ledger,
    change,
    console: createConsoleWriter({ change, domainId, ledger }),
    administer: async (command) => {
      const seen = isReadOnly(command) ? await look(command) : null
      if (seen !== null) return seen
      const prepared = await prepareCommand(command, parts.context)
      try {
        // The instant is taken inside: whatever was recorded before this change is older than it,
        // by whichever clock. So a token is never of the client that takes its client's id later.
        const run = (slice: BulkSlice | null) =>
          change(
            async (transaction, statements) => {
              const latestMs = await findLatestRecord(statements, domainId)
              const nowMs = notBefore(Date.now(), latestMs + 1)
              const principal = await withRightsNow(transaction, prepared.principal)
              const judged = { ...prepared, principal, nowMs }
              return administer(judged, { ...parts.context, transaction, slice })
            },
            // there is more to come, and tokens to sign meanwhile
            slice === null ? 'in line' : 'aside',
          )
        const onFault = (error: Error) => parts.onBulkFault({ ecid: command.ecid, error })
        return await inSlices(prepared, run, { onFault, isAlone: watchForOthers(ledger) })
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
