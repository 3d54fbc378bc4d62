import { isSignedBy, readKeySet, selectKeys } from '@mintmark/guard/verifying-key'
import { type AuditCheckpoint, auditCheckpointType } from '@mintmark/protocol/audit-checkpoint'
import { mediaTypeEquals, readCompactJwt } from '@mintmark/protocol/rfc7519-json-web-token'
import type { Json } from '../domain-file/present-state.ts'

/** `unsigned`: nobody could check it, for want of keys. */
export type Checkpoint =
  | { readonly kind: 'signed' | 'unsigned'; readonly claims: AuditCheckpoint }
  | { readonly kind: 'forged'; readonly message: string }

const charsMax = 10_000
const forged = (message: string): Checkpoint => ({ kind: 'forged', message })

/**
 * Reads a checkpoint and checks its signature.
 * @param keySet RFC 7517; a key that has left it since leaves its checkpoints unchecked
 */
export const readCheckpoint = (text: string, keySet: Json | null): Checkpoint => {
  const jwt = readCompactJwt(text, { lengthMax: charsMax })
  if (!jwt.ok) return forged(`it is no JWT (${jwt.failure})`)
  const { header, claims, signingInput, signature } = jwt.value
  const { alg, kid, typ } = header
  if (!mediaTypeEquals(typ, auditCheckpointType)) return forged('it is of another type')
  if (alg !== 'ES256' || typeof kid !== 'string') return forged('it names no key')
  const { sub, iat, sequence, hash } = claims
  const isRead =
    typeof sub === 'string' &&
    typeof iat === 'number' &&
    typeof sequence === 'number' &&
    typeof hash === 'string'
  if (!isRead) return forged('it cannot be understood')
  const checkpoint = { sub, iat, sequence, hash }
  if (keySet === null) return { kind: 'unsigned', claims: checkpoint }
  const held = readKeySet(keySet as Parameters<typeof readKeySet>[0], false) ?? []
  const keys = selectKeys(held, { kid, algorithm: alg, thumbprint: null })
  if (keys.length === 0) return { kind: 'unsigned', claims: checkpoint }
  const isSigned = keys.some((key) => isSignedBy(key, alg, signingInput, signature))
  return isSigned ? { kind: 'signed', claims: checkpoint } : forged('its signature is wrong')
}
