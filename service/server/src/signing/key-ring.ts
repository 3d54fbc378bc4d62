import { createPublicKey, type KeyObject } from 'node:crypto'
import type { SigningAlgorithm } from '@mintmark/registry/application'
import type { SigningKey } from '@mintmark/registry/signing-key'
import type { Catalog } from '@mintmark/registry/snapshot'
import type { MasterKey } from './master-key.ts'
import { type LoadedKey, loadSigningKey } from './signing-keys.ts'

/** A key that checks tokens of ours. */
export interface VerifyingKey {
  readonly key: KeyObject
  readonly algorithm: SigningAlgorithm
}

/** The keys of the catalog, opened once and kept as long as the catalog names them. */
export interface KeyRing {
  active(catalog: Catalog, algorithm: SigningAlgorithm): LoadedKey | null
  /** Any key that may have signed a living token, retired ones included. */
  verifying(catalog: Catalog, kid: string): VerifyingKey | null
}

export const createKeyRing = (masterKey: MasterKey): KeyRing => {
  const opened = new WeakMap<SigningKey, LoadedKey>()
  const checking = new WeakMap<Catalog, ReadonlyMap<string, VerifyingKey>>()
  return {
    active: (catalog, algorithm) => {
      const key = catalog.activeKey[algorithm]
      if (key === null) return null
      let loaded = opened.get(key)
      if (loaded === undefined) {
        loaded = loadSigningKey(key, masterKey)
        opened.set(key, loaded)
      }
      return loaded
    },
    verifying: (catalog, kid) => {
      let keys = checking.get(catalog)
      if (keys === undefined) {
        keys = new Map(catalog.signingKeys.map((key) => [key.kid, verifyingKey(key)]))
        checking.set(catalog, keys)
      }
      return keys.get(kid) ?? null
    },
  }
}

const verifyingKey = ({ publicJwk, algorithm }: SigningKey): VerifyingKey => ({
  key: createPublicKey({ key: { ...publicJwk }, format: 'jwk' }),
  algorithm,
})
