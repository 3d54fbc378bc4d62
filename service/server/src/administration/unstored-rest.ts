/** What a Bulk answers when the store fails behind a part of it that is stored already. */
import { type BulkOperation, bulkResponseSchema } from '@mintmark/protocol/rfc7644-bulk'
import { scimErrorSchema } from '@mintmark/protocol/rfc7644-error'
import { StorageFailed } from '@mintmark/storage/database'
import type { BulkStanding } from './bulk-standing.ts'
import type { AdministrationAnswer } from './command.ts'
import type { Json } from './read-resource.ts'

/** How a transaction failed that others of its Bulk came before. */
export interface FailedSlice {
  readonly stored: BulkStanding
  /** How far it had come when it was to be committed; null: it did not come so far. */
  readonly reached: BulkStanding | null
  readonly error: Error
}

const unstored = ({ method, bulkId }: BulkOperation, error: Error, detail: string): Json => {
  const status = error instanceof StorageFailed ? '503' : '500'
  return {
    method,
    ...(bulkId === null ? {} : { bulkId }),
    status,
    response: { schemas: [scimErrorSchema], status, detail },
  }
}

const cause = (error: Error): string =>
  error instanceof StorageFailed ? 'The store could not take it now' : 'The server had a fault'

/** A commit that failed on its way may have been done: only a look can tell. */
const doubtful = (error: Error): string =>
  `${cause(error)}, and may have stored it all the same: look before you send it again.`
const notBegun = (error: Error): string => `${cause(error)}: it was not stored. Send it again.`

/**
 * RFC 7644 §3.7.3: an answer for each operation, those behind the fault included, so that nobody
 * takes what was stored for not done; with `failOnErrors` up to the error that is one too many.
 * @throws the fault itself when nothing was stored before it
 */
export const answerWithRest = ({ stored, reached, error }: FailedSlice): AdministrationAnswer => {
  if (stored.request === null) throw error
  const { operations, failOnErrors } = stored.request
  const Operations = [...stored.results]
  let { errors } = stored
  for (const [at, operation] of operations.entries()) {
    if (at < stored.done) continue
    if (failOnErrors !== null && errors >= failOnErrors) break
    const tried = reached?.results[at]
    const isRefused = Number(tried?.['status']) >= 400
    const detail = tried === undefined ? notBegun(error) : doubtful(error)
    Operations.push(tried !== undefined && isRefused ? tried : unstored(operation, error, detail))
    errors += 1
  }
  return { status: 200, headers: {}, body: { schemas: [bulkResponseSchema], Operations } }
}
