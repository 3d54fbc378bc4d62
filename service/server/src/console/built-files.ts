import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

/** One file of the console, ready to be sent. */
export interface BuiltFile {
  readonly type: string
  readonly bytes: Buffer
  /** null: it would not be smaller. */
  readonly gzipped: Buffer | null
  /** Quoted (RFC 9110 §8.8.3). */
  readonly tag: string
  /** Its name changes with what is in it. */
  readonly isImmutable: boolean
}

/** Files by their path below `/console/`. */
export type BuiltFiles = ReadonlyMap<string, BuiltFile>

/** Gives null where the console is not built. */
export type ReadBuiltFiles = () => Promise<BuiltFiles | null>

const types: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.json', 'application/json'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.ico', 'image/x-icon'],
  ['.woff2', 'font/woff2'],
  ['.txt', 'text/plain; charset=utf-8'],
])

const filesMax = 1000
const bytesMax = 32 * 1024 * 1024
const gzipAsync = promisify(gzip)

/** Where the built console lies, whether or not it is there; null: its package is not installed. */
const findBuilt = (): string | null => {
  try {
    return fileURLToPath(new URL('dist/', import.meta.resolve('@mintmark/console/package.json')))
  } catch {
    return null
  }
}

const readOne = async (directory: string, path: string): Promise<BuiltFile | null> => {
  const type = types.get(extname(path))
  if (type === undefined) return null
  const bytes = readFileSync(join(directory, path))
  const small = /^(?:text|application|image\/svg)/.test(type) ? await gzipAsync(bytes) : bytes
  return {
    type,
    bytes,
    gzipped: small.length < bytes.length ? small : null,
    tag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 27)}"`,
    isImmutable: /^assets\/.+-[\w-]{8,}\.\w+$/.test(path),
  }
}

const readAll = async (directory: string): Promise<BuiltFiles> => {
  const found = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .slice(0, filesMax)
  const files = new Map<string, BuiltFile>()
  let bytes = 0
  for (const path of found) {
    const file = await readOne(directory, path)
    if (file === null) continue
    bytes += file.bytes.length
    if (bytes > bytesMax) break
    files.set(path.split(sep).join('/'), file)
  }
  return files
}

/** When the console was built, in milliseconds; null: it is not. */
const builtAtMs = (directory: string): number | null =>
  statSync(join(directory, 'index.html'), { throwIfNoEntry: false })?.mtimeMs ?? null

/**
 * The files of the built console, read into memory at the first request, and again when they were
 * built anew. A path of a request is looked up here and never opened.
 * @param directory where they are; null: nowhere
 */
export const openBuiltFiles = (directory = findBuilt()): ReadBuiltFiles => {
  let readAtMs: number | null = null
  let reading: Promise<BuiltFiles> | null = null
  return async () => {
    const builtMs = directory === null ? null : builtAtMs(directory)
    if (directory === null || builtMs === null) return null
    if (reading === null || builtMs !== readAtMs) {
      readAtMs = builtMs
      reading = readAll(directory)
      reading.catch(() => {
        reading = null
      })
    }
    return reading
  }
}
