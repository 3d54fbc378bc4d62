import cluster, { type Worker } from 'node:cluster'
import type { ServerLog } from '../composition/observability.ts'
import { createLiveRelay } from '../live-requests/live-relay.ts'
import type { Writer } from '../services.ts'
import { answerMember, createPerformer } from './answer-members.ts'
import type { ChangePublisher } from './change-publisher.ts'
import type { ListeningDoor, ToPrimary, ToWorker } from './messages.ts'
import { createReplacer } from './replace-workers.ts'
import { confirmChange, type Member, newMember, releaseWaiting, tell } from './worker-member.ts'

/** The worker processes of one server, and the one writer they all write through. */
export interface WorkerGroup {
  /** Fulfils when every worker listens; rejects, with none left, when one cannot. */
  start(count: number): Promise<readonly ListeningDoor[]>
  reload(): void
  /** New ones in the place of all that are there, one by one; how it goes is logged. */
  replaceWorkers(): void
  stop(timeoutMs: number): Promise<void>
}

export interface WorkerGroupParts {
  /** Processes that load already; they are told when there is something to open. */
  readonly forked: Worker[]
  readonly writer: Writer
  readonly publisher: ChangePublisher
  readonly log: ServerLog
  /** The counters of this process, to be added to the workers'. */
  readonly ownCounters: () => unknown
  /** Told what a worker has counted that ends because another has its place. */
  readonly onRetired: (counters: unknown) => void
  /** Why nothing can be written any more, or null. */
  readonly failure: () => string | null
}

type Trial = PromiseWithResolvers<Member>

const restartAfterMs = 200
/** A worker that does not listen within this time has not started. */
const listenMsMax = 30_000

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
  /** @param trial told how the start went; left out: the group starts, or refills itself */
  const add = (trial: Trial | null = null): Member => {
    const member = newMember(parts.forked.shift() ?? cluster.fork())
    members.add(member)
    member.worker.on('message', (message: ToPrimary) => {
      if (message.kind === 'listening') {
        member.doors = message.doors
        listening()
        trial?.resolve(member)
      } else if (message.kind === 'failed') {
        const { fault } = message
        if (trial !== null) trial.reject(new Error(fault.message))
        else if (failed === null) log.warn({ ...fault }, 'a worker could not start')
        else failed(Object.assign(new Error(fault.message), fault))
      } else if (message.kind === 'live') relay.pass(member, message.batch)
      else if (message.kind === 'live-listening') relay.listening(member, message.isListening)
      else if (message.kind === 'retired') parts.onRetired(message.snapshot)
      else void answerMember(member, message, writer, perform)
    })
    const gone = (code: number | null, signal: string | null): void => {
      members.delete(member)
      relay.renew()
      releaseWaiting(member)
      const isTried = trial !== null && member.doors === null
      if (isTried) trial.reject(new Error(`it ended (${signal ?? code})`))
      if (stopping || isTried || member.isLeaving) return
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
    return member
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
    replaceWorkers: createReplacer({
      members,
      start: () => startOne(add),
      refill: add,
      isStopping: () => stopping,
      log,
    }),
    stop: (timeoutMs) => {
      stopping = true
      broadcast({ kind: 'stop' })
      return ended(members, timeoutMs)
    },
  }
}

/** Fulfils with a worker that listens. @throws why it does not */
const startOne = async (add: (trial: Trial) => Member): Promise<Member> => {
  const trial: Trial = Promise.withResolvers()
  const { worker } = add(trial)
  const timer = setTimeout(() => worker.process.kill('SIGKILL'), listenMsMax)
  return trial.promise.finally(() => clearTimeout(timer))
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
