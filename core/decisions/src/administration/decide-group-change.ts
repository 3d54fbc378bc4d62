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
import { decideConferral } from './decide-access.ts'

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

/** Coming into a group, or out of it, is getting or losing its roles. */
const checkConferral = (view: GroupView, stamp: Stamp): Check => {
  for (const role of view.heldRoles) {
    const may = decideConferral(stamp.administrator, role)
    if (!may.ok) return may
  }
  return ok(null)
}

const keyOf = ({ memberType, memberId }: MemberReference): string => `${memberType} ${memberId}`

/** Each member once, in one order, so that the same set is the same list. */
const membersOf = (groupId: string, wished: readonly MemberReference[]): readonly GroupMember[] => {
  const once = new Map(wished.map((each) => [keyOf(each), each]))
  return [...once]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { memberType, memberId }]) => ({ groupId, memberType, memberId }))
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
  const before = membersOf(present.id, view.presentMembers).map(keyOf)
  const members = membersOf(present.id, wish.members)
  const after = members.map(keyOf)
  const sameMembers = sameValue(before, after)
  if (!sameMembers) {
    const may = checkConferral(view, stamp)
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
  const told = difference(present, group)
  const joined = after.filter((each) => !before.includes(each))
  const left = before.filter((each) => !after.includes(each))
  const change: Change = {
    steps,
    action,
    object: objectOf(present),
    before: { ...told.before, ...(left.length > 0 ? { left } : {}) },
    after: { ...told.after, ...(joined.length > 0 ? { joined } : {}) },
  }
  return ok({ group, change })
}

/** Deletes a group: its members lose its roles, so it takes the right to take these. */
export const decideGroupDeletion = (
  present: Group,
  view: Pick<GroupView, 'heldRoles' | 'presentMembers'>,
  stamp: Stamp,
): Result<Change, AdministrationRefusal> => {
  const may = checkConferral({ ...view, sameDisplayName: null, unknownMember: null }, stamp)
  if (!may.ok) return may
  const { displayName, externalId } = present
  return ok({
    steps: [{ step: 'delete-group', id: present.id }],
    action: 'group.delete',
    object: objectOf(present),
    before: { displayName, externalId, members: view.presentMembers.map(keyOf) },
    after: null,
  })
}
