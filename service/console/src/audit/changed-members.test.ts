import { deepEqual, equal } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { changedMembers, csvOf } from './changed-members.ts'

describe('members that an event has changed', () => {
  it('are of both sides', () => {
    const detail = { before: { active: true, a: 1 }, after: { active: false, b: [2] } }
    deepEqual(changedMembers({ detail }), [
      { name: 'active', before: true, after: false },
      { name: 'a', before: 1, after: undefined },
      { name: 'b', before: undefined, after: [2] },
    ])
  })
  it('are none where nothing is told', () => {
    deepEqual(changedMembers({}), [])
    deepEqual(changedMembers({ detail: { before: null, after: 'x' } }), [])
  })
})

describe('events as CSV', () => {
  const event = { at: '2026', ecid: 'e', action: 'user.create', result: 'ok' } as const
  it('quotes what needs it, and starts no formula', () => {
    const lines = csvOf([{ ...event, actor: '=1+1', object: 'a "b", c' }]).split('\r\n')
    equal(lines[0], 'at,actor,action,object,result,reason,source,ecid')
    equal(lines[1], `2026,'=1+1,user.create,"a ""b"", c",ok,,,e`)
    equal(lines[2], '')
  })
})
