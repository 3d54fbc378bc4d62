import { randomInt } from 'node:crypto'
import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'

/*
 * A full disk or a killed process must not leave half a file where a whole one was: what is written
 * lies under another name beside it, is synced, and takes its place by a rename.
 */

/** Nothing can be written where it was asked for; `message` says why. */
export class DestinationRefused extends Error {}

/** Where something is written, looked at before it is made. */
export interface Destination {
  /** What links lead to. */
  readonly path: string
  /** The file that it replaces; null: none, or a stream. */
  readonly present: Stats | null
  /** A pipe, a terminal or the like, which keeps nothing and is written to as it is. */
  readonly stream: { readonly descriptor: number | null } | null
}

/** As many as Linux follows. */
const linksMax = 40
/** The path with its folder as it really is: only the last part may still be a link. */
const inRealFolder = (path: string): string => {
  const full = resolve(path)
  const folder = dirname(full)
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new DestinationRefused(`${path} cannot be written: there is no folder ${folder}.`)
  }
  return join(realpathSync.native(folder), basename(full))
}

/** Where the descriptors of this process are; `/dev/stdout` and `/dev/fd/3` lead there. */
const descriptorFolders = (): readonly string[] => {
  try {
    return ['/dev/fd', realpathSync.native('/proc/self/fd')]
  } catch {
    return ['/dev/fd']
  }
}

const descriptorOf = (path: string): number | null =>
  /^\d+$/.test(basename(path)) && descriptorFolders().includes(dirname(path))
    ? Number(basename(path))
    : null

const refusedKinds = [
  ['is a folder', (found: Stats) => found.isDirectory()],
  ['is a socket', (found: Stats) => found.isSocket()],
  ['is a device', (found: Stats) => found.isBlockDevice()],
] as const

/**
 * Looks where a path leads, before anything is made that may have nowhere to go.
 *
 * @throws DestinationRefused for a folder, a socket, a disk, or a folder that is not there
 */
export const destinationOf = (path: string): Destination => {
  let at = inRealFolder(path)
  for (let links = 0; ; links += 1) {
    const descriptor = descriptorOf(at)
    if (descriptor !== null) return { path: at, present: null, stream: { descriptor } }
    const found = lstatSync(at, { throwIfNoEntry: false })
    if (found === undefined) return { path: at, present: null, stream: null }
    if (found.isSymbolicLink()) {
      if (links === linksMax) throw new DestinationRefused(`${path} is a link that leads nowhere.`)
      at = inRealFolder(resolve(dirname(at), readlinkSync(at)))
      continue
    }
    const [kind] = refusedKinds.find(([, isSo]) => isSo(found)) ?? []
    if (kind !== undefined) {
      throw new DestinationRefused(`${path} ${kind}: name a file to write to.`)
    }
    // a rename would not ask
    accessSync(at, constants.W_OK)
    return found.isFile()
      ? { path: at, present: found, stream: null }
      : { path: at, present: null, stream: { descriptor: null } }
  }
}

/** Something that is being written: none of it can be seen in its place before `finish`. */
export interface Replacement {
  /** To write to. */
  readonly file: number
  readonly isStream: boolean
  /** Puts it in its place, with all that was written safe on the disk. */
  finish(): void
  /** Takes it away; after `finish` it does nothing. */
  discard(): void
}

const writeStream = (path: string, descriptor: number | null): Replacement => {
  const found = descriptor === null ? null : fstatSync(descriptor)
  // a file that were opened anew would be written from its start, and a socket cannot be
  const isAsItIs = descriptor !== null && (found?.isFile() || found?.isSocket())
  const { O_WRONLY, O_APPEND, O_NOCTTY } = constants
  const file = isAsItIs ? descriptor : openSync(path, O_WRONLY | O_APPEND | O_NOCTTY)
  let isOpen = !isAsItIs
  const close = (): void => {
    if (isOpen) closeSync(file)
    isOpen = false
  }
  return { file, isStream: true, finish: close, discard: close }
}

/** Nobody gets rights by it: where the group cannot be kept, its rights would be another's. */
const keepRights = (file: number, { uid, gid, mode }: Stats): void => {
  const made = fstatSync(file)
  let kept = mode & 0o7777
  if (made.uid !== uid || made.gid !== gid) {
    const tries = [() => fchownSync(file, uid, gid), () => fchownSync(file, made.uid, gid)]
    const isKept = tries.some((keep) => {
      try {
        keep()
        return true
      } catch {
        return false
      }
    })
    if (!isKept) kept &= ~0o070
  }
  fchmodSync(file, kept)
}

/** Drafts of the same file that nobody has written to for so long were left by a killed process. */
const leftMs = 3_600_000

const removeLeft = (folder: string, name: string): void => {
  for (const each of readdirSync(folder)) {
    const [, draftOf] = /^\.(.+)\.\d+\.tmp$/.exec(each) ?? []
    if (draftOf !== name) continue
    const path = join(folder, each)
    const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: 0 }
    if (Date.now() - mtimeMs >= leftMs) rmSync(path, { force: true })
  }
}

/** Does what a folder, or its file system, may not allow; a broken disk says so all the same. */
const ifAllowed = (act: () => void): void => {
  try {
    act()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EIO') throw error
  }
}

/** What was renamed in a folder is there after a power cut too. */
export const syncFolder = (folder: string): void => {
  const file = openSync(folder, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

export interface ReplacementMode {
  /** Rights of a file that was not there. Default: what the process gives every file. */
  readonly mode?: number
  /** Also of one that was there, whose rights are kept otherwise. */
  readonly isModeFixed?: boolean
}

/** Begins to write to a place that was looked at. */
export const openReplacement = (
  { path, present, stream }: Destination,
  { mode = 0o666, isModeFixed = false }: ReplacementMode = {},
): Replacement => {
  if (stream !== null) return writeStream(path, stream.descriptor)
  const folder = dirname(path)
  const keeps = isModeFixed ? null : present
  ifAllowed(() => removeLeft(folder, basename(path)))
  const draft = join(folder, `.${basename(path)}.${randomInt(2 ** 47)}.tmp`)
  // until it has the rights of the other it is nobody else's
  const file = openSync(draft, 'wx', keeps === null ? mode : 0o600)
  let isOpen = true
  const discard = (): void => {
    if (!isOpen) return
    isOpen = false
    closeSync(file)
    rmSync(draft, { force: true })
  }
  const finish = (): void => {
    if (keeps !== null) keepRights(file, keeps)
    fsyncSync(file)
    renameSync(draft, path)
    isOpen = false
    closeSync(file)
    ifAllowed(() => syncFolder(folder))
  }
  return { file, isStream: false, finish, discard }
}

/**
 * Writes a file whole, or leaves what was there. A link stays, and what it leads to is replaced; a
 * pipe or a terminal is written to as it is.
 *
 * @throws DestinationRefused when it cannot be written there
 */
export const replaceFile = (path: string, text: string, mode: ReplacementMode = {}): void => {
  const replacement = openReplacement(destinationOf(path), mode)
  try {
    // not `writeSync`, which on a full disk may write a part and say nothing
    writeFileSync(replacement.file, text)
    replacement.finish()
  } finally {
    replacement.discard()
  }
}
