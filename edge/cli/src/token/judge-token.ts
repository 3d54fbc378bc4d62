import { createGuard } from '@mintmark/guard/guard'
import { readRequirement } from '@mintmark/guard/requirement'
import { metadataPathOf } from '@mintmark/protocol/rfc8414-server-metadata'
import { ServerNotReached, untrustedReason } from '../commands/connect-server.ts'
import { type DecodedToken, decodeToken } from './decode-token.ts'

const timeoutMs = 10_000

/** What a resource server would say of a token. */
export type TokenVerdict =
  | { readonly valid: true; readonly issuer: string; readonly bound: boolean }
  | { readonly valid: false; readonly reason: string; readonly detail: string }

export interface TokenQuestion {
  /** Base URL of the server that is trusted, never taken from the token. */
  readonly url: string
  /** null: the token's own audience is taken, so that everything else is judged. */
  readonly audience: string | null
  readonly scope: string | null
  /** An app role that it must name. */
  readonly role: string | null
}

interface Found {
  readonly issuer: string
  readonly address: string
}

const askFor = async (address: string): Promise<string | null> => {
  try {
    const signal = AbortSignal.timeout(timeoutMs)
    const response = await fetch(address, { redirect: 'error', signal })
    if (!response.ok) return null
    const { issuer } = (await response.json()) as { readonly issuer?: unknown }
    return typeof issuer === 'string' ? issuer : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    const { cause } = error as Error
    const fault = cause instanceof Error ? cause : (error as Error)
    const why = untrustedReason(fault) ?? fault.message
    throw new ServerNotReached(`${new URL(address).origin} was not reached: ${why}.`)
  }
}

/** What the server at this URL calls itself, and where it says so (RFC 8414 §3). */
const findIssuer = async (url: string): Promise<Found> => {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new ServerNotReached(`"${url}" is no http or https URL.`)
  }
  const openId = `${url.replace(/\/$/, '')}/.well-known/openid-configuration`
  for (const address of [new URL(url).origin + metadataPathOf(url), openId]) {
    const issuer = await askFor(address)
    if (issuer !== null) return { issuer, address }
  }
  throw new ServerNotReached(`${url} publishes no metadata of an authorization server.`)
}

/** RFC 9068 §2.1: its tokens name their kind, those of an identity domain name none. */
const profileOf = ({ header }: DecodedToken) =>
  /^(?:application\/)?at\+jwt$/i.test(String(header['typ'])) ? 'rfc9068' : 'identity-domain'

const ownAudience = ({ claims }: DecodedToken): string => {
  const [first] = [claims['aud']].flat()
  return typeof first === 'string' && first !== '' ? first : 'none'
}

/**
 * Judges a token as a guard does: signature, issuer, audience, times, and a scope if one is named.
 * @throws ServerNotReached when the keys cannot be had
 */
export const judgeToken = async (token: string, question: TokenQuestion): Promise<TokenVerdict> => {
  const decoded = decodeToken(token)
  if (decoded === null) {
    return { valid: false, reason: 'TOKEN_MALFORMED', detail: 'It is no JWT.' }
  }
  const { issuer, address } = await findIssuer(question.url)
  const troubles: string[] = []
  const guard = createGuard({
    issuer,
    discoveryUrl: address,
    audience: question.audience ?? ownAudience(decoded),
    profile: profileOf(decoded),
    onEvent: (event) => {
      if (event.kind === 'trouble') troubles.push(event.message)
    },
  })
  const { scope, role } = question
  const requirement = readRequirement({
    ...(scope === null ? {} : { scope }),
    ...(role === null ? {} : { role }),
  })
  const checked = await guard.checkToken(token, requirement)
  if (checked.ok) return { valid: true, issuer, bound: false }
  const { reason, detail } = checked.failure
  // Everything else was judged before: only who sends it can prove the rest.
  if (reason === 'SENDER_UNPROVEN') return { valid: true, issuer, bound: true }
  if (reason !== 'ISSUER_UNREACHABLE') return { valid: false, reason, detail }
  throw new ServerNotReached(troubles.at(-1) ?? detail)
}
