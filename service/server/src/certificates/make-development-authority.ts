import { createPrivateKey, X509Certificate } from 'node:crypto'
import { chmod, mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from '../replace-file.ts'
import {
  type IssuedPem,
  issueDevelopmentLeaf,
  makeDevelopmentRoot,
} from './issue-development-certificate.ts'

export interface DevelopmentAuthority {
  readonly authorityPem: string
  readonly serverCertPem: string
  readonly serverKeyPem: string
  readonly clientCertPem: string
  readonly clientKeyPem: string
  readonly paths: {
    readonly authority: string
    readonly serverCert: string
    readonly serverKey: string
    readonly clientCert: string
    readonly clientKey: string
  }
}

/** A certificate with its key, as files hold them. */
interface Pair extends IssuedPem {
  readonly certificate: X509Certificate
}

const dayMs = 86_400_000
const renewBeforeMs = 30 * dayMs

/**
 * The authority that `mintmark dev` works with: a root, a server certificate for this machine's own
 * names and one client certificate, made on the first start and renewed when less than 30 days are
 * left. What is missing, unreadable or does not fit together is made anew; a new root brings new
 * leafs with it. Never for more than one machine: the root's key lies beside it.
 * @param directory is created for this user alone when it is missing
 * @param nowMs milliseconds since the epoch
 * @throws Error when the directory cannot be read or written
 */
export const ensureDevelopmentAuthority = async (
  directory: string,
  nowMs: number,
): Promise<DevelopmentAuthority> => {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await sweepUnfinished(directory)
  const root = await ensureRoot(directory, nowMs)
  const isOurs = (pair: Pair) =>
    isUsable(pair.certificate, nowMs) &&
    pair.certificate.checkIssued(root.certificate) &&
    pair.certificate.verify(root.certificate.publicKey)
  const server = await ensureLeaf('server', directory, nowMs, {
    root,
    isFit: (pair) => isOurs(pair) && isForThisMachine(pair.certificate),
  })
  const client = await ensureLeaf('client', directory, nowMs, { root, isFit: isOurs })
  return {
    authorityPem: root.certPem,
    serverCertPem: server.certPem,
    serverKeyPem: server.keyPem,
    clientCertPem: client.certPem,
    clientKeyPem: client.keyPem,
    paths: {
      authority: join(directory, 'ca.crt'),
      serverCert: join(directory, 'server.crt'),
      serverKey: join(directory, 'server.key'),
      clientCert: join(directory, 'client.crt'),
      clientKey: join(directory, 'client.key'),
    },
  }
}

const isUsable = (certificate: X509Certificate, nowMs: number): boolean =>
  certificate.validFromDate.getTime() <= nowMs &&
  certificate.validToDate.getTime() - nowMs >= renewBeforeMs

const isForThisMachine = (certificate: X509Certificate): boolean =>
  certificate.checkHost('localhost') !== undefined &&
  certificate.checkIP('127.0.0.1') !== undefined &&
  certificate.checkIP('::1') !== undefined

const ensureRoot = async (directory: string, nowMs: number): Promise<Pair> => {
  const known = await readPair(directory, 'ca')
  if (known?.certificate.ca && isUsable(known.certificate, nowMs)) return known
  return writePair(directory, 'ca', await makeDevelopmentRoot(nowMs))
}

const ensureLeaf = async (
  name: 'server' | 'client',
  directory: string,
  nowMs: number,
  { root, isFit }: { readonly root: Pair; readonly isFit: (pair: Pair) => boolean },
): Promise<Pair> => {
  const known = await readPair(directory, name)
  if (known !== null && isFit(known)) return known
  return writePair(directory, name, await issueDevelopmentLeaf(name, root, nowMs))
}

/** A pair of files; null when one is missing or broken, or the two do not belong together. */
const readPair = async (directory: string, name: string): Promise<Pair | null> => {
  const keyPath = join(directory, `${name}.key`)
  try {
    const certPem = await readFile(join(directory, `${name}.crt`), 'utf8')
    const keyPem = await readFile(keyPath, 'utf8')
    const certificate = new X509Certificate(certPem)
    if (!certificate.checkPrivateKey(createPrivateKey(keyPem))) return null
    await chmod(keyPath, 0o600)
    return { certPem, keyPem, certificate }
  } catch {
    return null
  }
}

/** The key first: should we end between the two, the pair no longer fits and is made again. */
const writePair = (directory: string, name: string, pem: IssuedPem): Pair => {
  const write = (end: string, text: string, mode: number) =>
    replaceFile(join(directory, `${name}.${end}`), text, { mode, isModeFixed: true })
  write('key', pem.keyPem, 0o600)
  write('crt', pem.certPem, 0o644)
  return { ...pem, certificate: new X509Certificate(pem.certPem) }
}

const unfinished = /^\.(?:ca|server|client)\.(?:crt|key)\.\d+\.tmp$/

/** What an earlier start left behind when it ended in the middle of a file. */
const sweepUnfinished = async (directory: string): Promise<void> => {
  for (const name of await readdir(directory)) {
    if (unfinished.test(name)) await rm(join(directory, name), { force: true })
  }
}
