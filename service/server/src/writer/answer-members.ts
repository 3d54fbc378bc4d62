/** What the primary answers its workers. */
import type { FailedAttempt, LedgerEntry, RecordOutcome } from '@mintmark/registry/ledger'
import { StorageFailed } from '@mintmark/storage/database'
import type { AdministrationCommand } from '../administration/administration.ts'
import type { ConsoleCommand } from '../console/console-command.ts'
import type { ServerLedger, Writer } from '../services.ts'
import type { KeyCommand } from '../upkeep/change-keys.ts'
import type { CallName, ToPrimary, ToWorker } from './messages.ts'
import { askWorker, type Member, tell } from './worker-member.ts'

export type Perform = (name: CallName, argument: unknown) => Promise<unknown>

export interface PerformerParts {
  readonly writer: Writer
  readonly members: ReadonlySet<Member>
  readonly broadcast: (message: ToWorker) => void
  /** The counters of this process, to be added to the workers'. */
  readonly ownCounters: () => unknown
  /** Why nothing can be written any more, or null. */
  readonly failure: () => string | null
}

/** What workers may ask for by name. */
export const createPerformer = (parts: PerformerParts): Perform => {
  const { writer, members, broadcast } = parts
  let lastAsked = 0
  const askAll = async (kind: 'count' | 'recall'): Promise<readonly unknown[]> => {
    lastAsked += 1
    const id = lastAsked
    const said = await Promise.all([...members].map((member) => askWorker(member, kind, id)))
    return said.filter((each) => each !== null)
  }
  return async (name, argument) => {
    if (name === 'failure') return parts.failure()
    if (name === 'administer') return writer.administer(argument as AdministrationCommand)
    if (name === 'console') return writer.console(argument as ConsoleCommand)
    if (name === 'changeKeys') return writer.changeKeys(argument as KeyCommand)
    if (name === 'metrics') return [parts.ownCounters(), ...(await askAll('count'))]
    if (name === 'recall') return askAll('recall')
    const attempt = argument as FailedAttempt
    const outcome = await writer.ledger.recordFailure(attempt)
    if (outcome.lockedForSeconds > 0 && attempt.kind === 'secret') {
      const { clientId, source } = attempt
      const untilMs = Date.now() + outcome.lockedForSeconds * 1000
      broadcast({ kind: 'locked', pairs: [{ clientId, source, untilMs }] })
    }
    return outcome
  }
}

/**
 * A worker that is new knows no lock from before its start, and none that clients of one source
 * share: whoever is locked out is made known to it, and the request judged again.
 */
const recordUnlessLocked = (
  member: Member,
  entry: LedgerEntry,
  ledger: ServerLedger,
): Promise<RecordOutcome> => {
  const { actor: clientId, source } = entry.event
  if (clientId === undefined || source === undefined) return ledger.record(entry)
  const seconds = ledger.lockedFor(clientId, source)
  if (seconds === 0) return ledger.record(entry)
  const untilMs = Date.now() + seconds * 1000
  tell(member, { kind: 'locked', pairs: [{ clientId, source, untilMs }] })
  return Promise.resolve('stale')
}

/** Messages that have an answer, or want nothing else done. */
export const answerMember = async (
  member: Member,
  message: Exclude<
    ToPrimary,
    { kind: 'listening' | 'failed' | 'live' | 'live-listening' | 'retired' }
  >,
  writer: Writer,
  perform: Perform,
): Promise<void> => {
  switch (message.kind) {
    case 'records': {
      const outcomes = await Promise.all(
        message.entries.map((entry) => recordUnlessLocked(member, entry, writer.ledger)),
      )
      return tell(member, { kind: 'outcomes', first: message.first, outcomes })
    }
    case 'refusal':
      return writer.ledger.recordRefusal(message.event)
    case 'ack':
      return member.acks.get(message.sequence)?.()
    case 'counted':
      return member.counts.get(message.id)?.(message.snapshot)
    case 'call':
      try {
        const value = await perform(message.name, message.argument)
        return tell(member, { kind: 'answer', id: message.id, value })
      } catch (error) {
        const text = (error as Error).message
        const isOfStore = error instanceof StorageFailed
        return tell(member, { kind: 'failure', id: message.id, message: text, isOfStore })
      }
  }
}
