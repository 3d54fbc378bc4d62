import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:net'

/** A port that is free, and who has the one that was wanted if it was not. */
export interface FoundPort {
  readonly port: number
  /** e.g. `node (pid 311)`; null: the wanted port was free. */
  readonly takenBy: string | null
}

const portsTried = 50

/**
 * The wanted port on loopback, or the next free one.
 * @param other one that will be taken
 * @throws Error when 50 in a row are taken
 */
export const findFreePort = async (wanted: number, other = 0): Promise<FoundPort> => {
  for (let port = wanted; port < wanted + portsTried && port < 65_536; port += 1) {
    if (port !== other && (await isFree(port)))
      return { port, takenBy: port === wanted ? null : whoHas(wanted) }
  }
  throw new Error(`no free port between ${wanted} and ${wanted + portsTried - 1}`)
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((fulfil) => {
    const probe = createServer()
    probe.once('error', () => fulfil(false))
    probe.listen({ host: '127.0.0.1', port, exclusive: true }, () =>
      probe.close(() => fulfil(true)),
    )
  })

/** Name and pid of the program that listens, where the system tells (Linux). */
const whoHas = (port: number): string => {
  try {
    const inode = listeningInode(port)
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      if (inode !== null && holdsSocket(pid, inode)) {
        return `${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()} (pid ${pid})`
      }
    }
  } catch {
    // Not Linux, or not ours to read: the port is taken all the same.
  }
  return 'another program'
}

const listeningInode = (port: number): string | null => {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      const fields = line.trim().split(/\s+/)
      if (fields[1]?.endsWith(`:${hex}`) && fields[3] === '0A') return fields[9] ?? null
    }
  }
  return null
}

const holdsSocket = (pid: string, inode: string): boolean => {
  try {
    return readdirSync(`/proc/${pid}/fd`).some(
      (fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`,
    )
  } catch {
    return false
  }
}
