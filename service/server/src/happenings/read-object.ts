import { parseStrictJson } from '@mintmark/protocol/rfc8259-strict-json'
import type { HappeningAnswer } from './happening.ts'
import { problem } from './happening.ts'

const depthMax = 4

export type ReadObject =
  | { readonly object: Readonly<Record<string, unknown>> }
  | { readonly fault: HappeningAnswer }

const parse = (bytes: Uint8Array): Readonly<Record<string, unknown>> | null => {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    const json = parseStrictJson(text, depthMax)
    if (!json.ok || typeof json.value !== 'object' || json.value === null) return null
    return Array.isArray(json.value) ? null : (json.value as Readonly<Record<string, unknown>>)
  } catch {
    return null
  }
}

/**
 * A body that is one JSON object of known members.
 * @param example what to send instead
 */
export const readObject = (
  bytes: Uint8Array,
  members: readonly string[],
  example: string,
): ReadObject => {
  const object = parse(bytes)
  if (object === null) {
    const detail = 'It is read as one JSON object in UTF-8 without repeated members.'
    return { fault: problem('BODY_NOT_AN_OBJECT', { detail, fix: `Send ${example}.` }) }
  }
  const unknown = Object.keys(object).find((name) => !members.includes(name))
  if (unknown === undefined) return { object }
  const detail = `'${unknown.slice(0, 100)}' is not read here.`
  return { fault: problem('MEMBER_UNKNOWN', { detail, fix: `There are ${members.join(', ')}.` }) }
}

export const memberInvalid = (name: string, fix: string): HappeningAnswer =>
  problem('MEMBER_INVALID', { detail: `${name} cannot be read.`, fix })
