import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import process from 'node:process'

let present: boolean | undefined

/** Whether processes can be pinned here: util-linux's taskset and at least two cores. */
export function canPin(): boolean {
  present ??= availableParallelism() >= 2 && spawnSync('taskset', ['-c', '0', 'true']).status === 0
  return present
}

/** Which cores a server and the load get, as lists for taskset; undefined: wherever they like. */
export interface Placement {
  readonly server: string | undefined
  readonly load: string | undefined
  /**
   * The load polls its sockets instead of sleeping. On a core of its own that costs the server
   * nothing, and the server is not billed for waking its neighbour with every answer.
   */
  readonly poll: boolean
}

/** Gives the server a core per process and the load one of its own, if there are enough. */
export function placeProcesses(serverProcesses: number): Placement {
  if (!canPin() || availableParallelism() <= serverProcesses) {
    return { server: undefined, load: undefined, poll: false }
  }
  const server = Array.from({ length: serverProcesses }, (_, core) => core).join(',')
  return { server, load: String(serverProcesses), poll: true }
}

/** A command line that runs on the given cores, if asked and possible. */
export function pinned(command: readonly string[], cores?: string): readonly string[] {
  return cores === undefined || !canPin() ? command : ['taskset', '-c', cores, ...command]
}

/** The command line that runs this Node, on the given cores if asked and possible. */
export function nodeCommand(args: readonly string[], cores?: string): readonly string[] {
  return pinned([process.execPath, ...args], cores)
}
