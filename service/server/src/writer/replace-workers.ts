/** New workers in the place of all that are there, without a request that nobody answers. */
import type { ServerLog } from '../composition/observability.ts'
import { type Member, tell } from './worker-member.ts'

export interface WorkerReplacement {
  readonly members: ReadonlySet<Member>
  /** Starts one more; fulfils when it listens. @throws when it cannot */
  readonly start: () => Promise<Member>
  /** Somebody takes the place of a member that could not be replaced and has ended meanwhile. */
  readonly refill: () => void
  readonly isStopping: () => boolean
  readonly log: ServerLog
}

/** What a worker has to answer what it was asked, its own bound of ten seconds included. */
const leaveMsMax = 11_000

const leave = (member: Member): Promise<void> =>
  new Promise((fulfil) => {
    if (member.worker.isDead()) return fulfil()
    const timer = setTimeout(() => member.worker.process.kill('SIGKILL'), leaveMsMax)
    member.worker.once('exit', () => {
      clearTimeout(timer)
      fulfil()
    })
    tell(member, { kind: 'retire' })
  })

const replaceOne = async (member: Member, parts: WorkerReplacement): Promise<void> => {
  // Whether it dies now or is told to go, the new one takes its place.
  member.isLeaving = true
  let next: Member
  try {
    next = await parts.start()
  } catch (fault) {
    member.isLeaving = false
    if (member.worker.isDead()) parts.refill()
    throw fault
  }
  await leave(member)
  const pids = { former: member.worker.process.pid, worker: next.worker.process.pid }
  parts.log.info(pids, 'worker replaced')
}

/** Replaces them one after the other; when a new one cannot start, the others stay. */
const replaceAll = async (parts: WorkerReplacement): Promise<void> => {
  const { isStopping, log } = parts
  const former = [...parts.members]
  log.info({ workers: former.length }, 'replacing the workers one by one')
  try {
    for (const member of former) {
      if (isStopping()) return
      if (!member.worker.isDead()) await replaceOne(member, parts)
    }
    log.info({}, 'all workers were replaced')
  } catch (fault) {
    const { message } = fault as Error
    if (isStopping()) return
    log.error({ error: message }, 'a new worker could not start: the others stay')
  }
}

/** What replaces all that are there when it is called; while it does, it takes no other call. */
export const createReplacer = (parts: WorkerReplacement): (() => void) => {
  let isUnderWay = false
  return () => {
    if (isUnderWay) return parts.log.warn({}, 'the workers are being replaced already')
    isUnderWay = true
    replaceAll(parts).finally(() => {
      isUnderWay = false
    })
  }
}
