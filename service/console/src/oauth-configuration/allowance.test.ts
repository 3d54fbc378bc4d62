import { deepEqual, equal, match } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type AppRecord, appExtension } from '../server/records.ts'
import {
  allowanceOf,
  allowanceOperations,
  allowanceWords,
  emptyAllowance,
  faultOfAllowance,
} from './allowance.ts'

const app = (said: object): AppRecord => ({
  id: '1',
  name: 'c',
  displayName: 'C',
  active: true,
  [appExtension]: said,
})
const at = (name: string) => `${appExtension}:${name}`

describe('re-use window and budgets', () => {
  const present = app({ tokensPerDay: 100, budgetMode: 'observe' })
  it('are read as they are, and nothing is sent where nothing was changed', () => {
    const draft = allowanceOf(present, 'client')
    deepEqual(draft, { reusePercent: '', perMinute: '', perDay: '100', mode: 'observe' })
    deepEqual(allowanceOperations(draft, present, 'client'), [])
    deepEqual(allowanceOf(present, 'api'), emptyAllowance)
  })
  it('go by the names of their side, and a mode goes with the last budget', () => {
    const draft = { ...emptyAllowance, reusePercent: '50', perMinute: '6' }
    deepEqual(allowanceOperations(draft, app({}), 'api'), [
      { op: 'replace', path: at('resourceTokenReusePercent'), value: 50 },
      { op: 'replace', path: at('resourceTokensPerMinute'), value: 6 },
      { op: 'replace', path: at('resourceBudgetMode'), value: 'enforce' },
    ])
    deepEqual(allowanceOperations(emptyAllowance, present, 'client'), [
      { op: 'remove', path: at('tokensPerDay') },
      { op: 'remove', path: at('budgetMode') },
    ])
  })
  it('are numbers', () => {
    equal(faultOfAllowance(emptyAllowance), null)
    match(faultOfAllowance({ ...emptyAllowance, reusePercent: '100' }) ?? '', /1 to 99/)
    match(faultOfAllowance({ ...emptyAllowance, perDay: '-1' }) ?? '', /whole number/)
    equal(allowanceWords(emptyAllowance), 'as many as are asked for')
    equal(
      allowanceWords({ ...emptyAllowance, reusePercent: '50', perDay: '9' }),
      'given again while 50 % of its life is left; 9 a day (enforce)',
    )
  })
})
