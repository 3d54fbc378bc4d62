import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readFileSync, writeFileSync } from 'node:fs'

/** Seals what may not rest in the clear: private keys, and secrets that an HMAC needs again. */
export interface MasterKey {
  /** AES-256-GCM; `context` (who it belongs to) is authenticated, so a row cannot be swapped. */
  seal(plain: string, context: string): string
  /** @throws Error when the text was sealed under another key, or for another context */
  unseal(sealed: string, context: string): string
  /** A key for one purpose; it says nothing of this one or of others (RFC 5869). */
  derive(purpose: string): Buffer
}

const keyBytes = 32

/** The key file cannot be used; `message` says what to do about it. */
export class MasterKeyFault extends Error {}

/**
 * Opens the master key, creating it (0600) when it is missing and `create` is true.
 * @throws MasterKeyFault when others can read the file, or when it does not hold 32 bytes in hex
 */
export const openMasterKey = (path: string, create: boolean): MasterKey => {
  if (create) createIfMissing(path)
  let file: number
  try {
    file = openSync(path, 'r')
  } catch {
    throw new MasterKeyFault(
      `The master key ${path} cannot be read. Restore it from your backup: without it the ` +
        'signing keys cannot be opened.',
    )
  }
  try {
    if ((fstatSync(file).mode & 0o077) !== 0) {
      throw new MasterKeyFault(`Others can read the master key ${path}. Fix: chmod 600 ${path}`)
    }
    const text = readFileSync(file, 'utf8').trim()
    if (!/^[0-9a-f]{64}$/.test(text)) {
      throw new MasterKeyFault(`The master key ${path} must hold 64 hexadecimal digits.`)
    }
    return masterKeyOf(Buffer.from(text, 'hex'))
  } finally {
    closeSync(file)
  }
}

/**
 * `wx`, and what is written is on the disk when the write returns: Node's permission model takes
 * fsync away.
 */
const createSynchronously =
  constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_SYNC

const createIfMissing = (path: string): void => {
  let file: number
  try {
    file = openSync(path, createSynchronously, 0o600)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return
    throw new MasterKeyFault(
      `The master key ${path} cannot be written: ${(error as Error).message}`,
    )
  }
  writeFileSync(file, `${randomBytes(keyBytes).toString('hex')}\n`)
  closeSync(file)
}

/** A master key from its 32 bytes. */
export const masterKeyOf = (key: Buffer): MasterKey => ({
  derive: (purpose) => Buffer.from(hkdfSync('sha256', key, '', `mintmark/${purpose}`, keyBytes)),
  seal: (plain, context) => {
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', key, nonce)
    cipher.setAAD(Buffer.from(context))
    const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
    return `v1.${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')}`
  },
  unseal: (sealed, context) => {
    const bytes = Buffer.from(sealed.slice(3), 'base64url')
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12))
    decipher.setAAD(Buffer.from(context))
    decipher.setAuthTag(bytes.subarray(12, 28))
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8')
  },
})
