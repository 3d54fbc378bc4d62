import type { DiskEvent } from './disk-record.ts'

/** What has been written to one file since it was last synced, and what it holds for certain. */
interface SimulatedFile {
  certain: Buffer
  pending: Change[]
  /** Changes that are certain. */
  syncedCount: number
}

type Change = { readonly at: number; readonly bytes: Buffer } | { readonly length: number }

/** What a disk holds when the power fails: files by their path. */
export type DiskState = ReadonlyMap<string, Buffer>

/** A disk that keeps what was synced, and of the rest what chance decides. */
export interface SimulatedDisk {
  apply(event: DiskEvent): void
  /** One of the states in which a power failure may leave it now. */
  cutPower(chance: () => number): DiskState
}

const sectorBytes = 512

const withLength = (content: Buffer, length: number): Buffer =>
  length <= content.length
    ? content.subarray(0, length)
    : Buffer.concat([content, Buffer.alloc(length - content.length)])

const change = (content: Buffer, by: Change): Buffer => {
  if ('length' in by) return withLength(content, by.length)
  const longer = withLength(content, Math.max(content.length, by.at + by.bytes.length))
  by.bytes.copy(longer, by.at)
  return longer
}

/** How chance treats what is pending: nothing of it, all of it, or each sector by itself. */
const surviving = (pending: readonly Change[], chance: () => number): readonly Change[] => {
  const kind = chance()
  if (kind < 0.15) return []
  if (kind < 0.3) return pending
  const share = chance()
  const kept: Change[] = []
  for (const each of pending) {
    if ('length' in each) {
      if (chance() < share) kept.push(each)
      continue
    }
    for (let from = 0; from < each.bytes.length; ) {
      const at = each.at + from
      // sectors of the disk, whatever the call began at
      const to = Math.min(each.bytes.length, from + sectorBytes - (at % sectorBytes))
      if (chance() < share) kept.push({ at, bytes: each.bytes.subarray(from, to) })
      from = to
    }
  }
  return kept
}

/**
 * @param directory whose files count; other paths are ignored
 * @param ignores syncs that the disk only pretends to do, for testing the test
 */
export const createSimulatedDisk = (
  directory: string,
  ignores: (call: string) => boolean = () => false,
): SimulatedDisk => {
  /** Names as the program sees them, and as they are on the disk for certain. */
  const named = new Map<string, SimulatedFile>()
  const certain = new Map<string, SimulatedFile>()
  /** How many changes there had been when a thread's sync began: later ones are not in it. */
  const begun = new Map<string, number>()

  const isOurs = (path: string): boolean =>
    path.startsWith(`${directory}/`) && !path.endsWith('-shm')

  const synced = (path: string, thread: string): void => {
    if (path === directory) {
      certain.clear()
      for (const [name, file] of named) certain.set(name, file)
      return
    }
    const file = named.get(path)
    if (file === undefined) return
    const count = Math.max(0, (begun.get(thread) ?? 0) - file.syncedCount)
    const changes = file.pending.splice(0, count)
    file.syncedCount += changes.length
    for (const each of changes) file.certain = change(file.certain, each)
  }

  return {
    apply: (event) => {
      if (event.kind === 'said') return
      const { path } = event
      if (path !== directory && !isOurs(path)) return
      const file = named.get(path)
      switch (event.kind) {
        case 'made':
          if (file === undefined) {
            named.set(path, { certain: Buffer.alloc(0), pending: [], syncedCount: 0 })
          }
          return
        case 'removed':
          return void named.delete(path)
        case 'written':
          return void file?.pending.push({ at: event.at, bytes: event.bytes })
        case 'cut':
          return void file?.pending.push({ length: event.length })
        case 'sync begun':
          begun.set(event.thread, file === undefined ? 0 : file.syncedCount + file.pending.length)
          return
        case 'synced':
          if (!ignores(event.call)) synced(path, event.thread)
          begun.delete(event.thread)
      }
    },
    cutPower: (chance) => {
      const left = new Map<string, Buffer>()
      for (const path of new Set([...named.keys(), ...certain.keys()])) {
        const [now, then] = [named.get(path), certain.get(path)]
        const file = now === then || chance() < 0.5 ? now : then
        if (file === undefined) continue
        let content: Buffer = Buffer.from(file.certain)
        for (const each of surviving(file.pending, chance)) content = change(content, each)
        left.set(path, content)
      }
      return left
    },
  }
}
