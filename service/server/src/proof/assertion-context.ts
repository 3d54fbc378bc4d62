import type { PublicJwk } from '@mintmark/registry/application'
import type { MasterKey } from '../signing/master-key.ts'

/** What checking an assertion needs besides the client. */
export interface AssertionContext {
  readonly issuer: string
  /** Every name of ours that the identity-domain policy accepts in `aud`. */
  readonly acceptedAudiences: ReadonlySet<string>
  readonly masterKey: MasterKey
  readonly remoteKeys: (uri: string, kid: string | null) => Promise<readonly PublicJwk[] | null>
  readonly nowMs: number
}
