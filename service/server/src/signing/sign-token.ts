import { sign } from 'node:crypto'
import type { TokenProfile } from '@mintmark/registry/application'
import type { LoadedKey } from './signing-keys.ts'

/**
 * One compact JWS (RFC 7515 §7.1) over the claims. Synchronous on purpose: a hop to another thread
 * costs more than an ES256 signature, and RS256 is spread over worker processes instead.
 */
export const signToken = (
  key: LoadedKey,
  profile: TokenProfile,
  claims: Readonly<Record<string, unknown>>,
): string => {
  const payload = Buffer.from(JSON.stringify(claims)).toString('base64url')
  const input = `${key.headers[profile]}.${payload}`
  const signature =
    key.algorithm === 'RS256'
      ? sign('sha256', Buffer.from(input, 'latin1'), key.privateKey)
      : sign('sha256', Buffer.from(input, 'latin1'), {
          key: key.privateKey,
          dsaEncoding: 'ieee-p1363', // RFC 7518 §3.4: R and S side by side
        })
  return `${input}.${signature.toString('base64url')}`
}
