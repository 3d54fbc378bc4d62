import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import type { Exchange } from './exchange.ts'

/** Decision 20: the end of a credential ends tokens only when `?revokeTokens=true` says so. */
export const readRevokeTokens = ({ command }: Exchange): Result<boolean, AdministrationRefusal> => {
  const text = command.query['revokeTokens']
  if (text === undefined || text === 'true' || text === 'false') return ok(text === 'true')
  return refuseChange('QUERY_MALFORMED', 'revokeTokens is true or false.', { at: 'revokeTokens' })
}
