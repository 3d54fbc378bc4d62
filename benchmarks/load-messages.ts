/** What the bench says to its load process, and what it hears back (over Node's IPC). */
import type { ArrivalPattern, Phase } from './arrivals.ts'
import type { FreshConnections } from './fresh-connection.ts'
import type { Latencies } from './latency-histogram.ts'

/**
 * `cycle` repeats the list in order, `random` draws evenly, `once` never sends an entry twice: a
 * window over such a list ends when the list does.
 */
export type SendingOrder = 'cycle' | 'random' | 'once'

/** Replaces the named list. Requests lie in one slab: entry i is [offsets[i], offsets[i + 1]). */
export interface PrepareCommand {
  readonly kind: 'prepare'
  readonly list: string
  readonly order: SendingOrder
  readonly slab: Uint8Array
  readonly offsets: Uint32Array
}

/** One window of closed-loop load: a connection sends its next request once it has its answer. */
export interface RunCommand {
  readonly kind: 'run'
  readonly list: string
  /** TCP port on 127.0.0.1; no other address can be loaded. */
  readonly port: number
  readonly connections: number
  /** Each caller connects anew for each request; left out: it keeps its connection. */
  readonly fresh?: FreshConnections | undefined
  readonly expectedStatus: number
  /** Unmeasured start of the window. */
  readonly warmupSeconds: number
  /** Measured length, at most `windowSecondsMax`. */
  readonly seconds: number
  /** Ends the window earlier, after this many requests were sent. */
  readonly requestsMax?: number
  /** Poll the sockets instead of sleeping until one is ready; only for a load with its own core. */
  readonly poll?: boolean
  /** Root process of the server: its CPU time and that of its descendants is measured. */
  readonly serverPid?: number
  /** JSON members to keep of each answer (string values only), in list order. */
  readonly keepMembers?: readonly string[]
}

/**
 * Open-loop load: requests are due at stated moments, however the server is doing. One that finds
 * every connection taken waits, and its latency counts from the moment it was due.
 */
export interface OpenRunCommand {
  readonly kind: 'open-run'
  readonly list: string
  /** TCP port on 127.0.0.1; no other address can be loaded. */
  readonly port: number
  /** One after the other without a pause, at most `openSecondsMax` in all. */
  readonly phases: readonly Phase[]
  readonly pattern: ArrivalPattern
  /** The same seed gives the same due moments and the same choice from a random list. */
  readonly seed: number
  /** Connections at most; one that the server closes is opened anew. */
  readonly connections: number
  /** A request that is not sent so long after it was due, or not answered so long after, fails. */
  readonly patienceMillis: number
  /** Poll instead of sleeping until a request is due; only for a load with its own core. */
  readonly poll?: boolean
  /** Root process of the server: its CPU time and that of its descendants is measured. */
  readonly serverPid?: number
}

export type LoadCommand = PrepareCommand | RunCommand | OpenRunCommand

/** Answers of one status. */
export interface StatusReport {
  /** Those that came within the patience of the run after they were due. */
  readonly inTime: number
  /** From the moment that the request was due: what a caller waits. */
  readonly fromDue: Latencies
  /** From the moment that it was written to a socket: what the server took. */
  readonly fromSending: Latencies
}

/** What became of the requests that were due in one phase. */
export interface PhaseReport {
  readonly name: string
  readonly seconds: number
  readonly due: number
  /** By HTTP status. */
  readonly answers: Readonly<Record<string, StatusReport>>
  /** Broken connections, and requests that were given up. */
  readonly failed: number
  /** How late requests were written for which a connection was free: the generator's own fault. */
  readonly ownLateness: Latencies
  /** User and system time of the server's processes; NaN where it was not asked for. */
  readonly serverCpuSeconds: number
}

/** Answers that came in one second of the run. */
export interface SecondReport {
  readonly answers: Readonly<Record<string, number>>
  readonly failed: number
  readonly slowestMillis: number
}

/** Result of one open-loop run. */
export interface OpenLoadReport {
  readonly kind: 'open-report'
  readonly phases: readonly PhaseReport[]
  readonly timeline: readonly SecondReport[]
  /** Why the first few requests failed. */
  readonly failureSamples: readonly string[]
}

/** Result of one window. Rates count expected answers only. */
export interface LoadReport {
  readonly kind: 'report'
  readonly completed: number
  readonly errors: number
  /** The first few failures: status and the beginning of the body, or what broke. */
  readonly errorSamples: readonly string[]
  readonly seconds: number
  readonly requestsPerSecond: number
  readonly p50Millis: number
  readonly p99Millis: number
  /** User and system time of the server's processes per expected answer; NaN without /proc. */
  readonly serverCpuMicrosPerRequest: number
  /** The same of this load process: it must be small and alike for all subjects. */
  readonly loadCpuMicrosPerRequest: number
  /** Length of an expected answer with its header, in the mean. */
  readonly bytesPerAnswer: number
  readonly kept: readonly Readonly<Record<string, string>>[]
}

export interface PreparedReply {
  readonly kind: 'prepared'
}

export interface LoadFailure {
  readonly kind: 'failure'
  readonly message: string
}

export type LoadReply = LoadReport | OpenLoadReport | PreparedReply | LoadFailure

/** Upper bound of a window, so that no mistake keeps a machine busy. */
export const windowSecondsMax = 900

/** The same for all phases of an open-loop run together. */
export const openSecondsMax = 4_000
