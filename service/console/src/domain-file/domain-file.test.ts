import { deepEqual } from 'node:assert/strict'
import { it } from 'node:test'
import { wrongLines } from './domain-file.ts'

it('lines of a refusal are those of its places', () => {
  const message = 'domain.yaml:2:5  apis[0].nam: no such field\n    - nam: x\ndomain.yaml:14:1  y'
  deepEqual([...wrongLines(message)], [2, 14])
  deepEqual([...wrongLines('The server answered with status 500.')], [])
})
