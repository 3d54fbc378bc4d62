import cluster, { type Worker } from 'node:cluster'
import type { FailedAttempt, LedgerEntry, RecordOutcome } from '@mintmark/registry/ledger'
import { StorageFailed } from '@mintmark/storage/database'
import type { AdministrationCommand } from '../administration/administration.ts'
import type { ConsoleCommand } from '../console/console-command.ts'
import { createLiveRelay } from '../live-requests/live-relay.ts'
import type { ServerLedger, Writer } from '../services.ts'
import type { KeyCommand } from '../upkeep/change-keys.ts'
import type { ChangePublisher } from './change-publisher.ts'
import type { CallName, ListeningDoor, ToPrimary, ToWorker } from './messages.ts'
import {
  askWorker,
  confirmChange,
  type Member,
  newMember,
  releaseWaiting,
  tell,
} from './worker-member.ts'

/** The worker processes of one server, and the one writer they all write through. */
export interface WorkerGroup {
  /** Fulfils when every worker listens; rejects, with none left, when one cannot. */
  start(count: number): Promise<readonly ListeningDoor[]>
  reload(): void
  stop(timeoutMs: number): Promise<void>
}

export interface WorkerGroupParts {
  /** Processes that load already; they are told when there is something to open. */
  readonly forked: Worker[]
  readonly writer: Writer
  readonly publisher: ChangePublisher
  readonly log: { warn(fields: object, message: string): void }
  /** The counters of this process, to be added to the workers'. */
  readonly ownCounters: () => unknown
  /** Why nothing can be written any more, or null. */
  readonly failure: () => string | null
}

const restartAfterMs = 200

export const createWorkerGroup = (parts: WorkerGroupParts): WorkerGroup => {
  const { writer, publisher, log } = parts
  const members = new Set<Member>()
  const broadcast = (message: ToWorker): void => {
    for (const member of members) tell(member, message)
  }
  const relay = createLiveRelay(members)
  const perform = createPerformer({ ...parts, members, broadcast })
  let stopping = false
  let listening: () => void = () => {}
  let failed: ((fault: Error) => void) | null = null
  publisher.listen(async (invalidation) => {
    const message = { kind: 'invalidate', invalidation } as const
    await Promise.all([...members].map((member) => confirmChange(member, message)))
  })
  const add = (): void => {
    const member = newMember(parts.forked.shift() ?? cluster.fork())
    members.add(member)
    member.worker.on('message', (message: ToPrimary) => {
      if (message.kind === 'listening') {
        member.doors = message.doors
        listening()
      } else if (message.kind === 'failed') {
        const { fault } = message
        if (failed === null) log.warn({ ...fault }, 'a worker could not start')
        else failed(Object.assign(new Error(fault.message), fault))
      } else if (message.kind === 'live') relay.pass(member, message.batch)
      else if (message.kind === 'live-listening') relay.listening(member, message.isListening)
      else void handle(member, message, writer, perform)
    })
    const gone = (code: number | null, signal: string | null): void => {
      members.delete(member)
      relay.renew()
      releaseWaiting(member)
      if (stopping) return
      if (failed !== null) failed(new Error(`a worker ended (${signal ?? code})`))
      else {
        log.warn({ code, signal }, 'a worker ended; starting another')
        setTimeout(add, restartAfterMs)
      }
    }
    member.worker.on('exit', gone)
    const { exitCode, signalCode } = member.worker.process
    if (member.worker.isDead()) gone(exitCode, signalCode)
    // A member hears of every change from here on.
    else {
      tell(member, { kind: 'open', sequence: publisher.sequence() })
      relay.renew()
    }
  }
  return {
    start: (count) =>
      new Promise((fulfil, reject) => {
        failed = (fault) => {
          stopping = true
          for (const member of members) member.worker.process.kill('SIGKILL')
          ended(members, 0).then(() => reject(fault))
        }
        listening = () => {
          const doors = [...members].map((member) => member.doors)
          const [first] = doors
          if (first && doors.length === count && doors.every((each) => each !== null)) {
            failed = null
            fulfil(first)
          }
        }
        for (let at = 0; at < count; at += 1) add()
      }),
    reload: () => broadcast({ kind: 'reload' }),
    stop: (timeoutMs) => {
      stopping = true
      broadcast({ kind: 'stop' })
      return ended(members, timeoutMs)
    },
  }
}

type Perform = (name: CallName, argument: unknown) => Promise<unknown>

interface PerformerParts extends WorkerGroupParts {
  readonly members: ReadonlySet<Member>
  readonly broadcast: (message: ToWorker) => void
}

/** What workers may ask for by name. */
const createPerformer = (parts: PerformerParts): Perform => {
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

const handle = async (
  member: Member,
  message: Exclude<ToPrimary, { kind: 'listening' | 'failed' | 'live' | 'live-listening' }>,
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

/** Fulfils when every worker is gone; what is left after `timeoutMs` is killed. */
const ended = async (members: ReadonlySet<Member>, timeoutMs: number): Promise<void> => {
  const exits = [...members].map(
    (member) => new Promise<void>((fulfil) => member.worker.once('exit', () => fulfil())),
  )
  const timer = setTimeout(() => {
    for (const member of members) member.worker.process.kill('SIGKILL')
  }, timeoutMs)
  await Promise.all(exits)
  clearTimeout(timer)
}
