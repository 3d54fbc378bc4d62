/** One-time passwords by the clock (RFC 6238): steps of 30 s, six digits. */

const stepMs = 30_000

/** RFC 6238 §4.2: the step of an instant in milliseconds since the epoch. */
export const totpStep = (nowMs: number): number => Math.floor(nowMs / stepMs)

/**
 * RFC 6238 §5.2: the steps whose codes count now: this one, and one to either side for clocks that
 * go wrong; never one that is not newer than the last that was used.
 */
export const totpSteps = (nowMs: number, usedStep: number): readonly number[] => {
  const now = totpStep(nowMs)
  return [now, now - 1, now + 1].filter((step) => step > usedStep)
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** RFC 4648 §6, without padding: the form in which people type a shared secret. */
export const base32 = (bytes: Uint8Array): string => {
  let text = ''
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += alphabet[(held >> bits) & 31]
    }
  }
  return bits === 0 ? text : text + alphabet[(held << (5 - bits)) & 31]
}

/** The address that authenticator programs read, mostly from a picture. */
export const totpAddress = (account: string, issuer: string, secret: Uint8Array): string => {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`
  return `otpauth://totp/${label}?secret=${base32(secret)}&issuer=${encodeURIComponent(issuer)}`
}
