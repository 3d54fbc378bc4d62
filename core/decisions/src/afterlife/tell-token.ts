import type { ResourceServer } from '@mintmark/registry/snapshot'
import { type EndedReason, isForServer, judgeToken, type TokenState } from './judge-token.ts'
import type { TokenFacts } from './token-facts.ts'

/** What is looked at, in this order; the first that does not hold is the last. */
const steps = ['signature', 'time', 'revocation', 'client', 'api', 'audience', 'scope'] as const
export type TokenStepName = (typeof steps)[number]

export type TokenRefusal = 'NOT_OURS' | EndedReason | 'AUDIENCE_OTHER' | 'SCOPE_MISSING'

export interface TokenStep {
  readonly step: TokenStepName
  readonly ok: boolean
  readonly what: string
  readonly detail: string
}

/** Which API, and which of its scopes, the token would be shown for. */
export interface TokenUse {
  readonly server: ResourceServer
  /** As the API spells it; null: any. */
  readonly scope: string | null
}

export interface ToldToken {
  readonly verdict: 'valid' | 'refused'
  readonly reason: TokenRefusal | null
  readonly steps: readonly TokenStep[]
}

const failedAt: Readonly<Record<TokenRefusal, TokenStepName>> = {
  NOT_OURS: 'signature',
  EXPIRED: 'time',
  NOT_YET_VALID: 'time',
  REVOKED: 'revocation',
  CLIENT_GONE: 'client',
  CLIENT_INACTIVE: 'client',
  API_GONE: 'api',
  AUDIENCE_OTHER: 'audience',
  SCOPE_MISSING: 'scope',
}

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString()

const scopesOf = ({ claims }: TokenFacts): readonly string[] =>
  typeof claims['scope'] === 'string' ? claims['scope'].split(' ') : []

const refusalOf = (
  token: TokenFacts,
  state: TokenState,
  use: TokenUse | null,
): TokenRefusal | null => {
  const ended = judgeToken(token, state)
  if (ended !== null || use === null) return ended
  if (!isForServer(token, use.server)) return 'AUDIENCE_OTHER'
  return use.scope === null || scopesOf(token).includes(use.scope) ? null : 'SCOPE_MISSING'
}

type Words = readonly [what: string, detail: string]

const wordsOfRefusal = (
  reason: Exclude<TokenRefusal, 'NOT_OURS'>,
  token: TokenFacts,
  use: TokenUse | null,
): Words => {
  const audience = token.audience.join(', ')
  switch (reason) {
    case 'EXPIRED':
      return ['It has expired', `It ended at ${iso(token.expiresAtSeconds)}.`]
    case 'NOT_YET_VALID':
      return ['It is not valid yet', `It says that it was issued at ${iso(token.issuedAtSeconds)}.`]
    case 'REVOKED':
      return [
        'It was ended before its time',
        'It was revoked, or its application was, its credential or its API.',
      ]
    case 'CLIENT_GONE':
      return ['Its application is gone', `There is no '${token.clientId}' that it was issued to.`]
    case 'CLIENT_INACTIVE':
      return ['Its application is inactive', `'${token.clientId}' was deactivated.`]
    case 'API_GONE':
      return ['Nobody accepts it', `No active API has the audience ${audience}.`]
    case 'AUDIENCE_OTHER':
      return [
        `It is not for ${use?.server.application.displayName}`,
        `Its audience is ${audience}; that API's is ${use?.server.audience}.`,
      ]
    case 'SCOPE_MISSING':
      return [
        `It does not have the scope ${use?.scope}`,
        `It has ${scopesOf(token).join(', ') || 'none'}.`,
      ]
  }
}

const wordsOfStep = (step: TokenStepName, token: TokenFacts, use: TokenUse | null): Words => {
  switch (step) {
    case 'signature':
      return ['A key of this domain signed it', 'As an access token, and it was not changed.']
    case 'time':
      return ['It is in force', `Until ${iso(token.expiresAtSeconds)}.`]
    case 'revocation':
      return ['Nobody has ended it', 'Neither it, nor its application, credential or API.']
    case 'client':
      return ['Its application is active', `It was issued to '${token.clientId}'.`]
    case 'api':
      return ['An API accepts it', `Its audience is ${token.audience.join(', ')}.`]
    case 'audience':
      return [`It is for ${use?.server.application.displayName}`, `By ${use?.server.audience}.`]
    case 'scope':
      return [`It has the scope ${use?.scope}`, `Among ${scopesOf(token).join(', ')}.`]
  }
}

const notOurs: ToldToken = {
  verdict: 'refused',
  reason: 'NOT_OURS',
  steps: [
    {
      step: 'signature',
      ok: false,
      what: 'No key of this domain signed it as an access token',
      detail: 'It is of another issuer, was changed, or its key was withdrawn.',
    },
  ],
}

/**
 * Would an API accept this token now, and why: what was looked at, in order, up to the first that
 * does not hold. A binding to a key or certificate (RFC 7800) is for the API to check.
 * @param token null: none of our keys signed it as an access token
 * @param use null: asked is only whether it is still a token
 */
export const tellToken = (
  token: TokenFacts | null,
  state: TokenState,
  use: TokenUse | null,
): ToldToken => {
  if (token === null) return notOurs
  const reason = refusalOf(token, state, use)
  const asked = steps.filter((step) => {
    if (step === 'audience') return use !== null
    return step === 'scope' ? use !== null && use.scope !== null : true
  })
  const failed = reason === null ? null : failedAt[reason]
  const passed = failed === null ? asked : asked.slice(0, asked.indexOf(failed))
  const told = passed.map((step): TokenStep => {
    const [what, detail] = wordsOfStep(step, token, use)
    return { step, ok: true, what, detail }
  })
  if (reason === null || reason === 'NOT_OURS' || failed === null) {
    return { verdict: 'valid', reason: null, steps: told }
  }
  const [what, detail] = wordsOfRefusal(reason, token, use)
  return {
    verdict: 'refused',
    reason,
    steps: [...told, { step: failed, ok: false, what, detail }],
  }
}
