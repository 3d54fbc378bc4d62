import type { Catalog, ClientSnapshot, ResourceServer } from '@mintmark/registry/snapshot'
import { type TokenFacts, wasIssuedTo } from './token-facts.ts'

/** Why a token that we signed is none any more. */
export type EndedReason =
  | 'EXPIRED'
  | 'NOT_YET_VALID'
  | 'REVOKED'
  | 'CLIENT_GONE'
  | 'CLIENT_INACTIVE'
  | 'API_GONE'

/** All that the state of a token depends on, read before. */
export interface TokenState {
  /** The client the token was issued to, as it is now; null: deleted. */
  readonly issuedTo: ClientSnapshot | null
  readonly revoked: boolean
  readonly nowSeconds: number
  readonly catalog: Catalog
}

/** How far ahead the clock of another process of ours may be, seconds. */
const skewSeconds = 60

/** Whether a token is still one, whoever asks; null: it is. */
export const judgeToken = (token: TokenFacts, state: TokenState): EndedReason | null => {
  const { issuedTo, nowSeconds } = state
  if (token.expiresAtSeconds <= nowSeconds) return 'EXPIRED'
  if (token.issuedAtSeconds > nowSeconds + skewSeconds) return 'NOT_YET_VALID'
  if (state.revoked) return 'REVOKED'
  if (issuedTo === null || !wasIssuedTo(token, issuedTo.application)) return 'CLIENT_GONE'
  if (!issuedTo.application.active) return 'CLIENT_INACTIVE'
  return isForAnyActiveServer(token, state.catalog) ? null : 'API_GONE'
}

/** Where the API itself was switched off or deleted, nobody is left to accept the token. */
const isForAnyActiveServer = (token: TokenFacts, catalog: Catalog): boolean =>
  token.audience.some(
    (each) =>
      each.startsWith(widePrefix) || catalog.byAudience.get(each)?.application.active === true,
  )

/** Whether a resource server may accept the token by its audience. */
export const isForServer = (token: TokenFacts, server: ResourceServer): boolean =>
  token.audience.some((each) => server.audiences.includes(each) || isWideAudience(each, server))

/** Audiences of the issuance policies that name no single resource server. */
const widePrefix = 'urn:opc:resource:scope:'

const isWideAudience = (audience: string, server: ResourceServer): boolean => {
  if (audience === `${widePrefix}account`) return true
  const prefix = `${widePrefix}tag=`
  if (!audience.startsWith(prefix)) return false
  return server.application.tags.some(({ key, value }) =>
    tagsOf(audience.slice(prefix.length)).some((tag) => tag.key === key && tag.value === value),
  )
}

/** The tags inside an audience we signed ourselves. */
const tagsOf = (encoded: string): readonly { key: string; value: string }[] => {
  const bytes = Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0))
  const parsed = JSON.parse(new TextDecoder().decode(bytes)) as {
    tags?: readonly { key: string; value: string }[]
  }
  return parsed.tags ?? []
}
