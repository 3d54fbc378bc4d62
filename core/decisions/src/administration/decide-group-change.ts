import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import type { AppRole } from '@mintmark/registry/app-role'
import type { Group, GroupMember } from '@mintmark/registry/group'
import {
  type Change,
  type ChangeStep,
  difference,
  noChange,
  type Stamp,
  sameValue,
  signedBy,
} from './change.ts'
import { decideConferral, mayUse } from './decide-access.ts'
import { type AccessLost, endAccess } from './end-tokens.ts'

export const groupNameCharsMax = 255
export const groupMembersMax = 2000

/** Somebody as a member: who it is, whatever group it is in. */
export type MemberReference = Pick<GroupMember, 'memberType' | 'memberId'>

/** What an administrator wants a group to be. */
export interface GroupWish {
  readonly displayName: string
  readonly externalId: string | null
  readonly members: readonly MemberReference[]
  readonly attributes: Readonly<Record<string, unknown>>
}

/** What a change of a group looks at. */
export interface GroupView {
  /** Another group with the wished name, whatever its case. */
  readonly sameDisplayName: Group | null
  readonly presentMembers: readonly GroupMember[]
  /** The wished member that does not exist. */
  readonly unknownMember: MemberReference | null
  /** Roles that the group holds, and so confers on whoever is in it. */
  readonly heldRoles: readonly AppRole[]
  /** What clients that leave it lose with its roles. */
  readonly lost: AccessLost
}

type Check = Result<null, AdministrationRefusal>
type Made = Result<{ readonly group: Group; readonly change: Change }, AdministrationRefusal>

const checkName = (displayName: string, view: GroupView): Check => {
  const at = 'displayName'
  if (displayName.trim() !== displayName || displayName === '' || /\p{Cc}/u.test(displayName)) {
    return refuseChange('VALUE_INVALID', 'displayName must be a readable name.', {
      why: 'It has no space at its ends and no control characters.',
      at,
    })
  }
  if (displayName.length > groupNameCharsMax) {
    const what = `displayName has at most ${groupNameCharsMax} characters.`
    return refuseChange('VALUE_TOO_LONG', what, { at })
  }
  if (view.sameDisplayName === null) return ok(null)
  const { id, displayName: taken } = view.sameDisplayName
  return refuseChange('VALUE_TAKEN', `There is a group "${taken}" already.`, {
    why: `Its id is ${id}; the case of a group's name says nothing.`,
    at,
  })
}

const checkMembers = (wish: GroupWish, view: GroupView): Check => {
  const at = 'members'
  if (wish.members.length > groupMembersMax) {
    return refuseChange('LIMIT_REACHED', `A group has at most ${groupMembersMax} members.`, { at })
  }
  if (view.unknownMember === null) return ok(null)
  const { memberType, memberId } = view.unknownMember
  return refuseChange(
    'REFERENCE_UNKNOWN',
    `Group.members references a ${memberType} with ID ${memberId} that does not exist.`,
    { fix: 'A member is the id of a user, or of an application with type App.', at },
  )
}

const checkWish = (wish: GroupWish, view: GroupView): Check => {
  const name = checkName(wish.displayName, view)
  if (!name.ok) return name
  if ((wish.externalId?.length ?? 0) > groupNameCharsMax) {
    return refuseChange('VALUE_TOO_LONG', 'externalId is too long.', { at: 'externalId' })
  }
  return checkMembers(wish, view)
}

/**
 * Coming into a group, or out of it, is getting or losing its roles. Who manages groups manages by
 * them which roles of APIs people have; which ones clients have is for whoever may grant them.
 * @param moved who comes or goes
 */
const checkConferral = (
  heldRoles: readonly AppRole[],
  moved: readonly MemberReference[],
  { administrator }: Stamp,
): Check => {
  for (const role of heldRoles) {
    const may = decideConferral(administrator, role)
    if (!may.ok) return may
  }
  const [role] = heldRoles
  const isAboutClients = moved.some(({ memberType }) => memberType === 'App')
  if (role === undefined || !isAboutClients) return ok(null)
  if (mayUse(administrator.roleNames, 'Grants', 'POST')) return ok(null)
  const what = `'${administrator.clientId}' may not give applications the role ${role.displayName}.`
  return refuseChange('ROLE_NOT_CONFERRABLE', what, {
    why: 'The group holds it, an application in the group has it, and it takes a right to grant.',
    fix: 'Ask an Application Administrator.',
  })
}

const keyOf = ({ memberType, memberId }: MemberReference): string => `${memberType} ${memberId}`

/** Each member once, in one order, so that the same set is the same list. */
const membersOf = (groupId: string, wished: readonly MemberReference[]): readonly GroupMember[] => {
  const once = new Map(wished.map((each) => [keyOf(each), each]))
  return [...once]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { memberType, memberId }]) => ({ groupId, memberType, memberId }))
}

const without = (
  some: readonly MemberReference[],
  others: readonly MemberReference[],
): readonly MemberReference[] => {
  const known = new Set(others.map(keyOf))
  return some.filter((each) => !known.has(keyOf(each)))
}

const objectOf = ({ id, displayName }: Group): string => `${id} ${displayName}`

/** A new group: nobody has given it a role yet, so its members gain nothing by it. */
export const decideGroupCreation = (wish: GroupWish, view: GroupView, stamp: Stamp): Made => {
  const fits = checkWish(wish, view)
  if (!fits.ok) return fits
  const { displayName, externalId, attributes } = wish
  const group: Group = {
    domain: stamp.domain,
    id: stamp.id,
    displayName,
    externalId,
    attributes: signedBy(attributes, null, stamp),
    version: 1,
    createdAtMs: stamp.nowMs,
    modifiedAtMs: stamp.nowMs,
  }
  const members = membersOf(group.id, wish.members)
  const steps: ChangeStep[] = [{ step: 'put-group', group }]
  if (members.length > 0) steps.push({ step: 'put-members', groupId: group.id, members })
  const change: Change = {
    steps,
    action: 'group.create',
    object: objectOf(group),
    before: null,
    after: { displayName, externalId, members: members.map(keyOf) },
  }
  return ok({ group, change })
}

/** A group as a whole by another; what is already so changes nothing. */
export const decideGroupReplacement = (
  present: Group,
  wish: GroupWish,
  view: GroupView,
  stamp: Stamp,
): Made => {
  const fits = checkWish(wish, view)
  if (!fits.ok) return fits
  const members = membersOf(present.id, wish.members)
  const joined = without(members, view.presentMembers)
  const left = without(view.presentMembers, members)
  const sameMembers = joined.length + left.length === 0
  if (!sameMembers) {
    const may = checkConferral(view.heldRoles, [...joined, ...left], stamp)
    if (!may.ok) return may
  }
  const { idcsCreatedBy, idcsLastModifiedBy: _, ...attributes } = present.attributes
  const { members: __, ...wished } = wish
  const action = 'group.replace'
  const same = sameValue({ ...present, ...wished }, { ...present, attributes })
  if (same && sameMembers) {
    return ok({ group: present, change: noChange(action, objectOf(present)) })
  }
  const group: Group = {
    ...present,
    ...wished,
    attributes: signedBy(wish.attributes, idcsCreatedBy, stamp),
    version: present.version + 1,
    modifiedAtMs: stamp.nowMs,
  }
  const steps: ChangeStep[] = [{ step: 'put-group', group }]
  if (!sameMembers) steps.push({ step: 'put-members', groupId: present.id, members })
  if (left.length > 0) steps.push(...endAccess(view.lost, stamp))
  const told = difference(present, group)
  const change: Change = {
    steps,
    action,
    object: objectOf(present),
    before: { ...told.before, ...(left.length > 0 ? { left: left.map(keyOf) } : {}) },
    after: { ...told.after, ...(joined.length > 0 ? { joined: joined.map(keyOf) } : {}) },
  }
  return ok({ group, change })
}

/** Deletes a group: its members lose its roles, so it takes the right to take these. */
export const decideGroupDeletion = (
  present: Group,
  view: Pick<GroupView, 'heldRoles' | 'presentMembers' | 'lost'>,
  stamp: Stamp,
): Result<Change, AdministrationRefusal> => {
  const may = checkConferral(view.heldRoles, view.presentMembers, stamp)
  if (!may.ok) return may
  const { displayName, externalId } = present
  return ok({
    steps: [{ step: 'delete-group', id: present.id }, ...endAccess(view.lost, stamp)],
    action: 'group.delete',
    object: objectOf(present),
    before: { displayName, externalId, members: view.presentMembers.map(keyOf) },
    after: null,
  })
}
