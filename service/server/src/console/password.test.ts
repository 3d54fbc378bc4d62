import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { digestPassword, isPassword, passwordFault } from './password.ts'

describe('a password', () => {
  it('rests as argon2id and is recognised, however its letters are put together', async () => {
    const phc = await digestPassword('zo\u00eb likes long walks')
    assert.match(phc, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    assert.equal(await isPassword('zoe\u0308 likes long walks', phc), true)
    assert.equal(await isPassword('zoe likes long walks', phc), false)
  })

  it('of nobody is never right', async () => {
    assert.equal(await isPassword('anything at all', null), false)
  })

  it('keeps no more than a few waiting, and goes on afterwards', async () => {
    const asked = Array.from({ length: 40 }, () => isPassword('wrong', null))
    const answers = await Promise.all(asked)
    assert.equal(answers.filter((each) => each === 'busy').length, 24)
    assert.equal(await isPassword('wrong', null), false)
  })

  for (const [password, isGood] of [
    ['short', false],
    ['aaaaaaaaaaaaaaaaaaaa', false],
    ['administrator!', false],
    ['x'.repeat(201), false],
    ['seven wise owls', true],
  ] as const) {
    it(`${isGood ? 'may' : 'may not'} be ${password.slice(0, 20)}`, () =>
      assert.equal(passwordFault(password, 'administrator') === null, isGood))
  }
})
