import type { Readable } from 'node:stream'
import type { HappeningEndpoint } from '@mintmark/decisions/administration/decide-happening-access'
import type { ProblemReason, ProblemWords } from '@mintmark/protocol/rfc9457-problem'
import type { AskAdministration } from '../domain-files.ts'
import type { Services } from '../services.ts'

/** One proven and permitted request to `/api/v1`. */
export interface HappeningCall {
  readonly endpoint: HappeningEndpoint
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Part of the path behind the endpoint; null: the endpoint itself. */
  readonly id: string | null
  readonly query: URLSearchParams
  readonly body: Uint8Array
  /** Fields of the request by lower-case name. */
  readonly field: (name: string) => string | undefined
  /** Who asks, and whether it still may. */
  readonly clientId: string
  /** Address that the request is from. */
  readonly source: string
  readonly mayStill: () => Promise<boolean>
  /** Asks `/admin/v1` with the rights of who asks. */
  readonly administer: AskAdministration
  readonly ecid: string
  readonly nowMs: number
  readonly services: Services
}

/** What comes of it: JSON, lines of JSON as they are read, or a problem. */
export type HappeningAnswer =
  | { readonly kind: 'json'; readonly body: unknown }
  | { readonly kind: 'lines'; readonly lines: AsyncIterable<string> }
  /** A file, as it is made. */
  | { readonly kind: 'bytes'; readonly stream: Readable }
  /** Server-sent events, until one of the two sides ends it. */
  | { readonly kind: 'events'; readonly stream: Readable }
  | {
      readonly kind: 'problem'
      readonly reason: ProblemReason
      readonly words: ProblemWords
      /** RFC 9110 §10.2.1, with METHOD_NOT_ALLOWED. */
      readonly allow?: string
    }

export const problem = (reason: ProblemReason, words: ProblemWords): HappeningAnswer => ({
  kind: 'problem',
  reason,
  words,
})

export type AnswerHappening = (call: HappeningCall) => Promise<HappeningAnswer>
