import type { CryptoKey, JWK } from 'jose'

/** A private key that its client signs with: imported, as JWK, or as PKCS#8 in PEM. */
export type ClientKey = CryptoKey | JWK | string
