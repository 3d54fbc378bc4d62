/** A named set of users and applications. SCIM `Group`. */
export interface Group {
  readonly domain: string
  readonly id: string
  /** Unique whatever its case. */
  readonly displayName: string
  readonly externalId: string | null
  /** SCIM attributes that are kept and given back, and that no decision reads. */
  readonly attributes: Readonly<Record<string, unknown>>
  readonly version: number
  readonly createdAtMs: number
  readonly modifiedAtMs: number
}

/** That somebody belongs to a group. */
export interface GroupMember {
  readonly groupId: string
  readonly memberType: 'User' | 'App'
  readonly memberId: string
}
