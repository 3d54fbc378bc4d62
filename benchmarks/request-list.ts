import type { PrepareCommand, SendingOrder } from './load-messages.ts'

/** Complete HTTP/1.1 requests, and in which order they are sent. */
export interface RequestList {
  readonly order: SendingOrder
  readonly requests: readonly Uint8Array[]
  /** Where the next window goes on; a `once` list must not start again. */
  cursor: number
}

/** Cuts the slab of a command into its requests; throws when there are none. */
export function readList({ list, order, slab, offsets }: PrepareCommand): RequestList {
  const requests: Uint8Array[] = []
  for (let index = 0; index + 1 < offsets.length; index += 1) {
    requests.push(slab.subarray(offsets[index], offsets[index + 1]))
  }
  if (requests.length === 0) throw new Error(`empty request list ${list}`)
  return { order, requests, cursor: 0 }
}

/**
 * Takes the index of the next request off a list, undefined when a `once` list has run dry.
 *
 * @param draw gives a number from 0 to below 1, for lists in random order
 */
export function takeIndex(list: RequestList, draw: () => number): number | undefined {
  const size = list.requests.length
  if (list.order === 'random') return Math.floor(draw() * size)
  if (list.order === 'once') return list.cursor < size ? list.cursor++ : undefined
  const index = list.cursor
  list.cursor = (index + 1) % size
  return index
}
