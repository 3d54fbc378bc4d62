import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exitCodeOfStatus, exitCodes } from './exit-codes.ts'

const { conflict, forbidden, invalidInput, notFound, unexpected, unreachable } = exitCodes

const cases = [
  [400, invalidInput],
  [401, forbidden],
  [403, forbidden],
  [404, notFound],
  [405, unexpected],
  [409, conflict],
  [412, conflict],
  [413, invalidInput],
  [429, unreachable],
  [500, unexpected],
  [502, unreachable],
  [503, unreachable],
  [504, unreachable],
] as const

for (const [status, code] of cases) {
  test(`${status} ends a command with ${code}`, () => {
    assert.equal(exitCodeOfStatus(status), code)
  })
}
