import type { SigningAlgorithm } from './application.ts'

/**
 * announced: made, nobody sees it · published: in the key set, signs nothing yet · active: signs ·
 * retired: signs nothing, stays in the key set until the last token it signed has expired.
 */
export type SigningKeyState = 'announced' | 'published' | 'active' | 'retired'

export interface SigningKey {
  readonly domain: string
  readonly kid: string
  readonly algorithm: SigningAlgorithm
  readonly state: SigningKeyState
  /** PKCS#8 sealed under the master key. */
  readonly sealedPrivateKey: string
  readonly publicJwk: Readonly<Record<string, string>>
  /** Base64 DER of its self-signed certificate. */
  readonly certificate: string
  readonly x5t: string
  readonly x5tS256: string
  readonly createdAtMs: number
  /** When it entered its present state; what rotation reads, so that a crash loses no step. */
  readonly stateSinceMs: number
}
