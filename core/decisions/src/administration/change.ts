import type { AppRole } from '@mintmark/registry/app-role'
import type { Application } from '@mintmark/registry/application'
import type { ClientCertificate, ClientSecret } from '@mintmark/registry/client-credential'
import type { CustomClaim } from '@mintmark/registry/custom-claim'
import type { Grant } from '@mintmark/registry/grant'
import type { Group, GroupMember } from '@mintmark/registry/group'
import type { DomainSettings } from '@mintmark/registry/identity-domain'
import type { PartnerCertificate } from '@mintmark/registry/partner-certificate'
import type { Revocation } from '@mintmark/registry/revocation'
import type { User } from '@mintmark/registry/user'
import type { Administrator } from './decide-access.ts'

/** One write to the registry, as data: decisions name it, the service does it. */
export type ChangeStep =
  | { readonly step: 'put-application'; readonly application: Application }
  | { readonly step: 'delete-application'; readonly id: string }
  | { readonly step: 'put-role'; readonly role: AppRole }
  | { readonly step: 'delete-role'; readonly id: string }
  | { readonly step: 'put-grant'; readonly grant: Grant }
  | { readonly step: 'delete-grant'; readonly grant: Grant }
  | { readonly step: 'put-secret'; readonly secret: ClientSecret }
  | { readonly step: 'delete-secret'; readonly applicationId: string; readonly id: string }
  | { readonly step: 'put-certificate'; readonly certificate: ClientCertificate }
  | { readonly step: 'delete-certificate'; readonly id: string }
  | {
      readonly step: 'attach-certificates'
      readonly applicationId: string
      readonly certificateIds: readonly string[]
    }
  | { readonly step: 'put-settings'; readonly settings: DomainSettings }
  | { readonly step: 'put-revocation'; readonly revocation: Revocation }
  | { readonly step: 'put-user'; readonly user: User }
  | { readonly step: 'delete-user'; readonly id: string }
  | { readonly step: 'put-group'; readonly group: Group }
  | { readonly step: 'delete-group'; readonly id: string }
  | {
      readonly step: 'put-members'
      readonly groupId: string
      readonly members: readonly GroupMember[]
    }
  | { readonly step: 'put-custom-claim'; readonly claim: CustomClaim }
  | { readonly step: 'delete-custom-claim'; readonly id: string }
  | { readonly step: 'put-partner-certificate'; readonly certificate: PartnerCertificate }
  | { readonly step: 'delete-partner-certificate'; readonly id: string }

/** What a change does, and how the audit tells it. No steps: everything is already so. */
export interface Change {
  readonly steps: readonly ChangeStep[]
  /** E.g. `application.create`. */
  readonly action: string
  /** Id and name of what it is about. */
  readonly object: string
  /** Members that differ, before and after; never anything secret. */
  readonly before: Readonly<Record<string, unknown>> | null
  readonly after: Readonly<Record<string, unknown>> | null
}

/** Who makes a change, where and when; `id` is for what the change makes, if it makes something. */
export interface Stamp {
  readonly domain: string
  readonly id: string
  readonly nowMs: number
  readonly administrator: Administrator
}

/** Whether two plain values say the same, whatever the order of their members. */
export const sameValue = (left: unknown, right: unknown): boolean => {
  if (Object.is(left, right)) return true
  if (typeof left !== 'object' || typeof right !== 'object' || !left || !right) return false
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false
    return left.every((each, at) => sameValue(each, right[at]))
  }
  const a = left as Readonly<Record<string, unknown>>
  const b = right as Readonly<Record<string, unknown>>
  const names = Object.keys(a)
  if (names.length !== Object.keys(b).length) return false
  return names.every((name) => Object.hasOwn(b, name) && sameValue(a[name], b[name]))
}

const stamps: ReadonlySet<string> = new Set(['version', 'createdAtMs', 'modifiedAtMs'])

/** The members that differ between two records, on each side, for the audit. */
export const difference = (before: object, after: object): Pick<Change, 'before' | 'after'> => {
  const left = before as Readonly<Record<string, unknown>>
  const right = after as Readonly<Record<string, unknown>>
  const names = Object.keys(right).filter(
    (name) => !stamps.has(name) && !sameValue(left[name], right[name]),
  )
  const pick = (record: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(names.map((name) => [name, record[name] ?? null]))
  return { before: pick(left), after: pick(right) }
}

/** A change that changes nothing: what was wished is so already. */
export const noChange = (action: string, object: string): Change => ({
  steps: [],
  action,
  object,
  before: null,
  after: null,
})

/** Kept beside the other attributes, and given back as `idcsCreatedBy` and `idcsLastModifiedBy`. */
export const signedBy = (
  attributes: Readonly<Record<string, unknown>>,
  createdBy: unknown,
  stamp: Stamp,
): Readonly<Record<string, unknown>> => {
  const { type, applicationId, displayName } = stamp.administrator
  const by = {
    ...(type === 'User' && { type }),
    value: applicationId,
    display: displayName,
  }
  return { ...attributes, idcsCreatedBy: createdBy ?? by, idcsLastModifiedBy: by }
}
