import { createPrivateKey, X509Certificate } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type IssuedPem,
  issueLeaf,
  type LeafWish,
  makeDevelopmentRoot,
} from '@mintmark/server/certificates/issue-development-certificate'
import { exitCodes } from '../exit-codes.ts'
import { CommandFault } from '../session/command-fault.ts'

/** A certificate and its key, where they were written. */
export interface WrittenPair {
  readonly certificate: string
  readonly key: string
  readonly pem: IssuedPem
}

/** Creates a file that is not there. @throws CommandFault (exit 5) when it is */
const writeNew = (path: string, text: string, mode: number): void => {
  let file: number
  try {
    file = openSync(path, 'wx', mode)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const message = `${path} is there already, and nothing is overwritten. Choose another name.`
    throw new CommandFault(exitCodes.conflict, message)
  }
  try {
    writeFileSync(file, text)
  } finally {
    closeSync(file)
  }
}

const writePair = (directory: string, name: string, pem: IssuedPem): WrittenPair => {
  const key = join(directory, `${name}.key`)
  const certificate = join(directory, `${name}.crt`)
  writeNew(key, pem.keyPem, 0o600)
  writeNew(certificate, pem.certPem, 0o644)
  return { certificate, key, pem }
}

/** Makes the authority of a folder: `ca.crt` and `ca.key`, the key for its owner alone. */
export const makeAuthority = async (directory: string, nowMs: number): Promise<WrittenPair> => {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  return writePair(directory, 'ca', await makeDevelopmentRoot(nowMs))
}

/** @throws CommandFault (exit 3) when there is none, (exit 6) when it cannot be used */
const readAuthority = (directory: string, nowMs: number): IssuedPem => {
  const paths = ['ca.crt', 'ca.key'].map((name) => join(directory, name))
  const [certPem, keyPem] = paths.map((path) => readOrRefuse(path, directory))
  const pem = { certPem: certPem ?? '', keyPem: keyPem ?? '' }
  const certificate = new X509Certificate(pem.certPem)
  const unusable = (why: string) =>
    new CommandFault(exitCodes.invalidInput, `${paths[0]} cannot issue: ${why}`)
  if (!certificate.ca) throw unusable('it is no authority.')
  if (!certificate.checkPrivateKey(createPrivateKey(pem.keyPem))) {
    throw unusable('ca.key is the key of another certificate.')
  }
  if (certificate.validToDate.getTime() <= nowMs) throw unusable('it has expired.')
  return pem
}

const readOrRefuse = (path: string, directory: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    const message = `There is no authority in ${directory}. Make one: mintmark ca init`
    throw new CommandFault(exitCodes.notFound, message)
  }
}

/** Issues a certificate with a new key, beside the authority. */
export const issueFrom = async (
  directory: string,
  name: string,
  wish: LeafWish,
  nowMs: number,
): Promise<WrittenPair> => {
  const root = readAuthority(directory, nowMs)
  return writePair(directory, name, await issueLeaf(wish, root, nowMs))
}

const clientUse = '1.3.6.1.5.5.7.3.2'

/** One certificate of the folder. */
export interface ListedCertificate {
  readonly name: string
  readonly kind: 'authority' | 'client' | 'server'
  readonly subject: string
  readonly alternativeNames: string
  readonly expires: string
  readonly daysLeft: number
  /** Base64url SHA-256 of the certificate: `x5t#S256`. */
  readonly thumbprint: string
  /** Whether the authority of the folder signed it. */
  readonly isOurs: boolean
}

const dayMs = 86_400_000

export const thumbprintOf = (certificate: X509Certificate): string =>
  Buffer.from(certificate.fingerprint256.replaceAll(':', ''), 'hex').toString('base64url')

/** RFC 4514 order, most specific part first, on one line. */
export const subjectOf = (certificate: X509Certificate): string =>
  certificate.subject.split('\n').toReversed().join(',')

/** The certificates of a folder, the authority first. */
export const listFolder = (directory: string, nowMs: number): readonly ListedCertificate[] => {
  const authority = new X509Certificate(readOrRefuse(join(directory, 'ca.crt'), directory))
  const names = readdirSync(directory).flatMap((file) => /^(.+)\.crt$/.exec(file)?.[1] ?? [])
  return names
    .toSorted((a, b) => Number(b === 'ca') - Number(a === 'ca') || (a < b ? -1 : 1))
    .flatMap((name): readonly ListedCertificate[] => {
      const certificate = parse(join(directory, `${name}.crt`))
      if (certificate === null) return []
      const isClient = certificate.keyUsage?.includes(clientUse) === true
      const ends = certificate.validToDate
      return [
        {
          name,
          kind: certificate.ca ? 'authority' : isClient ? 'client' : 'server',
          subject: subjectOf(certificate),
          alternativeNames: certificate.subjectAltName ?? '',
          expires: ends.toISOString(),
          daysLeft: Math.floor((ends.getTime() - nowMs) / dayMs),
          thumbprint: thumbprintOf(certificate),
          isOurs: certificate.verify(authority.publicKey),
        },
      ]
    })
}

const parse = (path: string): X509Certificate | null => {
  try {
    return new X509Certificate(readFileSync(path, 'utf8'))
  } catch {
    return null
  }
}
