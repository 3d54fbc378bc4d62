import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { builtInRoleByName } from '@mintmark/decisions/administration/built-in-roles'
import { migrate } from '@mintmark/storage/migrations/migrate'
import { openSqlite } from '@mintmark/storage/sqlite/sqlite-database'
import {
  createChangeSet,
  openRegistryTransaction,
  readRegistry,
} from '@mintmark/storage/stored-registry'
import { openDomain } from './open-domain.ts'

test('a domain is made once, and gets what newer versions add to its roles', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'mintmark-domain-'))
  const database = openSqlite({ path: join(directory, 'mintmark.db') })
  try {
    await migrate(database)
    const made = await openDomain(database, 1000)
    assert.equal(made.isNew, true)
    const registry = readRegistry(database.read, made.domain.id)
    const id = builtInRoleByName.get('Authenticator Client')?.id as string
    const role = await registry.findRole(id)
    assert.ok(role)
    const older = { ...role, conferredScopes: [], description: 'as it was', version: 4 }
    await database.transaction((statements) =>
      openRegistryTransaction(statements, made.domain.id, createChangeSet()).putRole(older),
    )
    const again = await openDomain(database, 2000)
    assert.deepEqual(again, { domain: made.domain, isNew: false })
    const expected = { ...role, version: 5, createdAtMs: 1000, modifiedAtMs: 2000 }
    assert.deepEqual(await registry.findRole(id), expected)
    // what is as it should be is not touched
    await openDomain(database, 3000)
    assert.deepEqual(await registry.findRole(id), expected)
    assert.equal((await registry.findApplication('IDCSAppId'))?.version, 1)
  } finally {
    await database.close()
    rmSync(directory, { recursive: true, force: true })
  }
})
