import { hash } from 'node:crypto'
import type { TokenDecision } from '@mintmark/decisions/token/token-plan'
import type { CurrentToken } from './current-tokens.ts'
import type { Planned } from './last-plans.ts'

/**
 * RFC 6749 §5.1; several resource servers: the identity domain's `tokenResponses`.
 *
 * @param texts of the tokens, in the order of the decision
 * @param expiresInSeconds absent: all of their lives
 */
export const tokenAnswer = (
  decision: TokenDecision,
  texts: readonly string[],
  expiresInSeconds?: number,
): Readonly<Record<string, unknown>> => {
  const answers = decision.tokens.map((plan, at) => {
    const answer: Record<string, unknown> = {
      access_token: texts[at],
      token_type: plan.binding.keyThumbprint === null ? 'Bearer' : 'DPoP', // RFC 9449 §5
      expires_in: expiresInSeconds ?? plan.lifetimeSeconds,
    }
    if (decision.scopeAnswered) answer['scope'] = plan.scopes.join(' ')
    return answer
  })
  return decision.severalTargets
    ? { tokenResponses: answers }
    : (answers[0] as Record<string, unknown>)
}

/** What is the same each time that a token is given again. */
export interface Repeat {
  readonly jti: string
  /** For the record. */
  readonly detail: Readonly<Record<string, unknown>>
  /** Stands for what goes on record; see `LedgerEntry`. */
  readonly alike: string
  /** The answer as JSON. */
  readonly answer: (expiresInSeconds: number) => string
}

const repeats = new WeakMap<Planned, Repeat>()

/** Made once for as long as plan and token are in use. */
export const repeatOf = (
  planned: Planned,
  { jti, text }: Pick<CurrentToken, 'jti' | 'text'>,
): Repeat => {
  const known = repeats.get(planned)
  if (known?.jti === jti) return known
  const detail = { ...planned.detail, reissued: true }
  const alike = hash('sha256', JSON.stringify([jti, detail]), 'base64url')
  // in a text of JSON this stands nowhere else: within a value its quotes are escaped
  const written = JSON.stringify(tokenAnswer(planned.decision, [text], -1))
  const [before = '', behind = ''] = written.split('"expires_in":-1')
  const answer = (seconds: number) => `${before}"expires_in":${seconds}${behind}`
  const repeat = { jti, detail, alike, answer }
  repeats.set(planned, repeat)
  return repeat
}
