import { randomFillSync } from 'node:crypto'

// One system call for many ids: a token needs two, and the call costs more than the bytes.
const pool = Buffer.allocUnsafe(4096)
let used = pool.length

/** `count` fresh random bytes; valid until the next call. */
const take = (count: number): Buffer => {
  if (used + count > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += count
  return pool.subarray(used - count, used)
}

/** The same for a secret: `use` gets the bytes, and nothing of them is left behind. */
export const withRandomBytes = <T>(count: number, use: (bytes: Uint8Array) => T): T => {
  const bytes = take(count)
  try {
    return use(bytes)
  } finally {
    bytes.fill(0)
  }
}

/** 32 hexadecimal digits of a version 4 UUID: the form of the identity domain's ids. */
export const newId = (): string => {
  const bytes = take(16)
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80
  return bytes.toString('hex')
}

/**
 * A token's id: 10 bits say in which millisecond of its `iat` second it was issued, 32 by which
 * credential of the client, 102 are random. So "issued before" and "obtained by" can be told from
 * what the token carries (`millisecondsOfTokenId`, `credentialOfTokenId`).
 * @param credential 8 hexadecimal digits (`credentialMark`)
 */
export const newTokenId = (nowMs: number, credential: string): string => {
  const bytes = take(18)
  const fraction = nowMs % 1000
  bytes[0] = fraction >> 2
  bytes[1] = ((fraction & 0x03) << 6) | ((bytes[1] as number) & 0x3f)
  bytes.write(credential, 2, 'hex')
  return bytes.toString('hex')
}

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Digits of an ecid that say when: milliseconds since the epoch in base 62, good until 2081. */
const ecidTimeDigits = 7

const digitsOf = (value: number, count: number): string => {
  let text = ''
  for (let rest = value, at = 0; at < count; at += 1, rest = Math.floor(rest / 62)) {
    text = alphabet[rest % 62] + text
  }
  return text
}

/** Length of every ecid. */
export const ecidDigits = 20
/** Of the digits, as bytes: a text that is put together digit by digit is a chain of pieces. */
const alphabetBytes = Buffer.from(alphabet, 'latin1')
const ecidBytes = Buffer.alloc(ecidDigits)
let prefixMs = -1

/**
 * Correlation id of one answer: 20 characters without escaping anywhere. The first 7 are its
 * millisecond, so that what is on record about it is found without an index; 13 are random, about
 * 77 bits.
 */
export const newEcid = (): string => {
  const nowMs = Date.now()
  if (nowMs !== prefixMs) {
    prefixMs = nowMs
    ecidBytes.write(digitsOf(nowMs, ecidTimeDigits), 'latin1')
  }
  const random = take(ecidDigits - ecidTimeDigits)
  for (let at = 0; at < random.length; at += 1) {
    // The small bias of the remainder does not matter here: the id is no secret.
    ecidBytes[ecidTimeDigits + at] = alphabetBytes[(random[at] as number) % 62] as number
  }
  return ecidBytes.toString('latin1')
}

/** When an ecid was made, in milliseconds since the epoch; null: not the form of an ecid. */
export const ecidTimeMs = (ecid: string): number | null => {
  if (!/^[0-9A-Za-z]{20}$/.test(ecid)) return null
  let value = 0
  for (const digit of ecid.slice(0, ecidTimeDigits)) value = value * 62 + alphabet.indexOf(digit)
  return value
}
