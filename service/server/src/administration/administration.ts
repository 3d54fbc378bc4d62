import { decideAccess } from '@mintmark/decisions/administration/decide-access'
import { refuseChange } from '@mintmark/protocol/administration-refusal'
import { ok } from '@mintmark/protocol/result'
import { answerOnce } from './answer-once.ts'
import { refusalAnswer } from './answers.ts'
import { runBulk } from './bulk.ts'
import type {
  AdministrationAnswer,
  AdministrationCommand,
  AdministrationContext,
} from './command.ts'
import { deniedEvent, isDenial } from './denial.ts'
import type { Outcome, Received } from './exchange.ts'
import { isDiscovery, isSearch, isTooDeep, readPath, runOperation } from './operation.ts'

export { prepareCommand } from './chosen-secret.ts'
export type {
  AdministrationAnswer,
  AdministrationCommand,
  AdministrationContext,
} from './command.ts'
export { RollBack, readQueryText } from './command.ts'
export { withRightsNow } from './rights-now.ts'
export { isReadOnly } from './routes.ts'

const run = async (exchange: Received): Promise<Outcome> => {
  const { command, context } = exchange
  // what was read by a slice before is not too deep
  const isBegun = (context.slice?.from.request ?? null) !== null
  if (!isBegun && isTooDeep(command.body)) {
    return refuseChange('BODY_NOT_AN_OBJECT', 'The body is nested too deeply.')
  }
  const path = readPath(command.path)
  if (!path.ok) return path
  const { endpoint, id } = path.value
  if (endpoint !== 'Bulk' || id !== null || command.method !== 'POST') {
    if (isSearch(path.value) || isDiscovery(endpoint)) return runOperation(exchange, command)
    // An answer that was given before is not for somebody who could no longer get it.
    const access = decideAccess(command.principal, endpoint, command.method)
    return access.ok ? answerOnce(exchange, () => runOperation(exchange, command)) : access
  }
  // of one that has begun each operation is answered: what is stored must not be taken for undone
  const access = isBegun ? ok(null) : decideAccess(command.principal, 'Bulk', 'POST')
  return access.ok ? answerOnce(exchange, () => runBulk(exchange)) : access
}

/**
 * Runs one call of the administration API inside the transaction of its context: reads, decides,
 * writes, and puts the change on record.
 * @param command passed through `prepareCommand` before
 * @returns the answer; the transaction may commit, also after a refusal, which has written nothing
 * but perhaps the record of a denial
 * @throws RollBack when the transaction must not commit; what it carries is the answer all the same
 */
export const administer = async (
  command: AdministrationCommand,
  context: AdministrationContext,
): Promise<AdministrationAnswer> => {
  const { id: domain } = await context.transaction.domain()
  const memory = { resourceServers: null }
  const outcome = await run({ command, context, memory, digestKey: '', domain })
  if (outcome.ok) return outcome.value
  const refusal = outcome.failure
  if (isDenial(refusal)) await context.transaction.audit(deniedEvent(command, refusal))
  const isMethod = refusal.reason === 'METHOD_NOT_ALLOWED' && refusal.at !== undefined
  return refusalAnswer(refusal, isMethod ? { allow: refusal.at as string } : {})
}
