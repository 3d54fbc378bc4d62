import { allowanceAttribute, budgetModes } from '@mintmark/server/administration/app-words'
import { readWhole, readWord, type Value } from './yaml-node.ts'

type Json = Readonly<Record<string, unknown>>

/** Re-use window and budgets, of an application or of an API; named as SCIM names them. */
export interface AllowanceEntry {
  readonly tokenReusePercent: number | null
  readonly tokensPerMinute: number | null
  readonly tokensPerDay: number | null
  readonly budgetMode: string | null
}

export const allowanceFields = [
  'tokenReusePercent',
  'tokensPerMinute',
  'tokensPerDay',
  'budgetMode',
] as const

type Side = 'client' | 'api'

export const readAllowance = (fields: ReadonlyMap<string, Value>): AllowanceEntry => ({
  tokenReusePercent: readWhole(fields.get('tokenReusePercent')),
  tokensPerMinute: readWhole(fields.get('tokensPerMinute')),
  tokensPerDay: readWhole(fields.get('tokensPerDay')),
  budgetMode: readWord(fields.get('budgetMode'), budgetModes),
})

/** As attributes of our extension; what the file does not say is taken away. */
export const allowanceBody = (entry: AllowanceEntry, side: Side): Json => {
  const { tokensPerMinute, tokensPerDay, budgetMode } = entry
  const isLimited = tokensPerMinute !== null || tokensPerDay !== null
  const values = { ...entry, budgetMode: budgetMode ?? (isLimited ? 'enforce' : null) }
  return Object.fromEntries(
    allowanceFields.map((name) => [allowanceAttribute(name, side), values[name]]),
  )
}

/** The attributes as a file says them. */
export const declareAllowance = (extension: Json, side: Side): Json => {
  const said = allowanceFields.map((name) => [name, extension[allowanceAttribute(name, side)]])
  const values: Json = Object.fromEntries(said)
  // what holds unless it is said
  return values['budgetMode'] === 'enforce' ? { ...values, budgetMode: undefined } : values
}

const shownNames: Readonly<Record<(typeof allowanceFields)[number], string>> = {
  tokenReusePercent: 'token given again while of its life is left',
  tokensPerMinute: 'tokens a minute',
  tokensPerDay: 'tokens a day',
  budgetMode: 'when they are spent',
}

/** Names and values for people. */
export const allowanceWords = (extension: Json, side: Side): readonly [string, string][] =>
  allowanceFields.map((name) => {
    const value = extension[allowanceAttribute(name, side)]
    const text = value === undefined || value === null ? '' : String(value)
    return [shownNames[name], name === 'tokenReusePercent' && text !== '' ? `${text} %` : text]
  })
