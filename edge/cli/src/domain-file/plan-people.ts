import { didYouMean } from '@mintmark/protocol/closest-name'
import type { DomainDocument, GroupEntry, Named, UserEntry } from './domain-document.ts'
import type { Mistake } from './mistake.ts'
import { nameKey } from './name-key.ts'
import type { DiffLine, PlannedOperation } from './plan.ts'
import { type ApiNames, mistakeAt, planGrants, resolveRoleAccess } from './plan-grants.ts'
import { planRecord, type RecordPlan } from './plan-record.ts'
import { isObject, type Json, type PresentState, textOf } from './present-state.ts'

const core = 'urn:ietf:params:scim:schemas:core:2.0:'

/** Where the names of people and applications are looked up. */
export interface PeopleNames extends ApiNames {
  /** Ids of applications by the key of their name; references for what the request makes. */
  readonly applications: ReadonlyMap<string, string>
  readonly roleNames: ReadonlyMap<string, string>
}

export interface PersonPlan {
  readonly record: RecordPlan
  readonly grants: readonly PlannedOperation[]
  readonly lines: readonly DiffLine[]
  readonly mistakes: readonly Mistake[]
}

const withGrants = (
  record: RecordPlan,
  entry: UserEntry | GroupEntry,
  held: readonly Json[],
  around: PeopleNames,
): PersonPlan => {
  const mistakes: Mistake[] = []
  const wanted = resolveRoleAccess(entry.access, around, mistakes)
  const isUser = 'userName' in entry
  const name = isUser ? entry.userName : entry.name
  const kind = isUser ? 'user' : 'group'
  const grants = planGrants(
    {
      type: isUser ? 'User' : 'Group',
      id: record.id,
      about: `${kind} ${name}`,
      at: entry.at,
      held,
      namesOfHeld: around.roleNames,
    },
    wanted,
  )
  const isNew = record.id.startsWith('bulkId:')
  const texts = isNew ? [] : grants.texts
  const changes = record.lines.filter(({ mark }) => mark !== '=')
  const lines = [...changes, ...texts.map((text) => ({ mark: '~', kind, name, text }) as const)]
  return {
    record,
    grants: grants.operations,
    lines: lines.length === 0 ? record.lines : lines,
    mistakes: [...record.mistakes, ...mistakes],
  }
}

const planUser = (
  entry: UserEntry,
  index: number,
  state: PresentState,
  around: PeopleNames,
): PersonPlan => {
  const present = state.users.get(nameKey(entry.userName))
  const { userName, displayName, externalId, active, name } = entry
  const record = planRecord({
    kind: 'user',
    name: userName,
    at: entry.at,
    path: entry.path,
    endpoint: '/Users',
    schema: `${core}User`,
    bulkId: `user${index}`,
    present,
    said: {
      userName,
      displayName,
      externalId,
      name,
      emails: entry.emails.map(({ value, type, primary }) => ({
        value,
        ...(type === null ? {} : { type }),
        primary,
      })),
      ...(active === null ? {} : { active }),
      ...entry.attributes,
    },
  })
  const held = present === undefined ? [] : (state.grants.get(textOf(present, 'id')) ?? [])
  return withGrants(record, entry, held, around)
}

const memberForm = (value: unknown): unknown => {
  const members = Array.isArray(value) ? value.filter(isObject) : []
  return members.map((each) => `${textOf(each, 'type')} ${textOf(each, 'value')}`).toSorted()
}

const resolveMembers = (
  names: readonly Named[],
  type: 'User' | 'App',
  known: ReadonlyMap<string, string>,
  mistakes: Mistake[],
): readonly Json[] =>
  names.flatMap((named) => {
    const value = known.get(nameKey(named.value))
    if (value !== undefined) return [{ type, value }]
    const noun = type === 'User' ? 'user' : 'application'
    const fix = didYouMean(named.value, known.keys())
    mistakes.push(mistakeAt(named, `No ${noun} named "${named.value}".`, fix))
    return []
  })

const planGroup = (
  entry: GroupEntry,
  index: number,
  state: PresentState,
  around: PeopleNames & { readonly users: ReadonlyMap<string, string> },
): PersonPlan => {
  const present = state.groups.get(nameKey(entry.name))
  const mistakes: Mistake[] = []
  const record = planRecord({
    kind: 'group',
    name: entry.name,
    at: entry.at,
    path: entry.path,
    endpoint: '/Groups',
    schema: `${core}Group`,
    bulkId: `group${index}`,
    present,
    said: {
      displayName: entry.name,
      externalId: entry.externalId,
      members: [
        ...resolveMembers(entry.users, 'User', around.users, mistakes),
        ...resolveMembers(entry.applications, 'App', around.applications, mistakes),
      ],
      ...entry.attributes,
    },
    forms: { members: memberForm },
  })
  const held = present === undefined ? [] : (state.grants.get(textOf(present, 'id')) ?? [])
  const plan = withGrants(record, entry, held, around)
  return { ...plan, mistakes: [...plan.mistakes, ...mistakes] }
}

/** Users, then the groups that they are in. */
export const planPeople = (
  document: DomainDocument,
  state: PresentState,
  around: PeopleNames,
): readonly PersonPlan[] => {
  const users = document.users.map((entry, at) => planUser(entry, at, state, around))
  const ids = new Map([...state.users].map(([key, user]) => [key, textOf(user, 'id')]))
  document.users.forEach(({ userName }, at) => {
    ids.set(nameKey(userName), users[at]?.record.id ?? '')
  })
  const groups = document.groups.map((entry, at) =>
    planGroup(entry, at, state, { ...around, users: ids }),
  )
  return [...users, ...groups]
}
