import type { KeyObject } from 'node:crypto'
import {
  type DerElement,
  derTags,
  readDer,
  readDerChildren,
  readObjectIdentifier,
} from '@mintmark/protocol/x690-der'

/** Signature algorithms that are believed; MD5 and SHA-1 are refused by not standing here. */
const strongSignatures: ReadonlySet<string> = new Set([
  '1.2.840.113549.1.1.11', // RSA PKCS#1 v1.5 with SHA-256, -384, -512 (RFC 4055 §5)
  '1.2.840.113549.1.1.12',
  '1.2.840.113549.1.1.13',
  '1.2.840.10045.4.3.2', // ECDSA with SHA-256, -384, -512 (RFC 5758 §3.2)
  '1.2.840.10045.4.3.3',
  '1.2.840.10045.4.3.4',
  '1.3.101.112', // Ed25519, Ed448 (RFC 8410 §3)
  '1.3.101.113',
])

const rsaPss = '1.2.840.113549.1.1.10'
const strongHashes: ReadonlySet<string> = new Set([
  '2.16.840.1.101.3.4.2.1', // SHA-256, -384, -512
  '2.16.840.1.101.3.4.2.2',
  '2.16.840.1.101.3.4.2.3',
])
const hashParameterTag = 0xa0

/**
 * Why a signature made with this AlgorithmIdentifier (RFC 5280 §4.1.1.2) proves nothing today; null
 * when it does.
 */
export const findSignatureWeakness = (algorithm: DerElement | undefined): string | null => {
  const [identifier, parameters] = readDerChildren(algorithm, derTags.sequence) ?? []
  const id = readObjectIdentifier(identifier)
  if (id === rsaPss) return hasStrongPssHash(parameters) ? null : 'RSASSA-PSS with a weak hash'
  return id !== null && strongSignatures.has(id)
    ? null
    : `signature algorithm ${id ?? 'unreadable'}`
}

/** RFC 4055 §3.1: the hash is the first, optional parameter, and SHA-1 when it is left out. */
const hasStrongPssHash = (parameters: DerElement | undefined): boolean => {
  const first = readDerChildren(parameters, derTags.sequence)?.[0]
  if (first?.tag !== hashParameterTag) return false
  const [identifier] = readDerChildren(readDer(first.content), derTags.sequence) ?? []
  const id = readObjectIdentifier(identifier)
  return id !== null && strongHashes.has(id)
}

const rsaBitsMin = 2048
/** Above this a stranger's certificate only makes us work (checking grows with the square). */
const rsaBitsMax = 8192
const strongCurves: ReadonlySet<string> = new Set(['prime256v1', 'secp384r1', 'secp521r1'])

/** Whether a key is of a kind and size whose signatures are worth checking. */
export const isStrongKey = (key: KeyObject): boolean => {
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {}
  switch (key.asymmetricKeyType) {
    case 'rsa':
    case 'rsa-pss':
      return modulusLength >= rsaBitsMin && modulusLength <= rsaBitsMax
    case 'ec':
      return strongCurves.has(namedCurve)
    case 'ed25519':
    case 'ed448':
      return true
    default:
      return false
  }
}
