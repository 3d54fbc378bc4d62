import { LRUCache } from 'lru-cache'

/** What was counted, with the version of the registry that it is true of. */
export type CountMemory = LRUCache<string, { readonly version: number; readonly total: number }>

const countsMax = 1000

/** For statements that are never in a transaction: inside of one, a version says too little. */
export const createCountMemory = (): CountMemory => new LRUCache({ max: countsMax })
