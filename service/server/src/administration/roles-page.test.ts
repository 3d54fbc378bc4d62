import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { renderRolesPage } from './roles-page.ts'

test('docs/administering/roles.md is what the table of roles says', () => {
  const page = new URL('../../../../docs/administering/roles.md', import.meta.url)
  const fix = 'run service/server/src/administration/write-roles-page.ts'
  assert.equal(readFileSync(page, 'utf8'), renderRolesPage(), fix)
})
