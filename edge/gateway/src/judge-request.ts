/** One verdict, for the proxy and for the proxies that ask: path, route, then the guard. */
import type { Caller, Guard, Refused } from '@mintmark/guard/guard'
import type { Connection, GuardRequest } from '@mintmark/guard/guard-request'
import { gatewayProblem, type RefusalAnswer, requestIdOf } from './gateway-problem.ts'
import type { GatewayRoute, RouteFault, RouteTable } from './gateway-route.ts'
import { type RequestTarget, readRequestTarget } from './request-target.ts'

export type Judgement =
  | {
      readonly ok: true
      readonly target: RequestTarget
      readonly route: GatewayRoute
      /** null on a public route. */
      readonly caller: Caller | null
      /** Judges the token again; null on a public route. */
      readonly recheck: (() => Promise<Refused | null>) | null
    }
  | { readonly ok: false; readonly answer: RefusalAnswer }

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

const no = (answer: RefusalAnswer): Judgement => ({ ok: false, answer })

const refuseRoute = (fault: RouteFault, requestId: string): Judgement => {
  if (fault.kind === 'no-route') {
    return no(gatewayProblem('ROUTE_UNKNOWN', 'No route has this path.', requestId))
  }
  const allow = fault.allow.join(', ')
  const detail = `The route of this path takes ${allow}.`
  return no(gatewayProblem('METHOD_NOT_ALLOWED', detail, requestId, { allow }))
}

/** The host of a Host field without its port, in small letters; null where a proxy asks. */
const hostNameOf = (host: string | null): string | null =>
  host === null ? null : host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '')

export const createJudge =
  (guard: Guard, findRoute: RouteTable): Judge =>
  async ({ method, target: sent, host, fields, connection }) => {
    const requestId = requestIdOf(fields('x-request-id')[0])
    const target = readRequestTarget(sent, host)
    if (!target.ok) {
      const detail = `The request target ${target.failure}.`
      return no(gatewayProblem('TARGET_AMBIGUOUS', detail, requestId))
    }
    const found = findRoute(method, target.value.path, hostNameOf(host))
    if (!found.ok) return refuseRoute(found.failure, requestId)
    const route = found.value
    const { requirement } = route
    if (requirement === null) {
      return { ok: true, target: target.value, route, caller: null, recheck: null }
    }
    const url = target.value.target
    const request: GuardRequest = { method, url, fields, connection, raw: null }
    const verdict = await guard.check(request, requirement)
    if (!verdict.ok) return no({ ...verdict.answer, reason: verdict.refusal.reason })
    const { caller, recheck } = verdict
    return { ok: true, target: target.value, route, caller, recheck }
  }
