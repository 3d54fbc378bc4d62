import { hash } from 'node:crypto'
import type { TokenDecision, TokenPlan } from '@mintmark/decisions/token/token-plan'
import type { CurrentToken } from './current-tokens.ts'
import type { Planned } from './last-plans.ts'

/** A token is base64url and dots: as JSON it is the same between quotes. */
const answerOf = (
  { binding, lifetimeSeconds, scopes }: TokenPlan,
  text: string,
  { scopeAnswered }: TokenDecision,
  expiresInSeconds = lifetimeSeconds,
): string => {
  const type = binding.keyThumbprint === null ? 'Bearer' : 'DPoP' // RFC 9449 §5
  const scope = scopeAnswered ? `,"scope":${JSON.stringify(scopes.join(' '))}` : ''
  return `{"access_token":"${text}","token_type":"${type}","expires_in":${expiresInSeconds}${scope}}`
}

/**
 * RFC 6749 §5.1; several resource servers: the identity domain's `tokenResponses`. Written by hand,
 * as it takes half a microsecond to look through a token for what JSON escapes.
 *
 * @param texts of the tokens, in the order of the decision
 * @param expiresInSeconds absent: all of their lives
 * @returns JSON
 */
export const tokenAnswer = (
  decision: TokenDecision,
  texts: readonly string[],
  expiresInSeconds?: number,
): string => {
  const answers = decision.tokens.map((plan, at) =>
    answerOf(plan, texts[at] as string, decision, expiresInSeconds),
  )
  return decision.severalTargets
    ? `{"tokenResponses":[${answers.join(',')}]}`
    : (answers[0] as string)
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
  const answer = (seconds: number) => tokenAnswer(planned.decision, [text], seconds)
  const repeat = { jti, detail, alike, answer }
  repeats.set(planned, repeat)
  return repeat
}
