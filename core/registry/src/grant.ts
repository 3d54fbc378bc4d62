export type GranteeType = 'App' | 'User' | 'Group'

/** The record that gives an app role to a grantee. SCIM `Grant`. Immutable. */
export interface Grant {
  readonly domain: string
  readonly id: string
  /** The application that defines the role. */
  readonly applicationId: string
  readonly roleId: string
  readonly granteeType: GranteeType
  readonly granteeId: string
  readonly mechanism: string
  readonly grantorId: string | null
  /** Absent: an application. */
  readonly grantorType?: 'User'
  readonly createdAtMs: number
}
