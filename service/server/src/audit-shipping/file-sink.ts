import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { type AuditSink, codeOf, type ShippedPack, SinkFailed } from './audit-sink.ts'

/** On the disk when a write returns: under its permission model Node has no `fdatasync`. */
const synced = constants.O_APPEND | constants.O_CREAT | constants.O_RDWR | constants.O_DSYNC
/** The end of a file that is looked at for its last whole pack. */
const tailBytes = 16_777_216
const headPattern = /^\{"pack":\{"sequence":\d{1,16},"events":(\d{1,9}),[^\n]*/

/** The head of the last whole pack of a text, and where it ends; a cut-off write is not whole. */
const lastWholePack = (text: string): { readonly head: string | null; readonly end: number } => {
  let last: { head: string | null; end: number } = { head: null, end: 0 }
  let at = text.startsWith('{"pack":') ? 0 : text.indexOf('\n{"pack":') + 1
  for (;;) {
    const found = headPattern.exec(text.slice(at, at + 400))
    if (found === null) return last
    let end = at
    for (let lines = Number(found[1]) + 1; lines > 0; lines--) {
      end = text.indexOf('\n', end) + 1
      if (end === 0) return last
    }
    last = { head: found[0], end }
    at = end
  }
}

/** Cuts off what is no whole pack; says which one the file has last. */
const mend = async (file: FileHandle, size: number): Promise<string | null> => {
  const from = Math.max(0, size - tailBytes)
  const bytes = Buffer.alloc(size - from)
  await file.read(bytes, 0, bytes.length, from)
  // one character a byte, so that places in the text are places in the file
  const { head, end } = lastWholePack(bytes.toString('latin1'))
  const isWhole = from + end === size
  if (!isWhole && (head !== null || from === 0)) await file.truncate(from + end)
  return head
}

/**
 * A file in the form of the export, which `mintmark audit verify` follows. It is opened for each
 * write, so that a program that rotates logs can move it away; a pack that was written before a
 * crash is not written again.
 *
 * @param path absolute; made for its owner only
 */
export const openFileSink = (path: string): AuditSink => {
  /** What was left behind: if the file is as then, it need not be looked at. */
  let left: { readonly inode: number; readonly size: number; readonly head: string } | null = null

  const append = async (file: FileHandle, packs: readonly ShippedPack[]): Promise<void> => {
    const last = packs.at(-1)
    if (last === undefined) return
    await file.appendFile(packs.map(({ head, body }) => `${head}\n${body}`).join(''))
    const { ino, size } = await file.stat()
    left = { inode: ino, size, head: last.head }
  }

  return {
    name: 'file',
    take: async (packs) => {
      let file: FileHandle | null = null
      try {
        file = await open(path, synced, 0o600)
        const { ino, size } = await file.stat()
        const last = left?.inode === ino && left.size === size ? left.head : await mend(file, size)
        // none has that head where the database was restored since: then all are new
        await append(file, packs.slice(packs.findIndex(({ head }) => head === last) + 1))
      } catch (error) {
        left = null
        throw new SinkFailed(codeOf(error))
      } finally {
        await file?.close().catch(() => {})
      }
    },
    close: () => Promise.resolve(),
  }
}
