/** The thread of one backup: to each message it answers with more bytes; none are the end. */
import { readlinkSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { basename } from 'node:path'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { type BackupOrder, backupPieces } from './backup-pieces.ts'

/** Bytes in one message, so that asking for them costs little. */
const messageBytes = 1_048_576

/** Whoever waits for a token comes first. */
const stepBack = (): void => {
  try {
    setPriority(
      Number(basename(readlinkSync('/proc/thread-self'))),
      constants.priority.PRIORITY_BELOW_NORMAL,
    )
  } catch {
    // no Linux, or not allowed to look: then it takes its turn like everybody
  }
}

const serve = (port: MessagePort, order: BackupOrder): void => {
  const pieces = backupPieces(order)
  const gather = async (): Promise<Uint8Array<ArrayBuffer>> => {
    const gathered: Buffer[] = []
    let bytes = 0
    while (bytes < messageBytes) {
      const next = await pieces.next()
      if (next.done === true) break
      gathered.push(next.value)
      bytes += next.value.length
    }
    return new Uint8Array(Buffer.concat(gathered))
  }
  port.on('message', async () => {
    const bytes = await gather()
    // read before it is handed over: after that there is nothing left
    const isEnd = bytes.length === 0
    port.postMessage(bytes, [bytes.buffer])
    if (isEnd) port.close()
  })
}

stepBack()
if (parentPort !== null) serve(parentPort, workerData as BackupOrder)
