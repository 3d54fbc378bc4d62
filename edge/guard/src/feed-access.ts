/** Where the revocation feed is, and the access token that it asks for. */
import { fail, ok, type Result } from '@mintmark/protocol/result'
import type { IssuerMetadata } from './discover-issuer.ts'
import { type FetchOptions, fetchDocument } from './fetch-document.ts'
import { basicOf, type IntrospectionOptions } from './introspect-token.ts'
import type { RevocationOptions } from './revocation-options.ts'

export interface FeedAccess {
  endpoint(): Promise<Result<string, string>>
  /** A token that is good now, as far as one can know. */
  bearer(): Promise<Result<string, string>>
  /** The last token was refused. */
  forget(): void
}

export interface FeedAccessParts {
  readonly options: RevocationOptions
  readonly introspection: IntrospectionOptions | undefined
  readonly fetching: FetchOptions
  readonly find: () => Promise<Result<IssuerMetadata, string>>
  readonly steadyMs: () => number
}

/** Of the token's life, so that a connection is not begun with one that is about to end. */
const usedPart = 0.8

export const createFeedAccess = (parts: FeedAccessParts): FeedAccess => {
  const { options, introspection, fetching, find, steadyMs } = parts
  let held: { readonly token: string; readonly untilMs: number } | null = null

  const addressOf = async (
    stated: string | undefined,
    member: 'revocationFeed' | 'tokenEndpoint',
    option: string,
  ): Promise<Result<string, string>> => {
    if (stated !== undefined) return ok(stated)
    const metadata = await find()
    if (!metadata.ok) return metadata
    const url = metadata.value[member]
    if (url === null) return fail(`the metadata of the issuer does not say ${option}`)
    // Credentials go to an address that was stated, or to where the metadata is from.
    const isSame = URL.canParse(url) && new URL(url).origin === metadata.value.origin
    return isSame ? ok(url) : fail(`${url} is of another origin than the issuer; state ${option}`)
  }

  const ask = async (): Promise<Result<string, string>> => {
    const endpoint = await addressOf(
      options.tokenEndpoint,
      'tokenEndpoint',
      'revocations.tokenEndpoint',
    )
    if (!endpoint.ok) return endpoint
    const clientId = options.clientId ?? introspection?.clientId ?? ''
    const secret = options.clientSecret ?? introspection?.clientSecret ?? ''
    const clientSecret = typeof secret === 'string' ? secret : await secret()
    const answer = await fetchDocument(endpoint.value, fetching, {
      method: 'POST',
      headers: {
        authorization: basicOf(clientId, clientSecret),
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
      },
      body: 'grant_type=client_credentials&scope=urn%3Aopc%3Aidm%3A__myscopes__',
    })
    if (!answer.ok) {
      const why = 'is the secret right, and does the client hold the role Authenticator Client?'
      return fail(`no token for the revocation feed: ${answer.failure.message}; ${why}`)
    }
    const { access_token: token, expires_in: seconds } = answer.value.json
    if (typeof token !== 'string') return fail(`${endpoint.value} answered no token`)
    const lifeMs = typeof seconds === 'number' ? seconds * 1000 : 60_000
    held = { token, untilMs: steadyMs() + lifeMs * usedPart }
    return ok(token)
  }

  return {
    endpoint: () => addressOf(options.endpoint, 'revocationFeed', 'revocations.endpoint'),
    bearer: async () => {
      try {
        if (options.token !== undefined) return ok(await options.token())
        if (held !== null && steadyMs() < held.untilMs) return ok(held.token)
        return await ask()
      } catch (error) {
        return fail(`no token for the revocation feed: ${(error as Error).message}`)
      }
    },
    forget: () => {
      held = null
    },
  }
}
