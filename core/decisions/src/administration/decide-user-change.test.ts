import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Result } from '@mintmark/protocol/result'
import type { UserEmail } from '@mintmark/registry/user'
import {
  decideUserCreation,
  decideUserDeletion,
  decideUserReplacement,
  type UserView,
  type UserWish,
} from './decide-user-change.ts'
import { stampOf, userOf } from './example-administration.ts'

const wish: UserWish = {
  userName: 'anna',
  displayName: 'Anna',
  externalId: null,
  active: null,
  givenName: 'Anna',
  familyName: 'Berg',
  emails: [{ value: 'anna@example.com', type: 'work', primary: true }],
  attributes: {},
}
const view: UserView = { sameUserName: null, heldBuiltInRoles: [] }
const manager = stampOf('User Manager')
const reasonOf = (result: Result<unknown, { readonly reason: string }>) =>
  result.ok ? 'ok' : result.failure.reason

const email = (value: string, type: string | null = null, primary = false): UserEmail => ({
  value,
  type,
  primary,
})

const wishes: readonly [Partial<UserWish>, string][] = [
  [{}, 'ok'],
  [{ userName: '' }, 'VALUE_INVALID'],
  [{ userName: ' anna' }, 'VALUE_INVALID'],
  [{ userName: 'an\nna' }, 'VALUE_INVALID'],
  [{ userName: 'x'.repeat(256) }, 'VALUE_TOO_LONG'],
  [{ userName: 'Åsa Öberg' }, 'ok'],
  [{ familyName: 'x'.repeat(256) }, 'VALUE_TOO_LONG'],
  [{ displayName: 'a\u0000' }, 'VALUE_INVALID'],
  [{ emails: [] }, 'ok'],
  [{ emails: [email('nobody')] }, 'VALUE_INVALID'],
  [{ emails: [email('a@b@c')] }, 'VALUE_INVALID'],
  [{ emails: [email(`${'x'.repeat(251)}@b.c`)] }, 'VALUE_INVALID'],
  [{ emails: [email('a@b'), email('A@b')] }, 'VALUE_INVALID'],
  [{ emails: [email('a@b', 'work'), email('a@b', 'home')] }, 'ok'],
  [{ emails: [email('a@b', null, true), email('c@d', null, true)] }, 'VALUE_INVALID'],
  [{ emails: Array.from({ length: 21 }, (_, at) => email(`a${at}@b`)) }, 'LIMIT_REACHED'],
]

test('what a user can be, made and replaced', () => {
  for (const [members, reason] of wishes) {
    const wished = { ...wish, ...members }
    const name = JSON.stringify(members).slice(0, 80)
    assert.equal(reasonOf(decideUserCreation(wished, view, manager)), reason, name)
    assert.equal(reasonOf(decideUserReplacement(userOf({}), wished, view, manager)), reason, name)
  }
  const taken = { ...view, sameUserName: userOf({ userName: 'ANNA' }) }
  assert.equal(reasonOf(decideUserCreation(wish, taken, manager)), 'VALUE_TAKEN')
})

test('a new user is active and signed; the same again changes nothing', () => {
  const made = decideUserCreation(wish, view, manager)
  assert.ok(made.ok)
  assert.equal(made.value.user.active, true)
  assert.deepEqual(made.value.user.attributes['idcsCreatedBy'], {
    value: 'admin-id',
    display: 'Admin',
  })
  const same = decideUserReplacement(made.value.user, wish, view, manager)
  assert.ok(same.ok)
  assert.deepEqual(same.value.change.steps, [])
  const off = decideUserReplacement(made.value.user, { ...wish, active: false }, view, manager)
  assert.ok(off.ok)
  assert.deepEqual(off.value.change.after, { active: false })
  assert.equal(off.value.user.version, 2)
})

test('nobody touches a user that may more, and nobody ends itself', () => {
  const touches: readonly [string, string[], string][] = [
    ['User Manager', [], 'ok'],
    ['User Manager', ['Help Desk Administrator'], 'ok'],
    ['User Manager', ['User Administrator'], 'APPLICATION_OUT_OF_REACH'],
    ['User Administrator', ['User Manager'], 'ok'],
    ['User Administrator', ['Identity Domain Administrator'], 'APPLICATION_OUT_OF_REACH'],
    ['Identity Domain Administrator', ['Identity Domain Administrator'], 'ok'],
  ]
  for (const [own, heldBuiltInRoles, reason] of touches) {
    const seen = { sameUserName: null, heldBuiltInRoles }
    const wished = { ...wish, displayName: 'X' }
    const results = [
      decideUserReplacement(userOf({}), wished, seen, stampOf(own)),
      decideUserDeletion(userOf({}), seen, stampOf(own)),
    ]
    for (const result of results)
      assert.equal(reasonOf(result), reason, `${own} ${heldBuiltInRoles}`)
  }
  const itself = userOf({ id: 'admin-id' })
  assert.equal(reasonOf(decideUserDeletion(itself, view, manager)), 'OWN_ACCOUNT')
  const off = decideUserReplacement(itself, { ...wish, active: false }, view, manager)
  assert.equal(reasonOf(off), 'OWN_ACCOUNT')
})
