import { readdirSync } from 'node:fs'
import type { monitorEventLoopDelay } from 'node:perf_hooks'

/** How one process is doing: numbers only, so that those of several workers can be put together. */
export interface ProcessReading {
  readonly processes: number
  readonly cpuSeconds: number
  readonly startUnixSeconds: number
  readonly residentBytes: number
  readonly heapUsedBytes: number
  readonly heapTotalBytes: number
  readonly externalBytes: number
  /** Null where the operating system does not tell. */
  readonly openFiles: number | null
  /** How late timers ran since the last reading. */
  readonly eventLoopLagSeconds: number
  readonly eventLoopLagP99Seconds: number
  readonly eventLoopLagMaxSeconds: number
  /** Share of the time since start in which the event loop was busy, 0 to 1. */
  readonly eventLoopUtilization: number
}

/**
 * Reads the numbers of this process and starts the event-loop monitor anew.
 *
 * @param eventLoop an enabled monitor
 * @param resolutionMilliseconds with which it was made: its readings include that much
 */
export function readProcess(
  eventLoop: ReturnType<typeof monitorEventLoopDelay>,
  resolutionMilliseconds: number,
): ProcessReading {
  const cpu = process.cpuUsage()
  const memory = process.memoryUsage()
  const lag = (nanoseconds: number): number =>
    Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e9 - resolutionMilliseconds / 1e3) : 0
  const reading: ProcessReading = {
    processes: 1,
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
    startUnixSeconds: performance.timeOrigin / 1e3,
    residentBytes: memory.rss,
    heapUsedBytes: memory.heapUsed,
    heapTotalBytes: memory.heapTotal,
    externalBytes: memory.external,
    openFiles: countOpenFiles(),
    eventLoopLagSeconds: lag(eventLoop.mean),
    eventLoopLagP99Seconds: lag(eventLoop.percentile(99)),
    eventLoopLagMaxSeconds: lag(eventLoop.max),
    eventLoopUtilization: performance.eventLoopUtilization().utilization,
  }
  eventLoop.reset()
  return reading
}

const countOpenFiles = (): number | null => {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return null
  }
}

/** One reading for several processes: what is used adds up, what is felt is the worst. */
export const mergeReadings = (readings: readonly ProcessReading[]): ProcessReading => {
  const sum = (read: (one: ProcessReading) => number): number =>
    readings.reduce((total, one) => total + read(one), 0)
  const worst = (read: (one: ProcessReading) => number): number =>
    readings.reduce((most, one) => Math.max(most, read(one)), 0)
  return {
    processes: sum((one) => one.processes),
    cpuSeconds: sum((one) => one.cpuSeconds),
    startUnixSeconds: readings.reduce(
      (first, one) => Math.min(first, one.startUnixSeconds),
      Number.POSITIVE_INFINITY,
    ),
    residentBytes: sum((one) => one.residentBytes),
    heapUsedBytes: sum((one) => one.heapUsedBytes),
    heapTotalBytes: sum((one) => one.heapTotalBytes),
    externalBytes: sum((one) => one.externalBytes),
    openFiles: readings.some((one) => one.openFiles === null)
      ? null
      : sum((one) => one.openFiles ?? 0),
    eventLoopLagSeconds: worst((one) => one.eventLoopLagSeconds),
    eventLoopLagP99Seconds: worst((one) => one.eventLoopLagP99Seconds),
    eventLoopLagMaxSeconds: worst((one) => one.eventLoopLagMaxSeconds),
    eventLoopUtilization: worst((one) => one.eventLoopUtilization),
  }
}
