import assert from 'node:assert/strict'
import { test } from 'node:test'
import { originForm } from './request-target.ts'

const cases: readonly (readonly [target: string, form: string])[] = [
  ['/', '/'],
  ['/admin/v1/Apps?filter=a%20eq%20%22b%22', '/admin/v1/Apps?filter=a%20eq%20%22b%22'],
  ['/%61dmin/v%31/Apps?a=%61', '/admin/v1/Apps?a=%61'],
  ['/%2561dmin', '/%2561dmin'],
  ['/admin%2Fv1', '/admin%2Fv1'],
  ['/a%2E%7e%5F%2d', '/a.~_-'],
  ['/%zz', '/%zz'],
  ['http://host:1/admin/v1/Apps', '/admin/v1/Apps'],
  ['HTTPS://host/%61?x', '/a?x'],
  ['http://host', '/'],
  ['http://host?x', '/?x'],
  ['/http://host/x', '/http://host/x'],
  ['*', '*'],
]

for (const [target, form] of cases) {
  test(`${target} is ${form}`, () => assert.equal(originForm(target), form))
}
