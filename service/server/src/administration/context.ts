import { createPublicKey, hash, type KeyObject, X509Certificate } from 'node:crypto'
import { formatSecret, mintedSecretRandomBytes } from '@mintmark/protocol/minted-secret'
import type { PublicJwk } from '@mintmark/registry/application'
import type { IdentityDomain } from '@mintmark/registry/identity-domain'
import { secretContext } from '../proof/prove-assertion.ts'
import { digestChosen, digestMinted } from '../proof/secret-digest.ts'
import type { MasterKey } from '../signing/master-key.ts'
import { newId, withRandomBytes } from '../signing/random-ids.ts'
import type { AdministrationContext, ReadCertificate } from './command.ts'

/** What the running server knows about itself. */
export interface AdministrationParts {
  readonly address: () => { readonly url: string; readonly secureUrl: string | null }
  /** The issuer that the configuration pins; null: the settings decide (decision 6). */
  readonly issuer: string | null
}

const certificateCharsMax = 16_384
const rsaBitsMin = 2048
const endingChars = 3

/** Everything administration needs but its transaction. */
export const administrationContext = (
  parts: AdministrationParts,
  _domain: IdentityDomain,
  masterKey: MasterKey,
): Omit<AdministrationContext, 'transaction'> => ({
  address: parts.address,
  pinnedIssuer: parts.issuer,
  newId,
  mintSecret,
  digestChosen,
  seal: (secret, applicationId) => masterKey.seal(secret, secretContext(applicationId)),
  sealAnswer: (text, key) => masterKey.seal(text, `retried-request/${key}`),
  openAnswer: (sealed, key) => masterKey.unseal(sealed, `retried-request/${key}`),
  readCertificate,
  keyFault,
})

const mintSecret = () => {
  const secret = withRandomBytes(mintedSecretRandomBytes, formatSecret)
  return { secret, digest: digestMinted(secret), ending: secret.slice(-endingChars) }
}

/** Reads a certificate in base64 DER or PEM; null for anything else. */
export const readCertificate = (text: string): ReadCertificate | null => {
  const base64 = text.replace(/-----(?:BEGIN|END) CERTIFICATE-----/g, '').replace(/\s+/g, '')
  const isBase64 = /^[A-Za-z0-9+/]+={0,2}$/.test(base64)
  if (!isBase64 || base64.length > certificateCharsMax) return null
  const der = Buffer.from(base64, 'base64')
  try {
    const certificate = new X509Certificate(der)
    // Bytes behind the certificate would give it a second thumbprint.
    if (!certificate.raw.equals(der)) return null
    return {
      der: der.toString('base64'),
      x5t: hash('sha1', der, 'base64url'),
      x5tS256: hash('sha256', der, 'base64url'),
      notBeforeMs: certificate.validFromDate.getTime(),
      notAfterMs: certificate.validToDate.getTime(),
      isAuthority: certificate.ca,
      weakness: weaknessOf(certificate.publicKey),
    }
  } catch {
    return null
  }
}

const curves: ReadonlySet<string> = new Set(['prime256v1', 'secp384r1', 'secp521r1'])

const weaknessOf = (key: KeyObject): string | null => {
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {}
  switch (key.asymmetricKeyType) {
    case 'rsa':
    case 'rsa-pss':
      if (modulusLength >= rsaBitsMin) return null
      return `its RSA key has ${modulusLength} bits, at least ${rsaBitsMin} are needed.`
    case 'ec':
      return curves.has(namedCurve) ? null : `its curve ${namedCurve} is not supported.`
    case 'ed25519':
      return null
    default:
      return `keys of type ${key.asymmetricKeyType} are not supported.`
  }
}

/** Only the members that make the key; the others are for choosing it. */
const importable = ({ kty, n, e, crv, x, y }: PublicJwk): Record<string, string> => {
  const members = Object.entries({ kty, n, e, crv, x, y })
  return Object.fromEntries(members.flatMap(([name, value]) => (value ? [[name, value]] : [])))
}

/** Whether a JWK is a key at all, and `x5c` the certificate of the same key (RFC 7517 §4.7). */
export const keyFault = (jwk: PublicJwk): string | null => {
  let key: KeyObject
  try {
    key = createPublicKey({ key: importable(jwk), format: 'jwk' })
  } catch {
    return 'it is not a usable public key.'
  }
  const [leaf] = jwk.x5c ?? []
  if (leaf === undefined) return null
  const certificate = readCertificate(leaf)
  if (certificate === null) return 'x5c[0] is not a certificate.'
  const certified = new X509Certificate(Buffer.from(certificate.der, 'base64')).publicKey
  return certified.equals(key) ? null : 'x5c[0] is the certificate of another key.'
}
