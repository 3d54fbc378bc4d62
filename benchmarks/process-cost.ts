import { readdirSync, readFileSync } from 'node:fs'

/** Ticks of /proc/PID/stat: Linux shows user space 100 a second on every architecture. */
const ticksPerSecond = 100

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

function childrenOf(pid: number): readonly number[] {
  let tasks: string[]
  try {
    tasks = readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
  return tasks.flatMap((task) =>
    readOrEmpty(`/proc/${pid}/task/${task}/children`)
      .split(' ')
      .filter((text) => text !== '')
      .map(Number),
  )
}

/** The process and all its descendants. */
export function processTree(pid: number): readonly number[] {
  return [pid, ...childrenOf(pid).flatMap(processTree)]
}

/** User plus system time of a process and its descendants so far; NaN where there is no /proc. */
export function cpuSeconds(pid: number): number {
  let ticks = 0
  for (const member of processTree(pid)) {
    const stat = readOrEmpty(`/proc/${member}/stat`)
    // The command name may hold spaces and parentheses, so fields are counted after the last ')'.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    ticks += Number(fields[11]) + Number(fields[12])
  }
  return ticks / ticksPerSecond
}

/** Resident memory of a process tree in bytes; NaN where there is no /proc. */
export interface ResidentMemory {
  /** Sum over the processes (RSS); pages they share are counted in each. */
  readonly totalBytes: number
  /** Sum over the processes (PSS); pages they share are counted once. */
  readonly proportionalBytes: number
}

function kilobytes(path: string, member: RegExp): number {
  const match = member.exec(readOrEmpty(path))
  return match === null ? Number.NaN : Number(match[1])
}

export function residentMemory(pid: number): ResidentMemory {
  let resident = 0
  let proportional = 0
  for (const member of processTree(pid)) {
    resident += kilobytes(`/proc/${member}/status`, /^VmRSS:\s+(\d+) kB/m)
    proportional += kilobytes(`/proc/${member}/smaps_rollup`, /^Pss:\s+(\d+) kB/m)
  }
  return { totalBytes: resident * 1024, proportionalBytes: proportional * 1024 }
}
