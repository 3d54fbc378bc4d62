import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import {
  type BulkOperation,
  type BulkRequest,
  bulkExtensionSchema,
  bulkResponseSchema,
  readBulkRequest,
  resolveBulkReferences,
} from '@mintmark/protocol/rfc7644-bulk'
import { refusalText, scimError, statusOfRefusal } from '@mintmark/protocol/rfc7644-error'
import type { AuditEvent } from '@mintmark/registry/audit-event'
import { type BulkSlice, type BulkStanding, unbegunBulk } from './bulk-standing.ts'
import {
  type AdministrationAnswer,
  type AdministrationCommand,
  RollBack,
  readQueryText,
} from './command.ts'
import { deniedEvent, isDenial } from './denial.ts'
import type { Outcome, Received } from './exchange.ts'
import { runOperation } from './operation.ts'
import { isObject, type Json } from './read-resource.ts'

/** One operation as a command of its own. */
const commandOf = (
  operation: BulkOperation,
  parent: AdministrationCommand,
): AdministrationCommand => {
  const [path = '', search = ''] = operation.path.split('?', 2)
  return {
    ...parent,
    method: operation.method,
    path,
    query: readQueryText(search),
    headers: operation.version === null ? {} : { 'if-match': operation.version },
    body: operation.data,
  }
}

const runOne = async (
  operation: BulkOperation,
  at: number,
  ids: ReadonlyMap<string, string>,
  exchange: Received,
): Promise<Outcome> => {
  const resolved = resolveBulkReferences(operation, ids)
  if (!resolved.ok) return resolved
  const command = commandOf(resolved.value, exchange.command)
  if (/^\/Bulk(?:\/|$)/i.test(command.path)) {
    return refuseChange('ENDPOINT_UNKNOWN', 'A Bulk cannot hold a Bulk.')
  }
  return runOperation({ ...exchange, digestKey: String(at) }, command)
}

const idOf = (answer: AdministrationAnswer): string | null => {
  const id = isObject(answer.body) ? answer.body['id'] : null
  return typeof id === 'string' ? id : null
}

/** RFC 7644 §3.7: what an operation came to; bodies of what was made and of what was refused. */
const resultOf = (operation: BulkOperation, outcome: Outcome, dryRun: boolean): Json => {
  const said = {
    method: operation.method,
    ...(operation.bulkId === null ? {} : { bulkId: operation.bulkId }),
  }
  if (!outcome.ok) {
    const { status, body } = scimError(outcome.failure)
    return { ...said, status: String(status), response: body }
  }
  const { status, headers, body } = outcome.value
  const { location, etag } = headers
  const shown = operation.method === 'POST' && isObject(body) ? withoutSecret(body, dryRun) : null
  return {
    ...said,
    status: String(status),
    ...(location === undefined ? {} : { location }),
    ...(etag === undefined ? {} : { version: etag.replaceAll('"', '') }),
    ...(shown === null ? {} : { response: shown }),
  }
}

/** A secret of a trial is the secret of nobody. */
const withoutSecret = (body: Json, dryRun: boolean): Json => {
  if (!dryRun) return body
  const { clientSecret: _, ...rest } = body
  return rest
}

/** The whole answer when one operation of an atomic request is refused: nothing was done. */
const atomicRefusal = (
  operation: BulkOperation,
  at: number,
  refusal: AdministrationRefusal,
): AdministrationAnswer => {
  const { method, path, bulkId } = operation
  const name = bulkId === null ? '' : `, bulkId ${bulkId}`
  const { body } = scimError(refusal, { operation: at, method, path, bulkId })
  const where = `Operations[${at}] (${method} ${path}${name})`
  return {
    status: statusOfRefusal(refusal),
    headers: {},
    body: {
      ...body,
      detail: `${where}: ${refusalText(refusal)} Nothing was changed.`,
      [bulkExtensionSchema]: { atomic: true, failedOperation: at, bulkId },
    },
  }
}

/** Events in one pack of the record at most: the bytes of a pack are held in memory at once. */
const eventsPackedMax = 64

/** The same exchange, its events put on record in packs: still one for each operation. */
const packing = (exchange: Received) => {
  const { transaction } = exchange.context
  let events: AuditEvent[] = []
  const flush = async (): Promise<void> => {
    const packed = events
    events = []
    if (packed.length > 0) await transaction.audit(...packed)
  }
  const audit = async (...more: readonly AuditEvent[]): Promise<void> => {
    events.push(...more)
    if (events.length >= eventsPackedMax) await flush()
  }
  const context = { ...exchange.context, transaction: { ...transaction, audit } }
  return { exchange: { ...exchange, context }, flush }
}

interface Ran {
  readonly standing: BulkStanding
  readonly denials: readonly AdministrationRefusal[]
  readonly failed: { readonly at: number; readonly refusal: AdministrationRefusal } | null
}

/**
 * Runs the operations one after the other in the one transaction, or as many of them as are for
 * this slice. Each decides before it writes, so one that is refused has written nothing and needs
 * no savepoint; a fault in the middle of writing throws, and the whole transaction goes.
 */
const runAll = async (
  { operations, atomic, dryRun, failOnErrors }: BulkRequest,
  exchange: Received,
  { from, isSpent }: Pick<BulkSlice, 'from' | 'isSpent'>,
): Promise<Ran> => {
  const packed = packing(exchange)
  const ids = new Map(from.ids)
  const results = [...from.results]
  const denials: AdministrationRefusal[] = []
  let { done, errors } = from
  const standing = (isOver: boolean): BulkStanding => {
    return { ...from, done, ids, results, errors, isOver }
  }
  for (const operation of operations.slice(from.done)) {
    const at = done
    const outcome = await runOne(operation, at, ids, packed.exchange)
    results.push(resultOf(operation, outcome, dryRun))
    done += 1
    if (outcome.ok) {
      const id = idOf(outcome.value)
      if (operation.bulkId !== null && id !== null) ids.set(operation.bulkId, id)
    } else {
      if (isDenial(outcome.failure)) denials.push(outcome.failure)
      // whoever proves itself sends the whole again
      const isUnproven = outcome.failure.reason === 'PROOF_TOO_OLD'
      if (atomic || isUnproven) {
        return { standing: standing(true), denials, failed: { at, refusal: outcome.failure } }
      }
      errors += 1
      if (failOnErrors !== null && errors >= failOnErrors) break // §3.7.3
    }
    if (done < operations.length && isSpent()) {
      await packed.flush()
      return { standing: standing(false), denials, failed: null }
    }
  }
  await packed.flush()
  return { standing: standing(true), denials, failed: null }
}

const wholeBulk = { from: unbegunBulk, isSpent: () => false }

const runSlice = async (
  request: BulkRequest,
  exchange: Received,
  slice: BulkSlice,
): Promise<Ran> => {
  const from = { ...slice.from, request }
  const ran = await runAll(request, exchange, { from, isSpent: slice.isSpent })
  slice.reach(ran.standing)
  return ran
}

/**
 * POST /Bulk (RFC 7644 §3.7). Ours: `atomic`, all operations or none, and `dryRun`, all are decided
 * and none is kept.
 * @throws RollBack with the answer when nothing may be kept
 */
export const runBulk = async (
  exchange: Received,
): Promise<Result<AdministrationAnswer, AdministrationRefusal>> => {
  const slice = exchange.context.slice ?? null
  const read = slice?.from.request ?? null
  const request = read === null ? readBulkRequest(exchange.command.body) : ok(read)
  if (!request.ok) return request
  const ran = await (slice === null
    ? runAll(request.value, exchange, wholeBulk)
    : runSlice(request.value, exchange, slice))
  const events = ran.denials.map((refusal) => deniedEvent(exchange.command, refusal))
  if (ran.failed !== null) {
    const { at, refusal } = ran.failed
    const operation = request.value.operations[at] as BulkOperation
    throw new RollBack(atomicRefusal(operation, at, refusal), events)
  }
  const { atomic, dryRun } = request.value
  const extension = atomic || dryRun ? { [bulkExtensionSchema]: { atomic, dryRun } } : {}
  const body = { schemas: [bulkResponseSchema], Operations: ran.standing.results, ...extension }
  const answer: AdministrationAnswer = { status: 200, headers: {}, body }
  if (dryRun) throw new RollBack(answer, events)
  await exchange.context.transaction.audit(...events)
  return ok(answer)
}
