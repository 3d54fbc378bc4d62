/** Marked secrets, and where a marked secret may turn up again. */
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** A secret that must be nowhere but where it was sent. */
export interface Canary {
  /** The door it went through; what a failure names. */
  readonly door: string
  readonly text: string
}

/** Spellings in which somebody who holds a copy could still read it. */
const spellings = ({ text }: Canary): readonly string[] => {
  const bytes = Buffer.from(text)
  // base64 shifts with what stands before: the middle of each of the three is the same everywhere
  const shifted = [0, 1, 2].map((pad) =>
    Buffer.concat([Buffer.alloc(pad), bytes])
      .toString('base64')
      .slice(4, -4),
  )
  return [
    text,
    encodeURIComponent(text),
    bytes.toString('hex'),
    ...shifted,
    ...shifted.map((each) => each.replaceAll('+', '-').replaceAll('/', '_')),
    Buffer.from(text, 'utf16le').toString('latin1'),
  ].filter((each) => each.length >= 12)
}

export interface Canaries {
  /** A new one, to be sent through a door. */
  make(door: string): string
  /** Something secret that the server itself made. */
  keep(door: string, text: string): string
  /** Doors of canaries that are in a text. */
  foundIn(text: string): readonly string[]
}

export const makeCanaries = (): Canaries => {
  const all: Canary[] = []
  const keep: Canaries['keep'] = (door, text) => {
    all.push({ door, text })
    return text
  }
  return {
    keep,
    make: (door) => keep(door, `Canary${randomBytes(18).toString('hex')}`),
    foundIn: (text) =>
      all
        .filter((canary) => spellings(canary).some((spelling) => text.includes(spelling)))
        .map(({ door }) => door),
  }
}

/** Every file below a directory, as bytes in one letter each. */
export const readFiles = (directory: string): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name)
        return [path, readFileSync(path, 'latin1')]
      }),
  )

/**
 * Every value in a SQLite file, as one text each: what is long lies in several pages of the file,
 * with other bytes in between.
 */
export const readValues = (path: string): readonly string[] => {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
    return tables.flatMap(({ name }) =>
      database
        .prepare(`SELECT * FROM "${String(name)}"`)
        .all()
        .flatMap((row) => Object.values(row).map(textOf)),
    )
  } finally {
    database.close()
  }
}

const textOf = (value: unknown): string =>
  value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value)
