import type { Worker } from 'node:cluster'
import type { ListeningDoor, ToWorker } from './messages.ts'

/**
 * A worker that does not confirm a change within this time is ended, so that it cannot honour it.
 */
export const ackTimeoutMs = 2000

/** One worker process, as the primary knows it. */
export interface Member {
  readonly worker: Worker
  readonly acks: Map<number, () => void>
  readonly counts: Map<number, (snapshot: unknown) => void>
  doors: readonly ListeningDoor[] | null
  /** Another takes its place: nobody starts one more when it ends. */
  isLeaving: boolean
}

export const newMember = (worker: Worker): Member => ({
  worker,
  acks: new Map(),
  counts: new Map(),
  doors: null,
  isLeaving: false,
})

export const tell = (member: Member, message: ToWorker): void => {
  if (member.worker.isConnected()) member.worker.send(message)
}

/** Waits until the worker has forgotten; one that cannot say so in time is ended (fail closed). */
export const confirmChange = (
  member: Member,
  message: Extract<ToWorker, { kind: 'invalidate' }>,
): Promise<void> =>
  new Promise((fulfil) => {
    const { sequence } = message.invalidation
    const timer = setTimeout(() => member.worker.process.kill('SIGKILL'), ackTimeoutMs)
    member.acks.set(sequence, () => {
      clearTimeout(timer)
      member.acks.delete(sequence)
      fulfil()
    })
    tell(member, message)
  })

/** The worker's counters, or the requests it remembers; null when it does not say in time. */
export const askWorker = (member: Member, kind: 'count' | 'recall', id: number): Promise<unknown> =>
  new Promise((fulfil) => {
    const timer = setTimeout(() => fulfil(null), ackTimeoutMs)
    member.counts.set(id, (snapshot) => {
      clearTimeout(timer)
      member.counts.delete(id)
      fulfil(snapshot)
    })
    tell(member, { kind, id })
  })

/** The process is gone: whoever waits for its word need not wait any more. */
export const releaseWaiting = (member: Member): void => {
  for (const ack of member.acks.values()) ack()
  for (const count of member.counts.values()) count(null)
}
