import type { Application } from './application.ts'

/** A role that an application holds, by itself or as a member of a group. */
export interface RoleHolding {
  readonly roleId: string
  /** null: the role was given to the application itself. */
  readonly group: { readonly id: string; readonly displayName: string } | null
}

/** An application with what decides how far it reaches. */
export interface AccessHolder {
  readonly application: Application
  readonly holdings: readonly RoleHolding[]
}
