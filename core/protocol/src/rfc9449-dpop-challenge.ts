/** DPoP at a resource server (RFC 9449 §7): the scheme of requests, the challenge of answers. */
import { fail, ok, type Result } from './result.ts'
import type { BearerFault } from './rfc6750-bearer.ts'
import { dpopAlgorithms } from './rfc9449-dpop-proof.ts'

// RFC 9110 §11.1: the scheme has no case. §7.1: token68, as the field of Bearer.
const dpopScheme = /^dpop(?: |$)/i
const dpopToken = /^dpop +([\w\-.~+/]+=*)$/i

/**
 * Reads the token of a request that uses the scheme DPoP.
 * @param values every `Authorization` field of the request, as sent
 * @returns NO_TOKEN for another scheme
 */
export const readDpopToken = (values: readonly string[]): Result<string, BearerFault> => {
  if (values.length > 1) return fail('SEVERAL_AUTHORIZATION_FIELDS') // RFC 9110 §5.3
  const value = values[0]?.trim() ?? ''
  if (!dpopScheme.test(value)) return fail('NO_TOKEN')
  const token = dpopToken.exec(value)?.[1]
  return token === undefined ? fail('AUTHORIZATION_MALFORMED') : ok(token)
}

export type DpopError =
  | 'invalid_request'
  | 'invalid_token'
  | 'insufficient_scope'
  | 'invalid_dpop_proof'
  | 'use_dpop_nonce'

export interface DpopChallenge {
  /** Parameters written before `algs`; all values in the characters of a quoted string. */
  readonly parameters: readonly (readonly [name: string, value: string])[]
}

const inChallenge = (text: string): string =>
  text.replaceAll('"', "'").replaceAll(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, '?')

/** The value of `WWW-Authenticate` (§7.1): which algorithms a proof may be signed by. */
export const dpopChallenge = ({ parameters }: DpopChallenge): string => {
  const all = [...parameters, ['algs', dpopAlgorithms.join(' ')] as const]
  return `DPoP ${all.map(([name, value]) => `${name}="${inChallenge(value)}"`).join(', ')}`
}
