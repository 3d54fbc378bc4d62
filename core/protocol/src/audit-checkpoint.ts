/**
 * A checkpoint of the audit: the hash of its newest pack, signed, as a JWT (RFC 7519) of a type of
 * its own (RFC 8725 §3.11). Whoever keeps it elsewhere can tell an audit that was computed anew.
 */

/** `typ` of a checkpoint, so that none passes for an access token, and no token for one. */
export const auditCheckpointType = 'audit-checkpoint+jwt'

export interface AuditCheckpoint {
  /** Id of the identity domain. */
  readonly sub: string
  /** Seconds since the epoch. */
  readonly iat: number
  /** Of the pack. */
  readonly sequence: number
  /** SHA-256 in hexadecimal: over the hash of the pack before and the lines of this one. */
  readonly hash: string
}
