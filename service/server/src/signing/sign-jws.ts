import { sign } from 'node:crypto'
import type { LoadedKey } from './signing-keys.ts'

/**
 * A compact JWS (RFC 7515 §7.1) that is no access token and says so by its type (RFC 8725 §3.11).
 * @param payload JSON
 */
export const signJws = (key: LoadedKey, type: string, payload: string): string => {
  const { algorithm, kid, privateKey } = key
  const header = JSON.stringify({ alg: algorithm, typ: type, kid })
  const encode = (text: string): string => Buffer.from(text).toString('base64url')
  const input = `${encode(header)}.${encode(payload)}`
  const bytes = Buffer.from(input, 'latin1')
  const signature =
    algorithm === 'RS256'
      ? sign('sha256', bytes, privateKey)
      : sign('sha256', bytes, { key: privateKey, dsaEncoding: 'ieee-p1363' })
  return `${input}.${signature.toString('base64url')}`
}
