import cluster from 'node:cluster'
import type { Server } from 'node:http'
import type { Server as SecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import process from 'node:process'
import type { TlsFiles } from '../certificates.ts'

/** What the bench tells a peer, as JSON in its first argument. */
export interface PeerSettings {
  /** 1: no cluster module at all; more: that many worker processes behind one port. */
  readonly processes: number
  readonly algorithm: 'RS256' | 'ES256'
  /** Length of `header.payload` of the token that the answer imitates. */
  readonly signingInputBytes: number
  /** Files for TLS that asks for client certificates; the floors alone can do that. */
  readonly tls?: TlsFiles
}

export function readSettings(): PeerSettings {
  return JSON.parse(process.argv[2] ?? '') as PeerSettings
}

function sayListening(port: number, scheme = 'http'): void {
  const url = `${scheme}://127.0.0.1:${port}`
  process.stdout.write(`${JSON.stringify({ msg: 'listening', url })}\n`)
}

function endWithParent(): void {
  process.stdin.on('end', () => process.exit(0)).resume()
}

/**
 * Runs a peer's server in one process or several and prints where it listens once all of them do.
 *
 * @param makeServer makes the server in the process that will answer
 */
export function serve(
  processes: number,
  makeServer: () => Server | SecureServer | Promise<Server>,
): void {
  if (cluster.isPrimary && processes > 1) {
    endWithParent()
    let listening = 0
    cluster.on('listening', (_worker, address) => {
      listening += 1
      if (listening === processes) sayListening(address.port)
    })
    cluster.on('exit', () => process.exit(1))
    for (let count = 0; count < processes; count += 1) cluster.fork()
    return
  }
  if (cluster.isPrimary) endWithParent()
  Promise.resolve(makeServer()).then((server) => {
    server.listen(0, '127.0.0.1', () => {
      const scheme = 'setSecureContext' in server ? 'https' : 'http'
      if (cluster.isPrimary) sayListening((server.address() as AddressInfo).port, scheme)
    })
  })
}
