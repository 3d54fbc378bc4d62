import { fail, ok, type Result } from '@mintmark/protocol/result'
import type { ProblemReason, ProblemWords } from '@mintmark/protocol/rfc9457-problem'

export interface Misread {
  readonly reason: ProblemReason
  readonly words: ProblemWords
}

const charsMax = 1000

const misread = (reason: ProblemReason, detail: string, fix: string): Result<never, Misread> =>
  fail({ reason, words: { detail, fix } })

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const readObject = (body: unknown): Readonly<Record<string, unknown>> | null => {
  if (!Buffer.isBuffer(body)) return null
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

/** What the browser says of a passkey is an object; everything else is a text. */
const isReadable = (name: string, value: unknown): boolean =>
  name === 'passkey'
    ? isObject(value)
    : typeof value === 'string' && value !== '' && value.length <= charsMax

/** What a body says, and which of the forms it has. */
export interface ReadMembers<Form extends string> {
  readonly form: Form
  readonly text: (name: string) => string
  readonly passkey: unknown
}

/**
 * Reads a body that has the members of one of the forms and no others; nothing of it is ever
 * repeated in an answer.
 * @param forms names of members, in alphabetical order, with a space between
 */
export const readMembers = <Form extends string>(
  body: unknown,
  forms: readonly Form[],
): Result<ReadMembers<Form>, Misread> => {
  const fix = `Send one of: ${forms.map((form) => `{${form.replaceAll(' ', ', ')}}`).join(' ')}.`
  const object = readObject(body)
  if (object === null) return misread('BODY_NOT_AN_OBJECT', 'It is no JSON object in UTF-8.', fix)
  const names = Object.keys(object).toSorted()
  const form = forms.find((each) => each === names.join(' '))
  if (form === undefined) return misread('MEMBER_UNKNOWN', 'It has other members.', fix)
  const wrong = names.find((name) => !isReadable(name, object[name]))
  if (wrong !== undefined) return misread('MEMBER_INVALID', `${wrong} cannot be read.`, fix)
  return ok({ form, text: (name) => String(object[name] ?? ''), passkey: object['passkey'] })
}
