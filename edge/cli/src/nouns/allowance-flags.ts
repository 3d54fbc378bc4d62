import { allowanceAttribute, budgetModes } from '@mintmark/server/administration/app-words'
import { exitCodes } from '../exit-codes.ts'
import { CommandFault } from '../session/command-fault.ts'

export const appExtension = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:App'

/** Re-use window and budgets, of an application or of an API. */
export interface AllowanceFlags {
  readonly tokenReusePercent?: string
  readonly tokensPerMinute?: string
  readonly tokensPerDay?: string
  readonly budgetMode?: string
}

const flagNames = {
  tokenReusePercent: '--token-reuse-percent',
  tokensPerMinute: '--tokens-per-minute',
  tokensPerDay: '--tokens-per-day',
} as const

type NumberName = keyof typeof flagNames

/** What is set, and what the word `none` takes away. */
export const allowanceOperations = (flags: AllowanceFlags, side: 'client' | 'api') => {
  const set = (name: string, value: number | string | null) => {
    const path = `${appExtension}:${allowanceAttribute(name, side)}`
    return value === null ? { op: 'remove', path } : { op: 'replace', path, value }
  }
  const numbers = Object.keys(flagNames) as NumberName[]
  const operations = numbers.flatMap((name) => {
    const text = flags[name]
    return text === undefined ? [] : [set(name, numberOf(name, text))]
  })
  const { budgetMode } = flags
  return budgetMode === undefined
    ? operations
    : [...operations, set('budgetMode', modeOf(budgetMode))]
}

const numberOf = (name: NumberName, text: string): number | null => {
  if (text === 'none') return null
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text)
  const message = `${flagNames[name]} is a whole number or none, not "${text}".`
  throw new CommandFault(exitCodes.usage, message)
}

const modeOf = (text: string): string | null => {
  if (text === 'none') return null
  if (budgetModes.some((each) => each === text)) return text
  const message = `--budget-mode is ${budgetModes.join(', ')} or none, not "${text}".`
  throw new CommandFault(exitCodes.usage, message)
}
