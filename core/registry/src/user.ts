/**
 * A person, or a local account that grants and administrators are told apart by. SCIM `User`.
 * Nothing here signs anybody in.
 */
export interface User {
  readonly domain: string
  readonly id: string
  /** Unique whatever its case. */
  readonly userName: string
  readonly displayName: string | null
  readonly externalId: string | null
  readonly active: boolean
  readonly givenName: string | null
  readonly familyName: string | null
  readonly emails: readonly UserEmail[]
  /** SCIM attributes that are kept and given back, and that no decision reads. */
  readonly attributes: Readonly<Record<string, unknown>>
  readonly version: number
  readonly createdAtMs: number
  readonly modifiedAtMs: number
}

export interface UserEmail {
  readonly value: string
  readonly type: string | null
  readonly primary: boolean
}
