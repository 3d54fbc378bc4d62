import { Readable } from 'node:stream'
import { type LiveFilter, type LiveRequest, lineOf } from './live-request.ts'

/** One connection that is told of requests as they are answered. */
export interface LiveStream {
  readonly filter: LiveFilter
  readonly readable: Readable
  /**
   * What was answered before it listened, oldest first; called once.
   * @param gapAfter between this one and the first of them some may be missing
   */
  begin(before: readonly LiveRequest[], gapAfter?: string): void
  tell(request: LiveRequest, line: string): void
  /** So many were left out. */
  lose(count: number): void
  end(): void
}

export interface LiveStreamParts {
  readonly filter: LiveFilter
  readonly heartbeatMs: number
  readonly mayGoOn: () => Promise<boolean>
  /** The connection is over, whoever ended it. */
  readonly closed: () => void
}

/** A reader that takes nothing for so long is let go. */
const stuckMsMax = 30_000
/** What one slow reader may keep waiting; what comes beyond is left out and counted. */
const waitingMax = 1000

interface Told {
  readonly ecid: string
  readonly line: string
}

/** Server-sent events (HTML Standard §9.2); who comes back says by the id what it has seen. */
const eventOf = ({ ecid, line }: Told): string => `id: ${ecid}\nevent: request\ndata: ${line}\n\n`
const gapOf = (after: string): string => `event: gap\ndata: {"after":"${after}"}\n\n`
const droppedOf = (count: number): string => `event: dropped\ndata: {"dropped":${count}}\n\n`

/** Lines that wait for the reader, at most so many, and how many more there were. */
const createQueue = () => {
  let lines: Told[] = []
  let lost = 0
  return {
    add: (told: Told): void => {
      if (lines.length < waitingMax) lines.push(told)
      else lost += 1
    },
    lose: (count: number): void => {
      lost += count
    },
    /** Everything that waits as one text; empty: nothing does. */
    take: (): string => {
      const text = lines.map(eventOf).join('') + (lost === 0 ? '' : droppedOf(lost))
      lines = []
      lost = 0
      return text
    },
  }
}

export const openLiveStream = (parts: LiveStreamParts): LiveStream => {
  const queue = createQueue()
  let held: Told[] | null = []
  let wanted = true
  let over = false
  let takenAtMs = Date.now()

  const finish = (): void => {
    if (over || readable.destroyed) return
    over = true
    readable.push(null)
  }
  const flush = (): void => {
    if (!wanted || over || readable.destroyed) return
    const text = queue.take()
    if (text !== '') wanted = readable.push(text)
  }
  const beat = async (): Promise<void> => {
    if (!wanted && Date.now() - takenAtMs > stuckMsMax) return void readable.destroy()
    const goesOn = await parts.mayGoOn().catch(() => false)
    if (!goesOn) return finish()
    if (wanted && !over && !readable.destroyed) wanted = readable.push(':\n\n')
  }
  const timer = setInterval(() => void beat(), parts.heartbeatMs).unref()
  const readable = new Readable({
    read: () => {
      wanted = true
      takenAtMs = Date.now()
      flush()
    },
    destroy: (error, done) => {
      clearInterval(timer)
      parts.closed()
      done(error)
    },
  })
  // The head of the answer leaves with it, so that the reader knows that it is listened to.
  readable.push(':\n\n')
  return {
    filter: parts.filter,
    readable,
    begin: (before, gapAfter) => {
      const known = new Set(before.map(({ ecid }) => ecid))
      if (gapAfter !== undefined && !readable.destroyed) readable.push(gapOf(gapAfter))
      for (const each of before) queue.add({ ecid: each.ecid, line: lineOf(each) })
      for (const each of held ?? []) if (!known.has(each.ecid)) queue.add(each)
      held = null
      flush()
    },
    tell: ({ ecid }, line) => {
      if (held === null) queue.add({ ecid, line })
      else if (held.length < waitingMax) held.push({ ecid, line })
      else queue.lose(1)
      if (held === null) flush()
    },
    lose: (count) => {
      queue.lose(count)
      if (held === null) flush()
    },
    end: finish,
  }
}
