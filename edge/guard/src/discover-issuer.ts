/** Finding an issuer's addresses (RFC 8414 §3, OpenID Connect Discovery 1.0 §4). */
import { fail, ok, type Result } from '@mintmark/protocol/result'
import { revocationFeedMetadata } from '@mintmark/protocol/revocation-feed'
import type { JsonObject } from '@mintmark/protocol/rfc8259-strict-json'
import { metadataPathOf } from '@mintmark/protocol/rfc8414-server-metadata'
import { type FetchOptions, fetchDocument } from './fetch-document.ts'

export interface IssuerAddress {
  readonly issuer: string
  /**
   * Where the metadata lies, when that is not where the issuer's name says: an Oracle domain calls
   * itself `https://identity.oraclecloud.com/` whatever its host.
   */
  readonly discoveryUrl: string | null
}

export interface IssuerMetadata {
  readonly jwksUri: string | null
  readonly introspectionEndpoint: string | null
  readonly tokenEndpoint: string | null
  readonly revocationFeed: string | null
  /** Origin that the metadata came from: credentials are sent to no other unasked. */
  readonly origin: string
}

/** Addresses to ask, best first. */
export const discoveryUrlsOf = ({ issuer, discoveryUrl }: IssuerAddress): readonly string[] => {
  if (discoveryUrl !== null) return [discoveryUrl]
  const openId = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  return [new URL(issuer).origin + metadataPathOf(issuer), openId]
}

const textOf = (json: JsonObject, name: string): string | null => {
  const value = json[name]
  return typeof value === 'string' ? value : null
}

/**
 * Asks for the metadata of an issuer.
 * @returns the operator's message when no address answers, or answers for another issuer: RFC 8414
 * §3.3, compared letter by letter
 */
export const discoverIssuer = async (
  address: IssuerAddress,
  options: FetchOptions,
): Promise<Result<IssuerMetadata, string>> => {
  const messages: string[] = []
  for (const url of discoveryUrlsOf(address)) {
    const document = await fetchDocument(url, options)
    if (!document.ok) {
      messages.push(document.failure.message)
      continue
    }
    const { json } = document.value
    const named = textOf(json, 'issuer')
    if (named !== address.issuer) {
      const why = `${url} is the metadata of ${JSON.stringify(named)}, not of '${address.issuer}'`
      return fail(`${why}; set issuer to what the tokens say in iss, letter by letter`)
    }
    return ok({
      jwksUri: textOf(json, 'jwks_uri'),
      introspectionEndpoint: textOf(json, 'introspection_endpoint'),
      tokenEndpoint: textOf(json, 'token_endpoint'),
      revocationFeed: textOf(json, revocationFeedMetadata),
      origin: new URL(url).origin,
    })
  }
  return fail(messages.join('; '))
}
