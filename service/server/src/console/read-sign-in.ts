import { fail, ok, type Result } from '@mintmark/protocol/result'
import type { ProblemReason, ProblemWords } from '@mintmark/protocol/rfc9457-problem'

/** What somebody shows to sign in. */
export type SignInWish =
  | { readonly by: 'code'; readonly pairingCode: string }
  | { readonly by: 'secret'; readonly clientId: string; readonly clientSecret: string }

export interface Misread {
  readonly reason: ProblemReason
  readonly words: ProblemWords
}

const charsMax = 1000
const fix = 'Send {"pairingCode"}, or {"clientId", "clientSecret"}.'

const misread = (reason: ProblemReason, detail: string): Result<never, Misread> =>
  fail({ reason, words: { detail, fix } })

const readObject = (body: unknown): Readonly<Record<string, unknown>> | null => {
  if (!Buffer.isBuffer(body)) return null
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

/** Reads the body of a sign-in; nothing of it is ever repeated in an answer. */
export const readSignIn = (body: unknown): Result<SignInWish, Misread> => {
  const object = readObject(body)
  if (object === null) return misread('BODY_NOT_AN_OBJECT', 'It is no JSON object in UTF-8.')
  const names = Object.keys(object).toSorted().join(' ')
  const text = (name: string): string | null => {
    const value = object[name]
    return typeof value === 'string' && value !== '' && value.length <= charsMax ? value : null
  }
  if (names === 'pairingCode') {
    const pairingCode = text('pairingCode')
    if (pairingCode !== null) return ok({ by: 'code', pairingCode })
    return misread('MEMBER_INVALID', 'pairingCode is no text.')
  }
  if (names !== 'clientId clientSecret') {
    return misread('MEMBER_UNKNOWN', 'It is neither of the two ways to sign in.')
  }
  const clientId = text('clientId')
  const clientSecret = text('clientSecret')
  if (clientId !== null && clientSecret !== null)
    return ok({ by: 'secret', clientId, clientSecret })
  return misread('MEMBER_INVALID', 'clientId or clientSecret is no text.')
}
