import { randomInt } from 'node:crypto'
import {
  type Revocation,
  type RevocationKind,
  revocationKinds,
} from '@mintmark/registry/revocation'

/**
 * Up to which instant the tokens of many subjects are dead, each until nobody needs to know. A
 * place takes 24 bytes outside of the heap; objects in a `Map` take 172 on it. Of a subject there
 * are 64 bits: with fifty thousand, another one is taken for one of them once in 10^14 questions.
 */
export interface RevocationMarks {
  size(): number
  /** Whether there may be any of a kind. */
  hasAny(kind: RevocationKind): boolean
  /** Tokens of the subject issued at or before this are dead (ms); minus infinity: none is. */
  endedUntilMs(kind: RevocationKind, subject: string): number
  /** A later word on the same subject never shortens an earlier one. */
  keep(revocation: Omit<Revocation, 'domain' | 'clientId'>): void
  /** Forgets what expired before an instant (ms). */
  dropExpired(beforeMs: number): void
  clear(): void
}

const placesMin = 1024

const anyOf32Bits = (): number => randomInt(0x1_0000_0000)
/** Odd, and of this process: nobody outside can choose subjects that are taken for each other. */
const factorA = anyOf32Bits() | 1
const factorB = anyOf32Bits() | 1

interface Table {
  /** Of each place the two halves of a name. */
  readonly names: Uint32Array
  /** Of each place two instants: dead until, needed until; the latter is 0 where it is free. */
  readonly times: Float64Array
}

const tableOf = (places: number): Table => ({
  names: new Uint32Array(places * 2),
  times: new Float64Array(places * 2),
})

/** Where the name is, or the free place where it belongs. */
const find = ({ names, times }: Table, a: number, b: number): number => {
  const mask = times.length - 1
  let at = (a * 2) & mask
  while (times[at + 1] !== 0 && (names[at] !== a || names[at + 1] !== b)) at = (at + 2) & mask
  return at
}

/** Places at most half full, searched one after the other from where the name belongs. */
export const createRevocationMarks = (): RevocationMarks => {
  let table = tableOf(placesMin)
  let size = 0
  const kinds = new Set<RevocationKind>()
  /** The two halves of the name that was asked for last. */
  let a = 0
  let b = 0

  const name = (kind: RevocationKind, subject: string): void => {
    const start = subject.length * revocationKinds.length + revocationKinds.indexOf(kind) + 1
    a = Math.imul(start, factorA)
    b = Math.imul(start, factorB)
    // two characters at a time; beyond the end there are zeros
    for (let at = 0; at < subject.length; at += 2) {
      const codes = subject.charCodeAt(at) | (subject.charCodeAt(at + 1) << 16)
      a = Math.imul(a ^ codes, factorA)
      a ^= a >>> 15
      b = Math.imul(b ^ codes, factorB)
      b ^= b >>> 13
    }
    a >>>= 0
    b >>>= 0
  }

  const put = ({ names, times }: Table, issuedBeforeMs: number, expiresAtMs: number): void => {
    const at = find({ names, times }, a, b)
    if (times[at + 1] === 0) size += 1
    names[at] = a
    names[at + 1] = b
    times[at] = Math.max(issuedBeforeMs, times[at] as number)
    times[at + 1] = Math.max(expiresAtMs, times[at + 1] as number)
  }

  /** Moves what is still needed into a table of the right size. */
  const rebuild = (sizeMax: number, neededFromMs: number): void => {
    const { names, times } = table
    let places = placesMin
    while (places < sizeMax * 2) places *= 2
    table = tableOf(places)
    size = 0
    for (let at = 0; at < times.length; at += 2) {
      const expiresAtMs = times[at + 1] as number
      if (expiresAtMs === 0 || expiresAtMs < neededFromMs) continue
      a = names[at] as number
      b = names[at + 1] as number
      put(table, times[at] as number, expiresAtMs)
    }
  }

  return {
    size: () => size,
    hasAny: (kind) => kinds.has(kind),
    endedUntilMs: (kind, subject) => {
      name(kind, subject)
      const at = find(table, a, b)
      const isFree = table.times[at + 1] === 0
      return isFree ? Number.NEGATIVE_INFINITY : (table.times[at] as number)
    },
    keep: ({ kind, subject, issuedBeforeMs, expiresAtMs }) => {
      if ((size + 1) * 4 > table.times.length) rebuild(size + 1, 0)
      kinds.add(kind)
      name(kind, subject)
      put(table, issuedBeforeMs, Math.max(1, expiresAtMs))
    },
    dropExpired: (beforeMs) => rebuild(size, beforeMs),
    clear: () => {
      table = tableOf(placesMin)
      size = 0
      kinds.clear()
    },
  }
}
