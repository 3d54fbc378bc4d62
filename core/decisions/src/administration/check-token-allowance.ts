import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import type { TokenAllowance } from '@mintmark/registry/token-allowance'

const bounds = [
  ['reusePercent', 'tokenReusePercent', 1, 99],
  ['tokensPerMinute', 'tokensPerMinute', 1, 10_000_000],
  ['tokensPerDay', 'tokensPerDay', 1, 1_000_000_000],
] as const

/** The attribute of our SCIM extension, which says of an API what it says of a client. */
export const allowanceAttribute = (name: string, side: 'client' | 'api'): string =>
  side === 'client' ? name : `resource${name[0]?.toUpperCase()}${name.slice(1)}`

/** Judges a budget and a re-use window by themselves. */
export const checkTokenAllowance = (
  allowance: TokenAllowance | undefined,
  side: 'client' | 'api',
): Result<null, AdministrationRefusal> => {
  if (allowance === undefined) return ok(null)
  for (const [member, name, min, max] of bounds) {
    const value = allowance[member]
    if (value === null || (Number.isInteger(value) && value >= min && value <= max)) continue
    const at = allowanceAttribute(name, side)
    return refuseChange('VALUE_INVALID', `${at} must be a whole number from ${min} to ${max}.`, {
      at,
    })
  }
  return ok(null)
}
