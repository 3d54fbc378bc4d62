import type { AssertionPolicy, ClientAuthenticationMethod } from './application.ts'
import type { OnceClaim } from './ledger.ts'

/** That a client is who it says, and by what it was shown. */
export interface ClientProof {
  readonly method: ClientAuthenticationMethod
  readonly clientId: string
  /** The credential that matched: a secret's id, a `kid`, a certificate's thumbprint. */
  readonly credential: string
  /** Base64url SHA-256 of a certificate proven in the handshake, whatever the method. */
  readonly certificateThumbprint: string | null
  /** RFC 7638 thumbprint of the key of a DPoP proof, shown for the token to be bound to it. */
  readonly keyThumbprint: string | null
  readonly assertionPolicy: AssertionPolicy | null
  /** Claims on the ledger that keep the proof from being used twice. */
  readonly once: readonly OnceClaim[]
}
