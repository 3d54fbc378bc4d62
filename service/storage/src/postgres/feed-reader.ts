/**
 * A process that follows what writers commit, to be killed at any moment: for `feed-rounds.ts`.
 * What it has seen it notes in two files, together with the place that it has reached.
 */
import {
  appendFileSync,
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
} from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { openRevocationFeed } from '../revocation-feed.ts'
import { listChanges } from '../tables/change-entry.ts'
import type { FeedPlace } from '../tables/revocation-entry.ts'
import { openPostgres } from './postgres-database.ts'

/** One line of a file: where the reader is, and what it has seen on the way there. */
export interface Note<Place> {
  readonly place: Place
  readonly seen: readonly string[]
}

const entriesMax = 400
/** More than the longest line. */
const tailBytes = 131_072
const idleMs = 5

/** The place in the last whole line; half a line is cut off. */
const lastPlace = <Place>(file: string): Place | null => {
  if (!existsSync(file)) return null
  const handle = openSync(file, 'r+')
  const { size } = fstatSync(handle)
  const tail = Buffer.alloc(Math.min(size, tailBytes))
  readSync(handle, tail, 0, tail.length, size - tail.length)
  const end = tail.lastIndexOf(10)
  ftruncateSync(handle, size - tail.length + end + 1)
  closeSync(handle)
  const line = tail.subarray(tail.lastIndexOf(10, end - 1) + 1, Math.max(0, end)).toString()
  return line === '' ? null : (JSON.parse(line) as Note<Place>).place
}

const note = <Place>(file: string, place: Place, seen: readonly string[]): void =>
  appendFileSync(file, `${JSON.stringify({ place, seen } satisfies Note<Place>)}\n`)

/** Follows until it is killed. */
const follow = async (url: string, domainId: string, files: readonly [string, string]) => {
  const { read } = openPostgres({ url })
  const feed = openRevocationFeed(read, domainId)
  const [ofFeed, ofChanges] = files
  const { epoch } = await feed.end()
  let place = lastPlace<FeedPlace>(ofFeed) ?? { epoch, number: 0, mark: epoch }
  let changed = lastPlace<number>(ofChanges) ?? 0
  for (;;) {
    const stretch = await feed.after(place, entriesMax)
    if (stretch === null) throw new Error('the feed cannot be resumed')
    if (stretch.entries.length > 0) {
      place = stretch.place
      note(
        ofFeed,
        place,
        stretch.entries.map(({ subject }) => subject),
      )
    }
    const changes = await listChanges(read, domainId, changed, entriesMax)
    const last = changes.at(-1)
    if (last !== undefined) {
      if (last.number !== changed + changes.length) throw new Error('a number is missing')
      changed = last.number
      const subjects = changes.flatMap(({ revocations }) => revocations.map((each) => each.subject))
      note(ofChanges, changed, subjects)
    }
    if (last === undefined && stretch.entries.length === 0) await sleep(idleMs)
  }
}

const [url = '', domainId = '', ofFeed = '', ofChanges = ''] = process.argv.slice(2)
if (import.meta.main) await follow(url, domainId, [ofFeed, ofChanges])
