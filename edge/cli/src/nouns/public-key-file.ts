import { createHash, createPublicKey } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { isObject, type Json, textOf } from '../domain-file/present-state.ts'
import { exitCodes } from '../exit-codes.ts'
import { CommandFault } from '../session/command-fault.ts'

const fileBytesMax = 1_048_576

/** What a thumbprint is made of, in this order (RFC 7638 §3.2). */
const membersOf: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
  RSA: ['e', 'kty', 'n'],
}

/** RFC 7638 §3: base64url of SHA-256. */
export const thumbprintOf = (jwk: Json): string => {
  const members = membersOf[textOf(jwk, 'kty')] ?? []
  const text = JSON.stringify(Object.fromEntries(members.map((name) => [name, jwk[name]])))
  return createHash('sha256').update(text).digest('base64url')
}

const refuse = (message: string) => new CommandFault(exitCodes.invalidInput, message)

const refusePrivate = (path: string) =>
  refuse(
    `${path} holds a private key, which stays where it is. Register its public half: ` +
      `openssl pkey -in ${path} -pubout -out public.pem`,
  )

const fromJson = (text: string, path: string): readonly Json[] => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw refuse(`${path} is neither PEM nor JSON.`)
  }
  const keys = isObject(value) && Array.isArray(value['keys']) ? value['keys'] : [value].flat()
  if (!keys.every((key) => isObject(key) && 'kty' in key)) throw refuse(`${path} holds no JWK.`)
  return keys as readonly Json[]
}

/**
 * Public keys of a file: a JWK, a JWK Set (RFC 7517), or a public key or certificate in PEM. Those
 * without a `kid` get their thumbprint.
 * @throws CommandFault (exit 6) for what is none, and for private keys, which nobody should send
 */
export const readPublicKeys = (path: string): readonly Json[] => {
  if (statSync(path).size > fileBytesMax) throw refuse(`${path} is too large for a key.`)
  const text = readFileSync(path, 'utf8').trim()
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) throw refusePrivate(path)
  const isPem = text.startsWith('-----BEGIN ')
  let keys: readonly Json[]
  try {
    keys = isPem ? [createPublicKey(text).export({ format: 'jwk' }) as Json] : fromJson(text, path)
  } catch (error) {
    if (error instanceof CommandFault) throw error
    throw refuse(`${path} holds no public key that can be read.`)
  }
  if (keys.some((key) => 'd' in key || 'k' in key)) throw refusePrivate(path)
  return keys.map((key) => (textOf(key, 'kid') === '' ? { ...key, kid: thumbprintOf(key) } : key))
}
