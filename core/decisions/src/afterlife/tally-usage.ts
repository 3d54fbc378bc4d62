import { readIdentityDomainScopes } from '@mintmark/protocol/identity-domain-scope'
import { parseScope } from '@mintmark/protocol/rfc6749-scope'
import type { AuditEvent, TokenEventFacts } from '@mintmark/registry/audit-event'
import { decideLifetime } from '../token/decide-lifetime.ts'

/** What one client got in a span of time. */
export interface ClientUsage {
  readonly clientId: string
  /** New tokens. */
  readonly issued: number
  /** Those that would have done: one after the other, each until it expires. */
  readonly needed: number
  /** Times that the current token was given again. */
  readonly reissued: number
  /** Requests that a spent budget refused. */
  readonly refused: number
  /** Tokens beyond budgets that only observe. */
  readonly overBudget: number
}

/** Counts what events of the audit say, in the order in which they happened. */
export interface UsageTally {
  add(event: AuditEvent): void
  /** The most tokens beyond need first. */
  clients(): readonly ClientUsage[]
}

type Counts = { -readonly [Name in keyof ClientUsage]: ClientUsage[Name] }
type Facts = Partial<TokenEventFacts>

const requestedSeconds = ({ asked }: Facts): number | null => {
  const tokens = typeof asked === 'string' ? parseScope(asked) : null
  const scopes = tokens?.ok === true ? readIdentityDomainScopes(tokens.value) : null
  return scopes?.ok === true ? scopes.value.expirySeconds : null
}

const apisOf = ({ api }: Facts): readonly string[] =>
  Array.isArray(api) ? api.filter((each): each is string => typeof each === 'string') : []

/**
 * A token is needed when the last needed one for the same has expired. The same is: by the same
 * credential, for the same scopes of the same API, with the same certificate or key shown.
 *
 * @param lifetimeOf what an API with this name sets, in seconds; null: it sets nothing, or there is
 * none any more
 */
export const createUsageTally = (lifetimeOf: (api: string) => number | null): UsageTally => {
  const clients = new Map<string, Counts>()
  const neededUntilMs = new Map<string, number>()

  const countsOf = (clientId: string): Counts => {
    let counts = clients.get(clientId)
    if (counts === undefined) {
      counts = { clientId, issued: 0, needed: 0, reissued: 0, refused: 0, overBudget: 0 }
      clients.set(clientId, counts)
    }
    return counts
  }

  const countIssued = (counts: Counts, at: number, facts: Facts): void => {
    const { credential, scope, certificate, dpop } = facts
    const seconds = requestedSeconds(facts)
    for (const api of apisOf(facts)) {
      counts.issued += 1
      if (facts.overBudget !== undefined) counts.overBudget += 1
      const key = [counts.clientId, credential, api, scope, certificate, dpop, seconds]
      const name = JSON.stringify(key)
      if (at < (neededUntilMs.get(name) ?? 0)) continue
      counts.needed += 1
      neededUntilMs.set(name, at + decideLifetime(lifetimeOf(api), seconds) * 1000)
    }
  }

  return {
    add: ({ action, actor, result, reason, at, detail }) => {
      if (action !== 'token' || actor === undefined) return
      const facts: Facts = detail ?? {}
      if (result !== 'ok') {
        if (reason === 'BUDGET_SPENT') countsOf(actor).refused += 1
      } else if (facts.reissued === true) countsOf(actor).reissued += facts.count ?? 1
      else countIssued(countsOf(actor), at, facts)
    },
    clients: () =>
      [...clients.values()].toSorted(
        (a, b) => b.issued - b.needed - (a.issued - a.needed) || b.issued - a.issued,
      ),
  }
}
