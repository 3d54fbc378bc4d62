import { Buffer } from 'node:buffer'
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type {
  LoadCommand,
  LoadReply,
  LoadReport,
  OpenLoadReport,
  OpenRunCommand,
  RunCommand,
  SendingOrder,
} from './load-messages.ts'
import { nodeCommand } from './pinning.ts'

/** The bench's end of the load process. One command at a time. */
export interface LoadProcess {
  /** Hands over a list of complete HTTP/1.1 requests under a name, replacing an older one. */
  readonly prepare: (
    list: string,
    requests: readonly Uint8Array[],
    order?: SendingOrder,
  ) => Promise<void>
  readonly run: (command: Omit<RunCommand, 'kind'>) => Promise<LoadReport>
  /** Open-loop load; see `OpenRunCommand`. */
  readonly runOpen: (command: Omit<OpenRunCommand, 'kind'>) => Promise<OpenLoadReport>
  readonly stop: () => void
}

function slabOf(requests: readonly Uint8Array[]): { slab: Uint8Array; offsets: Uint32Array } {
  const offsets = new Uint32Array(requests.length + 1)
  requests.forEach((request, index) => {
    offsets[index + 1] = offsets[index]! + request.length
  })
  return { slab: Buffer.concat(requests), offsets }
}

/**
 * Starts the load process.
 *
 * @param cores list of CPU cores to pin it to, undefined for none
 */
export function startLoad(cores?: string): LoadProcess {
  const [command, ...args] = nodeCommand([fileURLToPath(import.meta.resolve('./load.ts'))], cores)
  const child = spawn(command!, args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  })

  const ask = (message: LoadCommand): Promise<LoadReply> =>
    new Promise((resolve, reject) => {
      const onExit = (): void => reject(new Error('the load process ended'))
      child.once('exit', onExit)
      child.once('message', (reply) => {
        child.off('exit', onExit)
        const known = reply as LoadReply
        if (known.kind === 'failure') reject(new Error(`load: ${known.message}`))
        else resolve(known)
      })
      child.send(message)
    })

  return {
    prepare: async (list, requests, order = 'cycle') => {
      await ask({ kind: 'prepare', list, order, ...slabOf(requests) })
    },
    run: async (command) => {
      const reply = await ask({ kind: 'run', ...command })
      if (reply.kind !== 'report') throw new Error('the load process answered something else')
      return reply
    },
    runOpen: async (command) => {
      const reply = await ask({ kind: 'open-run', ...command })
      if (reply.kind !== 'open-report') throw new Error('the load process answered something else')
      return reply
    },
    stop: () => {
      child.kill()
    },
  }
}
