/** One-time passwords (RFC 4226), but for the HMAC itself, which is the caller's to compute. */

/** RFC 4226 §5.1: the counter as the HMAC takes it, 8 bytes, the highest first. */
export const counterBytes = (counter: number): Uint8Array => {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(counter))
  return bytes
}

/** RFC 4226 §5.3: so many digits out of an HMAC-SHA-1 of 20 bytes. */
export const hotpOf = (hmac: Uint8Array, digits = 6): string => {
  const offset = (hmac[19] ?? 0) & 0x0f
  const view = new DataView(hmac.buffer, hmac.byteOffset, hmac.byteLength)
  const number = view.getUint32(offset) & 0x7fffffff
  return String(number % 10 ** digits).padStart(digits, '0')
}
