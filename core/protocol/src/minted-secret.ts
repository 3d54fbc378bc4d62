/**
 * The shape of the client secrets that we mint: `mms_`, 256 random bits in 43 base62 characters,
 * and their CRC-32 in 6 more. The prefix lets scanners find a leaked secret, the check sum tells a
 * typing mistake from a wrong secret without a look-up, and nothing in it needs escaping in a form,
 * in Basic, in a shell or in YAML.
 */
export const mintedSecretPrefix = 'mms_'
export const mintedSecretRandomBytes = 32
const randomChars = 43
const checkChars = 6
export const mintedSecretChars = mintedSecretPrefix.length + randomChars + checkChars

/** `minted`: shape and check sum hold. `mistyped`: ours by its prefix, but damaged. */
export type SecretForm = 'minted' | 'mistyped' | 'foreign'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const minted = /^mms_[0-9A-Za-z]{49}$/

const base62 = (value: bigint, chars: number): string => {
  let rest = value
  let text = ''
  for (let left = chars; left > 0; left -= 1) {
    text = alphabet[Number(rest % 62n)]! + text
    rest /= 62n
  }
  return text
}

/** CRC-32 as in ISO 3309 and gzip (RFC 1952 §8): reflected polynomial EDB88320. */
const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte
  for (let bit = 0; bit < 8; bit += 1) {
    remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1
  }
  return remainder
})

/** Of the first `chars` characters, all of them ASCII. */
export const crc32 = (text: string, chars: number): number => {
  let remainder = 0xffffffff
  for (let at = 0; at < chars; at += 1) {
    remainder = crcTable[(remainder ^ text.charCodeAt(at)) & 0xff]! ^ (remainder >>> 8)
  }
  return (remainder ^ 0xffffffff) >>> 0
}

const checkedChars = mintedSecretPrefix.length + randomChars

/**
 * Writes random bits as a secret.
 * @param random exactly 32 bytes from a cryptographic source
 * @throws RangeError for any other number of bytes: a fault of ours, never of a client
 */
export const formatSecret = (random: Uint8Array): string => {
  if (random.length !== mintedSecretRandomBytes) {
    throw new RangeError(`A secret takes ${mintedSecretRandomBytes} random bytes.`)
  }
  let value = 0n
  for (const byte of random) value = value * 256n + BigInt(byte)
  const secret = mintedSecretPrefix + base62(value, randomChars)
  return secret + base62(BigInt(crc32(secret, checkedChars)), checkChars)
}

/** The inverse of `base62` for six characters: below 2^36, so exact in a number. */
const readCheck = (text: string): number => {
  let value = 0
  for (let at = checkedChars; at < text.length; at += 1) {
    value = value * 62 + alphabet.indexOf(text[at]!)
  }
  return value
}

/**
 * Tells what kind of secret was presented. Says nothing about whose it is, and takes no longer for
 * a right one than for a wrong one: the check sum depends on what was sent alone.
 */
export const readSecretForm = (text: string): SecretForm => {
  if (!text.startsWith(mintedSecretPrefix)) return 'foreign'
  const isWhole = minted.test(text) && readCheck(text) === crc32(text, checkedChars)
  return isWhole ? 'minted' : 'mistyped'
}
