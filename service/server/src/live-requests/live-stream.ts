import { Readable } from 'node:stream'
import { type LiveFilter, type LiveRequest, lineOf } from './live-request.ts'

/** One connection that is told of requests as they are answered. */
export interface LiveStream {
  readonly filter: LiveFilter
  readonly readable: Readable
  /** What was answered before it listened, oldest first; called once. */
  begin(before: readonly LiveRequest[]): void
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

/** Server-sent events (HTML Standard §9.2). There is no id: what is past is not told again. */
const eventOf = (line: string): string => `event: request\ndata: ${line}\n\n`
const droppedOf = (count: number): string => `event: dropped\ndata: {"dropped":${count}}\n\n`

/** Lines that wait for the reader, at most so many, and how many more there were. */
const createQueue = () => {
  let lines: string[] = []
  let lost = 0
  return {
    add: (line: string): void => {
      if (lines.length < waitingMax) lines.push(line)
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
  let held: { readonly ecid: string; readonly line: string }[] | null = []
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
    begin: (before) => {
      const told = new Set(before.map(({ ecid }) => ecid))
      for (const each of before) queue.add(lineOf(each))
      for (const { ecid, line } of held ?? []) if (!told.has(ecid)) queue.add(line)
      held = null
      flush()
    },
    tell: ({ ecid }, line) => {
      if (held === null) queue.add(line)
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
