import { argon2, createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { LRUCache } from 'lru-cache'

/** SHA-256, base64url: enough at rest for 256 random bits, and it finds the row again. */
export const digestMinted = (secret: string): string => hash('sha256', secret, 'base64url')

const argon2Async = promisify(argon2)
// OWASP's second recommended setting: 19 MiB, two passes, one lane.
const memoryKiB = 19_456
const passes = 2
const parallelism = 1

/** argon2id in PHC form, off the event loop, for secrets that a person may have chosen. */
export const digestChosen = async (secret: string): Promise<string> => {
  const nonce = randomBytes(16)
  const tag = await argon2id(secret, nonce)
  const encode = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '')
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${parallelism}$${encode(nonce)}$${encode(tag)}`
}

/** Of the four threads of the process: who guesses must not hold up the sync of the ledger. */
const atOnceMax = 2
let underWay = 0
const waiting: (() => void)[] = []

const argon2id = async (secret: string, nonce: Buffer): Promise<Buffer> => {
  if (underWay < atOnceMax) underWay += 1
  else await new Promise<void>((go) => waiting.push(go))
  try {
    const shape = { parallelism, tagLength: 32, memory: memoryKiB, passes }
    return await argon2Async('argon2id', { message: secret, nonce, ...shape })
  } finally {
    const next = waiting.shift()
    if (next === undefined) underWay -= 1
    else next()
  }
}

/** What this process has verified before, under a key that dies with it. */
const verified = new LRUCache<string, true>({ max: 10_000, ttl: 3_600_000 })
const cacheKey = randomBytes(32)

/** Whether a presented secret is the chosen one; a right one is remembered, a wrong one is not. */
export const isChosenSecret = async (presented: string, phc: string): Promise<boolean> => {
  const key = createHmac('sha256', cacheKey)
    .update(phc)
    .update('\0')
    .update(presented)
    .digest('base64url')
  if (verified.has(key)) return true
  const same = await isDigestOf(presented, phc)
  if (same) verified.set(key, true)
  return same
}

/** Whether a digest in PHC form is of this secret; costs the same whatever the answer. */
export const isDigestOf = async (presented: string, phc: string): Promise<boolean> => {
  const [, , , , nonce = '', tag = ''] = phc.split('$')
  const actual = await argon2id(presented, Buffer.from(nonce, 'base64'))
  const expected = Buffer.from(tag, 'base64')
  return actual.length === expected.length && timingSafeEqual(actual, expected)
}

/** Constant-time comparison of two digests of the same form. */
export const sameDigest = (a: string, b: string): boolean => {
  const left = Buffer.from(a, 'latin1')
  const right = Buffer.from(b, 'latin1')
  return left.length === right.length && timingSafeEqual(left, right)
}
