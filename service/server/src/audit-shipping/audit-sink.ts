/** One place beside the database where the audit is kept. */
export interface AuditSink {
  /** Of bounded number: it names metrics, marks and log lines. */
  readonly name: 'file' | 'syslog' | 'webhook'
  /**
   * Keeps packs that follow each other. Fulfils when they are safe there; the same packs may be
   * sent again after a crash.
   *
   * @param signal aborts at the deadline: what has not answered by then has failed
   * @throws SinkFailed why not, in words that hold no secret
   */
  take(packs: readonly ShippedPack[], signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

/** A pack as the export writes it. */
export interface ShippedPack {
  readonly sequence: number
  /** `{"pack":{…}}` with its hashes, without a line end. */
  readonly head: string
  /** The events byte for byte as they were hashed, a line each. */
  readonly body: string
}

/** How a sink stands; `waitingSeconds` is the age of the oldest event it has not taken. */
export interface SinkStanding {
  readonly sink: AuditSink['name']
  readonly waitingSeconds: number
  readonly failures: number
}

/** A sink did not take what it was given. The message is for the operator. */
export class SinkFailed extends Error {}

/** A code such as ENOSPC; the messages of the system would name hosts and paths. */
export const codeOf = (error: unknown): string => {
  const { code } = error as { readonly code?: unknown }
  return typeof code === 'string' ? code : 'it cannot be reached'
}
