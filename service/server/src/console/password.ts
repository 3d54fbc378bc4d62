import { randomBytes } from 'node:crypto'
import { digestChosen, isDigestOf } from '../proof/secret-digest.ts'

export const passwordCharsMin = 12
export const passwordCharsMax = 200

/** More than these wait for nobody: who comes later is sent away, and tokens go on. */
const waitingMax = 16
let waiting = 0
let last: Promise<unknown> = Promise.resolve()

/** One after the other: each takes 19 MiB, and a thread of those that tokens need as well. */
const inTurn = async <T>(work: () => Promise<T>): Promise<T | 'busy'> => {
  if (waiting >= waitingMax) return 'busy'
  waiting += 1
  const turn = last.then(work)
  last = turn.catch(() => undefined)
  try {
    return await turn
  } finally {
    waiting -= 1
  }
}

/** RFC 8265 §4.2: what looks the same is the same, on whatever keyboard. */
const prepared = (password: string): string => password.normalize('NFC')

/** What is kept of a password: argon2id. */
export const digestPassword = (password: string): Promise<string | 'busy'> =>
  inTurn(() => digestChosen(prepared(password)))

/** Of nobody; for names that have no password, so that these cost the same. */
let nobodys: Promise<string> | null = null

/**
 * Whether a password is the one.
 * @param phc what is kept of it; null: there is none, and it takes as long to say no
 */
export const isPassword = (presented: string, phc: string | null): Promise<boolean | 'busy'> => {
  nobodys ??= digestChosen(randomBytes(32).toString('hex'))
  const compared = nobodys
  return inTurn(async () => {
    const isSame = await isDigestOf(prepared(presented), phc ?? (await compared))
    return isSame && phc !== null
  })
}

/** Why a text can be no password; null: nothing against it. */
export const passwordFault = (password: string, userName: string): string | null => {
  const chars = [...password].length
  if (chars < passwordCharsMin) return `It has fewer than ${passwordCharsMin} characters.`
  if (chars > passwordCharsMax) return `It has more than ${passwordCharsMax} characters.`
  if (password.toLowerCase().includes(userName.toLowerCase())) return 'It has your user name in it.'
  return new Set(password).size < 5 ? 'It repeats a few characters.' : null
}
