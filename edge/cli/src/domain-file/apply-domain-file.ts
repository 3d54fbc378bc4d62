import { fail, ok, type Result } from '@mintmark/protocol/result'
import { type ExitCode, exitCodeOfStatus, exitCodes } from '../exit-codes.ts'
import type { DomainDocument } from './domain-document.ts'
import { type DomainSource, formatMistakes, type Mistake } from './mistake.ts'
import type { Plan } from './plan.ts'
import { planDomainFile } from './plan-domain-file.ts'
import { planPrune } from './plan-prune.ts'
import {
  isObject,
  type Json,
  listOf,
  readPresentState,
  type Send,
  textOf,
  UnexpectedAnswer,
} from './present-state.ts'
import { readDomainFile } from './read-domain-file.ts'

const bulkRequest = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest'
const bulkExtension = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:Bulk'

/** A secret that the server minted: this is the only time that it is seen. */
export interface ShownSecret {
  readonly application: string
  readonly clientId: string
  readonly clientSecret: string
}

export interface Applied {
  readonly plan: Plan
  /** Whether anything was changed, or in a dry run would be. */
  readonly changed: boolean
  readonly secrets: readonly ShownSecret[]
}

/** Why nothing was applied; `exitCode` as the command line documents it. */
export interface ApplyFailure {
  readonly exitCode: ExitCode
  readonly message: string
}

export interface ApplyOptions {
  readonly source: DomainSource
  readonly send: Send
  /** Decide everything, change nothing. */
  readonly dryRun?: boolean
  readonly nowMs: number
  /** Takes away what the parts of the files do not name, too. */
  readonly prune?: boolean
  /** Of whoever signs in: it is never pruned. */
  readonly ownClientId?: string
  /** Told the plan before anything is sent; what it throws ends everything there. */
  readonly onPlan?: (plan: Plan) => void | Promise<void>
}

const mistakesFailure = (
  mistakes: readonly Mistake[],
  source: DomainSource,
): { readonly ok: false; readonly failure: ApplyFailure } =>
  fail({ exitCode: exitCodes.invalidInput, message: formatMistakes(mistakes, source.files) })

/** The server refused an operation: told at the place in the file that asked for it. */
const refusedOperation = (
  status: number,
  body: unknown,
  plan: Plan,
  source: DomainSource,
): { readonly ok: false; readonly failure: ApplyFailure } => {
  const detail = isObject(body) ? textOf(body, 'detail') : ''
  const extension = isObject(body) ? body[bulkExtension] : undefined
  const index = isObject(extension) ? Number(extension['failedOperation']) : Number.NaN
  const operation = plan.operations[index]
  const exitCode = exitCodeOfStatus(status)
  if (operation === undefined) {
    return fail({ exitCode, message: detail || `The server answered with status ${status}.` })
  }
  const what = detail
    .replace(/^Operations\[\d+\] \([^)]*\): /, '')
    .replace(/ Nothing was changed\.$/, '')
  if (operation.at.file === '') {
    return fail({ exitCode: exitCodes.conflict, message: `${operation.about}: ${what}` })
  }
  const mistake: Mistake = { at: operation.at, path: operation.about, what }
  return fail({ exitCode, message: formatMistakes([mistake], source.files) })
}

const bulkBody = (plan: Plan, dryRun: boolean): Json => ({
  schemas: [bulkRequest],
  Operations: plan.operations.map(({ at: _, about: __, ...operation }) => operation),
  [bulkExtension]: { atomic: true, dryRun },
})

const secretsOf = (plan: Plan, body: unknown): readonly ShownSecret[] => {
  const results = isObject(body) ? listOf(body, 'Operations') : []
  const responseOf = (bulkId: string): unknown =>
    results.find((each) => each['bulkId'] === bulkId)?.['response']
  return plan.secrets.flatMap(({ application, bulkId, clientId, namedBy = bulkId }) => {
    const response = responseOf(bulkId)
    const namer = responseOf(namedBy)
    const made = isObject(namer) ? textOf(namer, 'name') : ''
    const clientSecret = isObject(response) ? textOf(response, 'clientSecret') : ''
    if (!isObject(response) || clientSecret === '') return []
    return [{ application, clientId: clientId ?? made, clientSecret }]
  })
}

const prunedPlan = (document: DomainDocument, plan: Plan, options: ApplyOptions) => {
  const { send, prune = false, ownClientId = null } = options
  return prune ? planPrune(document, plan, { send, ownClientId }) : { plan, mistakes: [] }
}

/**
 * Makes the server as a domain file says, in one transaction or not at all. What is already so is
 * left alone, so a second time changes nothing.
 * @throws UnexpectedAnswer never: what the server says is part of the result; what `send` throws
 * (no connection) passes through
 */
export const applyDomainFile = async (
  options: ApplyOptions,
): Promise<Result<Applied, ApplyFailure>> => {
  const { source, send, nowMs, dryRun = false } = options
  const document = readDomainFile(source)
  if (!document.ok) return mistakesFailure(document.failure, source)
  try {
    const present = await readPresentState(document.value, send)
    const planned = planDomainFile(document.value, present, nowMs)
    if (!planned.ok) return mistakesFailure(planned.failure, source)
    const pruned = await prunedPlan(document.value, planned.value, options)
    if (pruned.mistakes.length > 0) {
      const { failure } = mistakesFailure(pruned.mistakes, source)
      return fail({ ...failure, exitCode: exitCodes.conflict })
    }
    const { plan } = pruned
    await options.onPlan?.(plan)
    if (plan.operations.length === 0) return ok({ plan, changed: false, secrets: [] })
    const answer = await send({ method: 'POST', path: '/Bulk', body: bulkBody(plan, dryRun) })
    if (answer.status !== 200) return refusedOperation(answer.status, answer.body, plan, source)
    return ok({ plan, changed: true, secrets: dryRun ? [] : secretsOf(plan, answer.body) })
  } catch (error) {
    if (!(error instanceof UnexpectedAnswer)) throw error
    return fail({ exitCode: exitCodeOfStatus(error.status), message: error.message })
  }
}
