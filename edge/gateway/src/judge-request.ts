/** One verdict, for the proxy and for the proxies that ask: path, route, then the guard. */
import type { Caller, Guard } from '@mintmark/guard/guard'
import type { Connection, GuardRequest } from '@mintmark/guard/guard-request'
import type { GuardAnswer } from '@mintmark/guard/refusal-answer'
import { gatewayProblem, requestIdOf } from './gateway-problem.ts'
import type { RouteFault, RouteTable } from './gateway-route.ts'
import { type RequestTarget, readRequestTarget } from './request-target.ts'

export type Judgement =
  | {
      readonly ok: true
      readonly target: RequestTarget
      /** null on a public route. */
      readonly caller: Caller | null
    }
  | { readonly ok: false; readonly answer: GuardAnswer }

export interface Judged {
  readonly method: string
  /** As it was sent. */
  readonly target: string
  /** null where a trusted proxy told the target, which is a path then. */
  readonly host: string | null
  readonly fields: (name: string) => readonly string[]
  readonly connection: () => Connection
}

export type Judge = (judged: Judged) => Promise<Judgement>

const no = (answer: GuardAnswer): Judgement => ({ ok: false, answer })

const refuseRoute = (fault: RouteFault, requestId: string): Judgement => {
  if (fault.kind === 'no-route') {
    return no(gatewayProblem('ROUTE_UNKNOWN', 'No route has this path.', requestId))
  }
  const allow = fault.allow.join(', ')
  const detail = `The route of this path takes ${allow}.`
  return no(gatewayProblem('METHOD_NOT_ALLOWED', detail, requestId, { allow }))
}

export const createJudge =
  (guard: Guard, findRoute: RouteTable): Judge =>
  async ({ method, target: sent, host, fields, connection }) => {
    const requestId = requestIdOf(fields('x-request-id')[0])
    const target = readRequestTarget(sent, host)
    if (!target.ok) {
      const detail = `The request target ${target.failure}.`
      return no(gatewayProblem('TARGET_AMBIGUOUS', detail, requestId))
    }
    const route = findRoute(method, target.value.path)
    if (!route.ok) return refuseRoute(route.failure, requestId)
    const { requirement } = route.value
    if (requirement === null) return { ok: true, target: target.value, caller: null }
    const url = target.value.target
    const request: GuardRequest = { method, url, fields, connection, raw: null }
    const verdict = await guard.check(request, requirement)
    if (!verdict.ok) return no(verdict.answer)
    return { ok: true, target: target.value, caller: verdict.caller }
  }
