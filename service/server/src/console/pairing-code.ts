import { createHmac, randomInt } from 'node:crypto'
import type { MasterKey } from '../signing/master-key.ts'

/** No letter that is taken for a digit, or for another letter (Crockford's base 32). */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const codeChars = 8

/** Whom a pairing code signs in that names nobody. */
export const pairedUserName = 'administrator'

/** How long a pairing code waits to be used, in milliseconds. */
export const pairingMs = 10 * 60 * 1000

/** 40 random bits as people copy them: `QK7F-2MXD`. */
export const newPairingCode = (): string => {
  const digits = Array.from({ length: codeChars }, () => alphabet[randomInt(alphabet.length)])
  return `${digits.slice(0, 4).join('')}-${digits.slice(4).join('')}`
}

/**
 * What is kept of a code. 40 bits are soon tried out, so that a plain digest would give the code
 * away to whoever reads the database: it takes the master key as well.
 * @returns null when this is not the form of a code
 */
export const pairingDigest = (code: string, masterKey: MasterKey): string | null => {
  const plain = code.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1')
  if (plain.length !== codeChars || [...plain].some((each) => !alphabet.includes(each))) return null
  return createHmac('sha256', masterKey.derive('console/pairing')).update(plain).digest('base64url')
}
