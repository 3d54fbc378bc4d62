/** Certificates for a benchmark over TLS, made by the `openssl` program: P-256, valid for a day. */
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ClientTls } from './fresh-connection.ts'

/** Common name by which the client's certificate names it. */
export const certifiedName = 'bench-client'

export const hasOpenssl = (): boolean => spawnSync('openssl', ['version']).status === 0

/** Files of PEM that a server reads, in one folder. */
export interface TlsFiles {
  readonly cert: string
  readonly key: string
  /** Authority of server and clients. */
  readonly authority: string
}

function certify(folder: string, name: string, more: readonly string[]): TlsFiles {
  const path = (file: string): string => join(folder, file)
  const files = { cert: path(`${name}.crt`), key: path(`${name}.key`) }
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc']
  const out = ['-keyout', files.key, '-out', files.cert, '-days', '1']
  execFileSync('openssl', ['req', '-x509', ...curve, ...out, ...more], { stdio: 'ignore' })
  return { ...files, authority: path('authority.crt') }
}

/** Makes an authority, a server's certificate for `localhost` and a client's. */
export function makeCertificates(folder: string): {
  readonly server: TlsFiles
  readonly client: ClientTls
} {
  const authority = certify(folder, 'authority', [
    ...['-subj', '/CN=Bench authority', '-addext', 'keyUsage=critical,keyCertSign'],
  ])
  const issued = ['-CA', authority.cert, '-CAkey', authority.key]
  const server = certify(folder, 'server', [
    ...[...issued, '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
    ...['-addext', 'basicConstraints=critical,CA:FALSE'],
    ...['-addext', 'extendedKeyUsage=serverAuth'],
  ])
  const client = certify(folder, 'client', [
    ...[...issued, '-subj', `/CN=${certifiedName}`],
    ...['-addext', 'basicConstraints=critical,CA:FALSE'],
    ...['-addext', 'extendedKeyUsage=clientAuth'],
  ])
  const read = (file: string): string => readFileSync(file, 'utf8')
  return {
    server,
    client: {
      cert: read(client.cert),
      key: read(client.key),
      authority: read(client.authority),
    },
  }
}
