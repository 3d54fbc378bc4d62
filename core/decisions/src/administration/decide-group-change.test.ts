import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Result } from '@mintmark/protocol/result'
import {
  decideGroupCreation,
  decideGroupDeletion,
  decideGroupReplacement,
  type GroupView,
  type GroupWish,
} from './decide-group-change.ts'
import { groupOf, seed, stampOf } from './example-administration.ts'

const user = (memberId: string) => ({ memberType: 'User' as const, memberId })
const wish: GroupWish = {
  displayName: 'Staff',
  externalId: null,
  members: [user('a')],
  attributes: {},
}
const view: GroupView = {
  sameDisplayName: null,
  presentMembers: [{ groupId: 'group-id', ...user('a') }],
  unknownMember: null,
  heldRoles: [],
  lost: { audiences: [], clientIds: [] },
}
const administrator = stampOf('User Administrator')
const reasonOf = (result: Result<unknown, { readonly reason: string }>) =>
  result.ok ? 'ok' : result.failure.reason

const wishes: readonly [Partial<GroupWish>, Partial<GroupView>, string][] = [
  [{}, {}, 'ok'],
  [{ displayName: '' }, {}, 'VALUE_INVALID'],
  [{ displayName: 'Staff ' }, {}, 'VALUE_INVALID'],
  [{ displayName: 'x'.repeat(256) }, {}, 'VALUE_TOO_LONG'],
  [{ externalId: 'x'.repeat(256) }, {}, 'VALUE_TOO_LONG'],
  [{}, { sameDisplayName: groupOf({}) }, 'VALUE_TAKEN'],
  [{ members: [user('b')] }, { unknownMember: user('b') }, 'REFERENCE_UNKNOWN'],
  [{ members: Array.from({ length: 2001 }, (_, at) => user(`u${at}`)) }, {}, 'LIMIT_REACHED'],
]

test('what a group can be, made and replaced', () => {
  for (const [members, seen, reason] of wishes) {
    const [wished, looked] = [
      { ...wish, ...members },
      { ...view, ...seen },
    ]
    const name = JSON.stringify(members).slice(0, 80)
    assert.equal(reasonOf(decideGroupCreation(wished, looked, administrator)), reason, name)
    const replaced = decideGroupReplacement(groupOf({}), wished, looked, administrator)
    assert.equal(reasonOf(replaced), reason, name)
  }
})

test('members are a set: order and repetition change nothing, and the audit says who came', () => {
  const wished = { ...wish, members: [user('b'), user('a'), user('b')] }
  const made = decideGroupReplacement(groupOf({}), wished, view, administrator)
  assert.ok(made.ok)
  assert.deepEqual(made.value.change.steps.at(-1), {
    step: 'put-members',
    groupId: 'group-id',
    members: ['a', 'b'].map((id) => ({ groupId: 'group-id', ...user(id) })),
  })
  assert.deepEqual(made.value.change.after?.['joined'], ['User b'])
  assert.equal(made.value.group.version, 4)
  const both = { ...view, presentMembers: ['b', 'a'].map((id) => ({ groupId: 'g', ...user(id) })) }
  const same = decideGroupReplacement(made.value.group, wished, both, administrator)
  assert.ok(same.ok)
  assert.deepEqual(same.value.change.steps, [])
  const emptied = decideGroupReplacement(groupOf({}), { ...wish, members: [] }, view, administrator)
  assert.ok(emptied.ok)
  assert.deepEqual(emptied.value.change.before?.['left'], ['User a'])
})

test('into and out of a group that holds a role: only who could give that role', () => {
  const role = (name: string) => seed.roles.find((each) => each.displayName === name)!
  const rows: readonly [string, string, boolean][] = [
    ['User Administrator', 'User Administrator', true],
    ['User Administrator', 'Help Desk Administrator', false],
    ['User Administrator', 'Application Administrator', false],
    ['Identity Domain Administrator', 'Application Administrator', true],
  ]
  for (const [own, held, may] of rows) {
    const seen = { ...view, heldRoles: [role(held)] }
    const by = stampOf(own)
    const expected = may ? 'ok' : 'ROLE_NOT_CONFERRABLE'
    for (const members of [[user('a'), user('b')], []]) {
      const result = decideGroupReplacement(groupOf({}), { ...wish, members }, seen, by)
      assert.equal(reasonOf(result), expected, `${own} ${held} ${members.length}`)
    }
    assert.equal(reasonOf(decideGroupDeletion(groupOf({}), seen, by)), expected)
    // a new name gives nobody anything
    const renamed = decideGroupReplacement(groupOf({}), { ...wish, displayName: 'X' }, seen, by)
    assert.equal(reasonOf(renamed), 'ok')
  }
})

test('roles of APIs come to people by their groups, to clients by who may grant', () => {
  const [role] = seed.roles
  assert.ok(role)
  const app = { memberType: 'App' as const, memberId: 'x' }
  const rows: readonly [string, boolean, (typeof app | ReturnType<typeof user>)[], string][] = [
    ['User Administrator', true, [user('a'), user('b')], 'ok'],
    ['User Administrator', true, [user('a'), app], 'ROLE_NOT_CONFERRABLE'],
    ['User Administrator', false, [user('a'), app], 'ok'],
    ['Identity Domain Administrator', true, [user('a'), app], 'ok'],
  ]
  for (const [own, holds, members, expected] of rows) {
    const seen = { ...view, heldRoles: holds ? [{ ...role, builtIn: false }] : [] }
    const by = stampOf(own)
    const joined = decideGroupReplacement(groupOf({}), { ...wish, members }, seen, by)
    assert.equal(reasonOf(joined), expected, `${own} ${holds} joins`)
    const presentMembers = members.map((each) => ({ groupId: 'group-id', ...each }))
    const inside = { ...seen, presentMembers }
    const left = decideGroupReplacement(groupOf({}), { ...wish, members: [] }, inside, by)
    const gone = decideGroupDeletion(groupOf({}), inside, by)
    assert.deepEqual([reasonOf(left), reasonOf(gone)], [expected, expected], `${own} ${holds}`)
  }
})
