/**
 * The file of a backup: one line of JSON that says what it is and how its key comes from the
 * passphrase, then the data, compressed, in chunks under AES-256-GCM. The line is authenticated
 * with every chunk; the nonce counts the chunks and marks the last, so that none can be altered,
 * moved, dropped or cut off.
 */
import { argon2, argon2Sync, createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { isMainThread } from 'node:worker_threads'
import { constants, createZstdDecompress, zstdCompressSync } from 'node:zlib'

export interface BackupHeader {
  readonly format: 'mintmark-backup'
  readonly version: 2
  /** Id of the identity domain. */
  readonly domain: string
  /** Of which moment the data is, milliseconds since the epoch. */
  readonly createdAtMs: number
  /** Written by. */
  readonly server: string
  readonly kdf: {
    readonly name: 'argon2id'
    readonly memoryKiB: number
    readonly passes: number
    readonly parallelism: number
    readonly salt: string
  }
}

/** The file is no backup, was altered, is not whole, or the passphrase is another one. */
export class BackupRefused extends Error {}

export const chunkBytes = 65_536
const tagBytes = 16
const decompressedBytes = 1_048_576
const headerBytesMax = 4096
/** RFC 9106 §4, second recommendation, with a third of its lanes: 64 MiB. */
const cost = { memoryKiB: 65_536, passes: 3, parallelism: 1 }
const costMax = { memoryKiB: 1_048_576, passes: 16, parallelism: 16 }

export const newHeader = (
  about: Pick<BackupHeader, 'domain' | 'createdAtMs' | 'server'>,
): BackupHeader => ({
  format: 'mintmark-backup',
  version: 2,
  ...about,
  kdf: { name: 'argon2id', ...cost, salt: randomBytes(16).toString('base64url') },
})

const argon2Aside = promisify(argon2)

/**
 * A thread does it itself: Node's threads for such work have the priority of the server, and
 * commits wait for the disk in them.
 */
const keyOf = async (passphrase: string, { kdf }: BackupHeader): Promise<Buffer> => {
  const given = {
    message: passphrase.normalize('NFC'),
    nonce: Buffer.from(kdf.salt, 'base64url'),
    parallelism: kdf.parallelism,
    tagLength: 32,
    memory: kdf.memoryKiB,
    passes: kdf.passes,
  }
  if (!isMainThread) return argon2Sync('argon2id', given)
  return (await argon2Aside('argon2id', given)) as Buffer
}

/** The key is of this file alone, by its salt, so that counting is enough. */
const nonceOf = (number: number, isLast: boolean): Buffer => {
  const nonce = Buffer.alloc(12)
  nonce.writeUIntBE(number, 0, 6)
  nonce[11] = isLast ? 1 : 0
  return nonce
}

/** Bytes in pieces of one size; the last one, which may be empty, is told apart. */
async function* inPieces(
  source: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<{ readonly piece: Buffer; readonly isLast: boolean }> {
  let held: Buffer[] = []
  let heldBytes = 0
  for await (const bytes of source) {
    held.push(Buffer.from(bytes))
    heldBytes += bytes.length
    // one byte more shows that the piece is not the last
    if (heldBytes <= size) continue
    let all = Buffer.concat(held, heldBytes)
    while (all.length > size) {
      yield { piece: all.subarray(0, size), isLast: false }
      all = all.subarray(size)
    }
    held = [all]
    heldBytes = all.length
  }
  yield { piece: Buffer.concat(held, heldBytes), isLast: true }
}

/** Each piece by itself and in line, as the key is derived; together they are one stream. */
async function* compressed(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const params = { [constants.ZSTD_c_compressionLevel]: 1 }
  for await (const piece of source) yield zstdCompressSync(piece, { params })
  // the end of nothing would be none
  yield zstdCompressSync('')
}

/** Seals bytes as they come, compressed by the piece: give it large ones. */
export async function* sealBackup(
  source: AsyncIterable<Uint8Array>,
  header: BackupHeader,
  passphrase: string,
): AsyncGenerator<Buffer> {
  const key = await keyOf(passphrase, header)
  const line = Buffer.from(`${JSON.stringify(header)}\n`)
  yield line
  let number = 0
  for await (const { piece, isLast } of inPieces(compressed(source), chunkBytes)) {
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(number, isLast))
    cipher.setAAD(line)
    yield Buffer.concat([cipher.update(piece), cipher.final(), cipher.getAuthTag()])
    number += 1
  }
  key.fill(0)
}

const isCount = (value: unknown, max: number): boolean =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 && value <= max

const parseHeader = (line: Buffer): BackupHeader => {
  let read: Partial<BackupHeader> = {}
  try {
    read = JSON.parse(line.toString('utf8')) as Partial<BackupHeader>
  } catch {
    // said below
  }
  const { format, version, kdf, domain, createdAtMs } = read
  if (format !== 'mintmark-backup') throw new BackupRefused('The file is no backup of mintmark.')
  if (version !== 2) {
    throw new BackupRefused('Another mintmark wrote this backup. Restore it with that version.')
  }
  const isWhole =
    kdf?.name === 'argon2id' &&
    isCount(kdf.memoryKiB, costMax.memoryKiB) &&
    isCount(kdf.passes, costMax.passes) &&
    isCount(kdf.parallelism, costMax.parallelism) &&
    typeof kdf.salt === 'string' &&
    typeof domain === 'string' &&
    typeof createdAtMs === 'number'
  if (!isWhole) throw new BackupRefused('The first line of the backup was altered.')
  return read as BackupHeader
}

/** The line of the header, and the bytes behind it. */
const splitHeader = async (source: AsyncIterable<Uint8Array>) => {
  const iterator = source[Symbol.asyncIterator]()
  let start = Buffer.alloc(0)
  for (;;) {
    const end = start.indexOf(10)
    if (end >= 0 && end < headerBytesMax) {
      const rest = start.subarray(end + 1)
      const body = async function* () {
        yield rest
        for (;;) {
          const next = await iterator.next()
          if (next.done === true) return
          yield next.value
        }
      }
      return { line: start.subarray(0, end + 1), body: body() }
    }
    if (start.length > headerBytesMax) throw new BackupRefused('The file is no backup of mintmark.')
    const next = await iterator.next()
    if (next.done === true) throw new BackupRefused('The file is no backup of mintmark.')
    start = Buffer.concat([start, next.value])
  }
}

export interface OpenedBackup {
  readonly header: BackupHeader
  /** Each piece is authentic when it comes; only the end says that all came. */
  readonly pieces: AsyncIterable<Buffer>
}

/** @throws BackupRefused, at the start or from among the pieces */
export const openBackup = async (
  source: AsyncIterable<Uint8Array>,
  passphrase: string,
): Promise<OpenedBackup> => {
  const { line, body } = await splitHeader(source)
  const header = parseHeader(line)
  const key = await keyOf(passphrase, header)
  const pieces = async function* () {
    let number = 0
    for await (const { piece, isLast } of inPieces(body, chunkBytes + tagBytes)) {
      yield openPiece(key, line, piece, { number, isLast })
      number += 1
    }
  }
  const stream = createZstdDecompress({ chunkSize: decompressedBytes })
  // what breaks before the stream breaks it
  pipeline(Readable.from(pieces()), stream).catch(() => {})
  return { header, pieces: stream }
}

const openPiece = (
  key: Buffer,
  line: Buffer,
  piece: Buffer,
  { number, isLast }: { readonly number: number; readonly isLast: boolean },
): Buffer => {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(number, isLast), {
      authTagLength: tagBytes,
    })
    decipher.setAAD(line)
    const end = piece.length - tagBytes
    decipher.setAuthTag(piece.subarray(end))
    return Buffer.concat([decipher.update(piece.subarray(0, end)), decipher.final()])
  } catch {
    throw new BackupRefused(
      number === 0
        ? 'The passphrase is another one, or the backup was altered.'
        : `The backup was altered or cut off at about byte ${number * (chunkBytes + tagBytes)}.`,
    )
  }
}
