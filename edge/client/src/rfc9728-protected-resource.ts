import { scopesOf, type TokenTarget } from './read-settings.ts'
import type { Challenge } from './rfc9110-challenge.ts'

/** What is needed to judge where an API says its tokens come from. */
export interface ResourceQuestion {
  /** The request that was refused. */
  readonly url: URL
  readonly challenge: Challenge
  readonly trustedIssuers: readonly string[]
  /** Scopes the client was configured with; the API's own wish comes first. */
  readonly scopes: readonly string[]
}

/**
 * Where the metadata is, if it may be asked for: at the API's own origin. Another address in the
 * challenge would let an API send its callers' requests anywhere.
 */
export const metadataAddress = ({ url, challenge }: ResourceQuestion): URL | null => {
  const text = challenge.parameters.get('resource_metadata')
  if (text === undefined) return null
  try {
    const address = new URL(text)
    return address.origin === url.origin && address.username === '' ? address : null
  } catch {
    return null
  }
}

const listOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []

/**
 * RFC 9728 §3.3: the resource must be the one that was asked, or this metadata is another's. A
 * resource covers what is below its path.
 */
export const covers = (resource: string, url: URL): boolean => {
  try {
    const { origin, pathname, search, hash } = new URL(resource)
    if (origin !== url.origin || search !== '' || hash !== '') return false
    const folder = pathname.endsWith('/') ? pathname : `${pathname}/`
    return url.pathname === pathname || url.pathname.startsWith(folder)
  } catch {
    return false
  }
}

/**
 * Reads protected resource metadata (RFC 9728 §2).
 * @returns what token to get; null when the document is of another resource, or names no issuer of
 * the trusted list
 */
export const readProtectedResource = (
  document: Readonly<Record<string, unknown>>,
  question: ResourceQuestion,
): TokenTarget | null => {
  const { resource } = document
  if (typeof resource !== 'string' || !covers(resource, question.url)) return null
  const servers = listOf(document['authorization_servers'])
  // Compared as they are: what only looks alike is somebody else.
  const issuer = servers.find((each) => question.trustedIssuers.includes(each))
  if (issuer === undefined) return null
  const wished = scopesOf(question.challenge.parameters.get('scope'))
  const scopes = wished.length > 0 ? wished : question.scopes
  return { issuer, audience: null, scopes, resource }
}
