/** Open-loop load: requests are due when they are due, and latency counts from that moment. */
import { type Arrival, arrivals, seededDraw } from './arrivals.ts'
import { type Connection, type Exchange, openConnection } from './connection.ts'
import { type OpenLoadReport, type OpenRunCommand, openSecondsMax } from './load-messages.ts'
import { type OpenTally, openTally } from './open-tally.ts'
import { cpuSeconds } from './process-cost.ts'
import { type RequestList, takeIndex } from './request-list.ts'

const connectionsMax = 4_096
const reopenMillis = 20
/** At a time: as callers do who have each found theirs ended, and not all of them in one moment. */
const openingMax = 16
const sweepMillis = 50
const lookMillis = 10

/** One run under way. */
interface Run {
  readonly tally: OpenTally
  readonly start: () => void
  /** Milliseconds since the start. */
  readonly now: () => number
  /** Takes the next request that is due, undefined when none is. */
  readonly take: () => { readonly arrival: Arrival; readonly bytes: Uint8Array } | undefined
  /** Gives up what has been due for too long: whoever wanted it has gone away. */
  readonly giveUp: () => void
  /** Milliseconds until the next one is due, undefined when there will be none. */
  readonly untilNext: () => number | undefined
}

function beginRun(command: OpenRunCommand, list: RequestList): Run {
  const schedule = arrivals(command.phases, command.pattern, seededDraw(command.seed))
  const choose = seededDraw(command.seed + 1)
  const tally = openTally(command.phases, command.patienceMillis)
  let startedAt = Number.POSITIVE_INFINITY
  const now = (): number => performance.now() - startedAt
  let upcoming = schedule.next().value
  const skip = (arrival: Arrival, why: string): void => {
    tally.failed(arrival, now(), why)
    upcoming = schedule.next().value
  }
  const giveUp = (): void => {
    while (upcoming !== undefined && now() - upcoming.dueMillis > command.patienceMillis) {
      skip(upcoming, 'given up before a connection was free')
    }
  }
  return {
    tally,
    start: () => {
      startedAt = performance.now()
    },
    now,
    giveUp,
    take: () => {
      giveUp()
      const arrival = upcoming
      if (arrival === undefined || arrival.dueMillis > now()) return undefined
      const index = takeIndex(list, choose)
      if (index === undefined) return void skip(arrival, 'the list has run dry')
      upcoming = schedule.next().value
      return { arrival, bytes: list.requests[index]! }
    },
    untilNext: () => (upcoming === undefined ? undefined : Math.max(0, upcoming.dueMillis - now())),
  }
}

/** A place for one connection; a connection that ends is followed by another. */
interface Line {
  connection: Connection | undefined
  underWay: Arrival | undefined
  sentMillis: number
  isIdle: boolean
}

/** The lines of one run, and who among them is free. */
interface Lines {
  /** Sends what is due as far as lines are free. */
  readonly pump: () => void
  /** Gives up what has waited too long. */
  readonly sweep: () => void
  readonly isQuiet: () => boolean
  readonly close: () => void
}

function exchangeOf(line: Line, { tally, take, now }: Run): Exchange {
  return {
    next: () => {
      const wasIdle = line.isIdle
      line.isIdle = false
      const taken = take()
      if (taken === undefined) return undefined
      line.underWay = taken.arrival
      line.sentMillis = now()
      if (wasIdle) tally.sent(taken.arrival, line.sentMillis)
      return { index: 0, bytes: taken.bytes }
    },
    answered: (_index, { status }) => {
      const arrival = line.underWay!
      line.underWay = undefined
      tally.answered(arrival, status, { atMillis: now(), sentMillis: line.sentMillis })
    },
    broken: (reason) => {
      const arrival = line.underWay!
      line.underWay = undefined
      tally.failed(arrival, now(), reason)
    },
  }
}

async function openLines(command: OpenRunCommand, run: Run): Promise<Lines> {
  const idle: Line[] = []
  const ended: Line[] = []
  let opening = 0
  let isClosed = false
  const free = (line: Line): void => {
    line.isIdle = true
    idle.push(line)
    pump()
  }
  const open = async (line: Line): Promise<void> => {
    const connection = await openConnection(command.port, exchangeOf(line, run))
    if (isClosed) return connection.close()
    line.connection = connection
  }
  /** A server that restarts is not there for a moment; what is due meanwhile waits. */
  const reopen = (line: Line): void => {
    if (isClosed) return
    open(line).then(
      () => {
        opening -= 1
        free(line)
      },
      () => setTimeout(reopen, reopenMillis, line),
    )
  }
  /** Those which the server has ended are opened as far as requests wait for them, not at once. */
  const reopenSome = (): void => {
    while (opening < openingMax && ended.length > 0 && run.untilNext() === 0) {
      opening += 1
      reopen(ended.pop()!)
    }
  }
  const drive = async (line: Line): Promise<void> => {
    await line.connection!.drive()
    if (line.connection!.isOpen()) free(line)
    else ended.push(line)
  }
  const pump = (): void => {
    while (idle.length > 0 && run.untilNext() === 0) {
      const line = idle.pop()!
      if (line.connection!.isOpen()) void drive(line)
      else ended.push(line)
    }
    reopenSome()
  }
  const count = Math.min(command.connections, connectionsMax)
  const lines: readonly Line[] = Array.from({ length: count }, () => ({
    connection: undefined,
    underWay: undefined,
    sentMillis: 0,
    isIdle: true,
  }))
  for (const line of lines) await open(line)
  idle.push(...lines)
  return {
    pump,
    sweep: () => {
      run.giveUp()
      const oldest = run.now() - command.patienceMillis
      for (const { underWay, sentMillis, connection } of lines) {
        if (underWay !== undefined && sentMillis < oldest) connection?.close()
      }
    },
    isQuiet: () => lines.every(({ underWay }) => underWay === undefined),
    close: () => {
      isClosed = true
      for (const { connection } of lines) connection?.close()
    },
  }
}

/** Runs until every request is answered or given up. */
function runThrough(run: Run, lines: Lines, polls: boolean): Promise<void> {
  return new Promise((resolve) => {
    const sweeping = setInterval(lines.sweep, sweepMillis)
    const step = (): void => {
      lines.pump()
      const wait = run.untilNext()
      if (wait === undefined && lines.isQuiet()) {
        clearInterval(sweeping)
        resolve()
      } else if (polls && wait !== undefined) setImmediate(step)
      else setTimeout(step, Math.min(wait ?? lookMillis, lookMillis))
    }
    step()
  })
}

/** Reads the server's CPU time where one phase ends and the next begins. */
function readCpu({ serverPid, phases }: OpenRunCommand, tally: OpenTally): () => void {
  if (serverPid === undefined) return () => {}
  let endMillis = 0
  let before = cpuSeconds(serverPid)
  const timers = phases.map(({ seconds }, phase) => {
    endMillis += seconds * 1_000
    return setTimeout(() => {
      const now = cpuSeconds(serverPid)
      tally.used(phase, now - before)
      before = now
    }, endMillis)
  })
  return () => timers.forEach(clearTimeout)
}

function check({ phases, connections, patienceMillis }: OpenRunCommand): void {
  const seconds = phases.reduce((sum, phase) => sum + phase.seconds, 0)
  const isBounded = seconds > 0 && seconds <= openSecondsMax && patienceMillis > 0
  const isLoad = connections >= 1 && phases.every(({ ratePerSecond }) => ratePerSecond > 0)
  if (!isBounded || !isLoad) throw new Error('an open-loop run needs rates, time and connections')
}

/** Runs one open-loop command over a list of requests. */
export async function runOpenLoop(
  command: OpenRunCommand,
  list: RequestList,
): Promise<OpenLoadReport> {
  check(command)
  const run = beginRun(command, list)
  const lines = await openLines(command, run)
  run.start()
  const stop = readCpu(command, run.tally)
  await runThrough(run, lines, command.poll === true)
  stop()
  lines.close()
  return { kind: 'open-report', ...run.tally.read() }
}
