import { type AppRecord, appExtension } from '../server/records.ts'
import type { PatchOperation } from '../server/scim.ts'

/** When a token is given again, and how many new ones there are; as typed. */
export interface AllowanceDraft {
  readonly reusePercent: string
  readonly perMinute: string
  readonly perDay: string
  readonly mode: 'enforce' | 'reissue' | 'observe'
}

/** Of an application that asks, or of an API that is asked for. */
export type AllowanceSide = 'client' | 'api'

export const emptyAllowance: AllowanceDraft = {
  reusePercent: '',
  perMinute: '',
  perDay: '',
  mode: 'enforce',
}

const attributes = {
  client: {
    reusePercent: 'tokenReusePercent',
    perMinute: 'tokensPerMinute',
    perDay: 'tokensPerDay',
    mode: 'budgetMode',
  },
  api: {
    reusePercent: 'resourceTokenReusePercent',
    perMinute: 'resourceTokensPerMinute',
    perDay: 'resourceTokensPerDay',
    mode: 'resourceBudgetMode',
  },
} as const

/** What an application, or an API, has of its own. */
export const allowanceOf = (app: AppRecord, side: AllowanceSide): AllowanceDraft => {
  const said = app[appExtension] ?? {}
  const names = attributes[side]
  const typed = (value: number | undefined): string => (value === undefined ? '' : String(value))
  return {
    reusePercent: typed(said[names.reusePercent]),
    perMinute: typed(said[names.perMinute]),
    perDay: typed(said[names.perDay]),
    mode: said[names.mode] ?? 'enforce',
  }
}

const numberOf = (text: string): number | null => (text.trim() === '' ? null : Number(text))

/** As attributes of our extension; null: not said. */
export const allowanceAttributes = (
  draft: AllowanceDraft,
  side: AllowanceSide,
): Readonly<Record<string, number | string | null>> => {
  const names = attributes[side]
  const [perMinute, perDay] = [numberOf(draft.perMinute), numberOf(draft.perDay)]
  const isLimited = perMinute !== null || perDay !== null
  return {
    [names.reusePercent]: numberOf(draft.reusePercent),
    [names.perMinute]: perMinute,
    [names.perDay]: perDay,
    [names.mode]: isLimited ? draft.mode : null,
  }
}

/** What has to change so that the application says it; nothing where it does already. */
export const allowanceOperations = (
  draft: AllowanceDraft,
  present: AppRecord,
  side: AllowanceSide,
): readonly PatchOperation[] => {
  const before = allowanceAttributes(allowanceOf(present, side), side)
  return Object.entries(allowanceAttributes(draft, side)).flatMap(
    ([name, value]): readonly PatchOperation[] => {
      if (value === before[name]) return []
      const path = `${appExtension}:${name}`
      return value === null ? [{ op: 'remove', path }] : [{ op: 'replace', path, value }]
    },
  )
}

/** What cannot be, in words; null: nothing. */
export const faultOfAllowance = ({
  reusePercent,
  perMinute,
  perDay,
}: AllowanceDraft): string | null => {
  if (!/^(?:|[1-9]\d?)$/.test(reusePercent.trim())) {
    return 'The share of its life that must be left is a whole number from 1 to 99.'
  }
  const isCount = (text: string): boolean => /^(?:|[1-9]\d{0,8})$/.test(text.trim())
  return isCount(perMinute) && isCount(perDay) ? null : 'A budget is a whole number of tokens.'
}

export const modeWords = {
  enforce: 'Refuse, until there is more',
  reissue: 'Give the current token again',
  observe: 'Issue, and note it in the audit',
} as const

/** In one line for people. */
export const allowanceWords = ({
  reusePercent,
  perMinute,
  perDay,
  mode,
}: AllowanceDraft): string => {
  const budgets = [
    ...(perMinute === '' ? [] : [`${perMinute} a minute`]),
    ...(perDay === '' ? [] : [`${perDay} a day`]),
  ].join(', ')
  const parts = [
    ...(reusePercent === '' ? [] : [`given again while ${reusePercent} % of its life is left`]),
    ...(budgets === '' ? [] : [`${budgets} (${mode})`]),
  ]
  return parts.join('; ') || 'as many as are asked for'
}
