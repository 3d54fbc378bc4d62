import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { bulkExtensionSchema } from '@mintmark/protocol/rfc7644-bulk'
import { type BulkSlice, type BulkStanding, unbegunBulk } from './bulk-standing.ts'
import type { AdministrationAnswer, AdministrationCommand } from './command.ts'
import { isObject } from './read-resource.ts'
import { answerWithRest } from './unstored-rest.ts'

/** What a token may have to wait for an import: its record waits for the transaction before it. */
const sliceMsMax = 4
/** However busy the others are, an import goes on after so long. */
const giveWayMsMax = 60
const lookMs = 1

/**
 * Lets those go first who have waited meanwhile, until the event loop has rested for as long as the
 * slice took. So an import takes no more than half of what the others leave, and nobody waits for
 * a second slice.
 */
const giveWay = async (sliceMs: number): Promise<void> => {
  const atMs = performance.now()
  const { idle } = performance.eventLoopUtilization()
  do await sleep(lookMs)
  while (
    performance.eventLoopUtilization().idle - idle < sliceMs &&
    performance.now() - atMs < giveWayMsMax
  )
}

/**
 * Whether a command may be stored bit by bit. RFC 7644 §3.7 has operations succeed and fail one by
 * one. Not so if the caller wants all or nothing, wants the same answer when it asks again, or may
 * be told half-way to prove itself anew and send everything again.
 */
const isDivisible = ({ method, path, headers, body, principal }: AdministrationCommand): boolean =>
  method === 'POST' &&
  path === '/Bulk' &&
  headers['opc-retry-token'] === undefined &&
  principal.provedAtMs === undefined &&
  isObject(body) &&
  body[bulkExtensionSchema] === undefined

const spentAfter = (sliceMs: number): (() => boolean) => {
  let spentAtMs: number | null = null
  return () => {
    spentAtMs ??= performance.now() + sliceMs
    return performance.now() >= spentAtMs
  }
}

export interface SliceOptions {
  readonly sliceMs?: number
  /** Whether nobody else has wanted to write since the last slice; never, unless stated. */
  readonly isAlone?: () => boolean
  /** Told why the rest of a Bulk was not stored, which its answer says only to the caller. */
  readonly onFault?: (error: Error) => void
}

/**
 * Runs a command in one transaction, or a Bulk in as many as it takes for none of them to be long:
 * every token waits for the transaction that is under way. When one fails behind others, the answer
 * says what was stored before and what was not.
 * @param run runs one transaction; null: all of the command
 */
export const inSlices = async (
  command: AdministrationCommand,
  run: (slice: BulkSlice | null) => Promise<AdministrationAnswer>,
  { sliceMs = sliceMsMax, isAlone = () => false, onFault }: SliceOptions = {},
): Promise<AdministrationAnswer> => {
  if (!isDivisible(command)) return run(null)
  let standing = unbegunBulk
  for (;;) {
    let reached: BulkStanding | null = null
    const reach = (next: BulkStanding): void => {
      reached = next
    }
    const beganMs = performance.now()
    let answer: AdministrationAnswer
    try {
      answer = await run({ from: standing, isSpent: spentAfter(sliceMs), reach })
    } catch (error) {
      const fault = { stored: standing, reached, error: error as Error }
      const partial = answerWithRest(fault)
      onFault?.(fault.error)
      return partial
    }
    standing = reached ?? standing
    // refused as a whole: nothing was reached
    if (reached === null || standing.isOver) return answer
    if (isAlone()) await turn()
    else await giveWay(Math.min(sliceMsMax, performance.now() - beganMs))
  }
}
