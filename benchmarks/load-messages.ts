/** What the bench says to its load process, and what it hears back (over Node's IPC). */

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

export type LoadCommand = PrepareCommand | RunCommand

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
  readonly kept: readonly Readonly<Record<string, string>>[]
}

export interface PreparedReply {
  readonly kind: 'prepared'
}

export interface LoadFailure {
  readonly kind: 'failure'
  readonly message: string
}

export type LoadReply = LoadReport | PreparedReply | LoadFailure

/** Upper bound of a window, so that no mistake keeps a machine busy. */
export const windowSecondsMax = 900
