import { send } from '../server/request.ts'

export interface UsageCounts {
  readonly issued: number
  readonly needed: number
  readonly reissued: number
  readonly refused: number
  readonly overBudget: number
}

export interface ClientUsage extends UsageCounts {
  /** Client id. */
  readonly client: string
  readonly waste: number | null
}

export interface Usage {
  readonly complete: boolean
  readonly total: UsageCounts
  readonly clients: readonly ClientUsage[]
}

/** Whose tokens: those of one client, or those for one API. */
export type UsageOf = { readonly client: string } | { readonly api: string }

const hourMs = 3_600_000
const minuteMs = 60_000
const dayMs = 24 * hourMs

const readSince = async (of: UsageOf, sinceMs: number): Promise<Usage> => {
  const query = new URLSearchParams({ ...of, from: new Date(sinceMs).toISOString() })
  return (await send<Usage>('GET', `/api/v1/usage?${query}`)).body
}

/** The last hour, and what was taken from the budgets of this minute and of this day of UTC. */
export interface UsageNow {
  readonly hour: Usage
  readonly minute: number
  /** null: there is more than one answer counts. */
  readonly day: number | null
}

/** @param wantsDay a day is much to read: only where somebody has a budget of a day */
export const readUsageNow = async (
  of: UsageOf,
  wantsDay: boolean,
  nowMs: number,
): Promise<UsageNow> => {
  const [hour, minute, day] = await Promise.all([
    readSince(of, nowMs - hourMs),
    readSince(of, nowMs - (nowMs % minuteMs)),
    wantsDay ? readSince(of, nowMs - (nowMs % dayMs)) : null,
  ])
  const ofDay = day?.complete === true ? day.total.issued : null
  return { hour, minute: minute.total.issued, day: ofDay }
}

/** How much of a budget is gone, in words. */
export const spentWords = (spent: number | null, budget: string, span: string): string =>
  spent === null ? `${budget} a ${span}` : `${spent} of ${budget} this ${span}`
