import { createGuard, type Guard } from '@mintmark/guard/guard'
import type { GuardOptions } from '@mintmark/guard/guard-options'
import type { GuardRequest } from '@mintmark/guard/guard-request'
import { answerRefusal, type GuardAnswer } from '@mintmark/guard/refusal-answer'
import { type Requirement, readRequirement } from '@mintmark/guard/requirement'
import type { GuardVerdict, ImaginedCall } from '@mintmark/server/imagined-calls'

/** The guard that the API would run, with the keys that it would fetch. */
const guardOf = (
  { issuer, audiences, profile, keySet }: ImaginedCall['api'],
  more: Pick<GuardOptions, 'proveSender'> = {},
): Guard =>
  createGuard({
    issuer,
    audience: audiences,
    profile,
    jwksUri: 'https://keys.invalid/',
    fetch: async () => Response.json(keySet),
    ...more,
  })

const requestOf = ({ token, method, url }: ImaginedCall): GuardRequest => ({
  method,
  url,
  fields: (name) => (name === 'authorization' ? [`Bearer ${token}`] : []),
  raw: null,
})

const nothing: Requirement = { scopes: [], anyScope: [], roles: [], anyRole: [] }

/** Each demand by itself, of whoever proves to hold the key of the token; none of a bad token. */
const demandsOf = async (call: ImaginedCall): Promise<GuardVerdict['demands']> => {
  const guard = guardOf(call.api, { proveSender: () => true })
  const request = requestOf(call)
  const holds = async (need: Partial<Requirement>): Promise<boolean> =>
    (await guard.check(request, { ...nothing, ...need })).ok
  if (!(await holds({}))) return []
  const told: GuardVerdict['demands'][number][] = []
  for (const name of call.scopes) {
    told.push({ kind: 'scope', name, held: await holds({ scopes: [name] }) })
  }
  for (const name of call.roles) {
    told.push({ kind: 'role', name, held: await holds({ roles: [name] }) })
  }
  return told
}

const refusalOf = (reason: string, detail: string, answer: GuardAnswer) => ({
  reason,
  detail,
  status: answer.status,
  headers: answer.headers,
  body: JSON.parse(answer.body) as unknown,
})

/** What guards that follow revocations answer to a token that was ended. */
const ended = () => {
  const refusal = { reason: 'TOKEN_REVOKED', detail: 'The token was revoked.' } as const
  const answer = answerRefusal(refusal, {
    realm: 'api',
    problemBase: 'urn:mintmark:problem:',
    metadataUrl: null,
    requestId: 'imagined',
    dpop: null,
  })
  return refusalOf(refusal.reason, refusal.detail, answer)
}

/** Has the guard library judge a call as the API would: nothing is sent anywhere. */
export const askGuard = async (call: ImaginedCall): Promise<GuardVerdict> => {
  const { scopes, roles } = call
  const need = readRequirement({
    ...(scopes.length === 0 ? {} : { scope: scopes }),
    ...(roles.length === 0 ? {} : { role: roles }),
  })
  const verdict = await guardOf(call.api).check(requestOf(call), need)
  const demands = await demandsOf(call)
  if (!verdict.ok) {
    const { refusal, answer } = verdict
    return { refusal: refusalOf(refusal.reason, refusal.detail, answer), demands }
  }
  return { refusal: call.isEnded ? ended() : null, demands }
}
