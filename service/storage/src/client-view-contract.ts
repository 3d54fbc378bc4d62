import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Application } from '@mintmark/registry/application'
import type { Grant } from '@mintmark/registry/grant'
import type { GroupMember } from '@mintmark/registry/group'
import type { RegistryTransaction } from '@mintmark/registry/registry'
import { loadClient } from './client-snapshot.ts'
import { fillClientViews, loadClientText, renewClientViews } from './client-views.ts'
import { type CreateTestDatabase, withDatabase } from './contract-database.ts'
import { sampleGroup } from './contract-people.ts'
import {
  domainA,
  sampleApplication,
  sampleCertificate,
  sampleDomain,
  sampleGrant,
  sampleResourceServer,
  sampleRole,
  sampleSecret,
} from './contract-records.ts'
import type { Database } from './database.ts'
import { createChangeSet, openRegistryTransaction } from './stored-registry.ts'
import {
  createSharedParts,
  deleteClientView,
  findClientView,
  putClientView,
  readClientView,
  writeClientView,
} from './tables/client-view.ts'
import { putIdentityDomain } from './tables/identity-domain.ts'

const orders = sampleApplication(domainA, 'orders', {
  client: null,
  resourceServer: sampleResourceServer,
})
const nightly = sampleApplication(domainA, 'nightly')
const reader = sampleRole(domainA, orders.id, 'Reader')
const writer = sampleRole(domainA, orders.id, 'Writer')
const group = sampleGroup(domainA, 'night shift')
const toGroup: Grant = { ...sampleGrant(reader, group.id), granteeType: 'Group', id: 'to-group' }
const member: GroupMember = { groupId: group.id, memberType: 'App', memberId: nightly.id }
const certificate = sampleCertificate(domainA, 'nightly-cert')
const secret = sampleSecret(domainA, nightly.id, 'first')
const inactive: Application = { ...nightly, active: false, version: 2 }

type Work = (registry: RegistryTransaction) => Promise<void>

/** Each changes what a token needs of the client, one after the other. */
const steps: readonly (readonly [name: string, work: Work])[] = [
  ['create', (r) => r.putApplication(nightly)],
  ['add a secret', (r) => r.putSecret(secret)],
  ['let a secret end', (r) => r.putSecret({ ...secret, endsAtMs: 5 })],
  ['grant a role', (r) => r.putGrant(sampleGrant(writer, nightly.id))],
  ['make a group', (r) => r.putGroup(group)],
  ['grant a role to the group', (r) => r.putGrant(toGroup)],
  ['join the group', (r) => r.putMembers(group.id, [member])],
  ['take the role from the group', (r) => r.deleteGrant(toGroup.id)],
  ['give it back', (r) => r.putGrant(toGroup)],
  ['leave the group', (r) => r.putMembers(group.id, [])],
  ['join it again', (r) => r.putMembers(group.id, [member])],
  ['delete the group', (r) => r.deleteGroup(group.id)],
  ['store a certificate', (r) => r.putCertificate(certificate)],
  ['attach it', (r) => r.attachCertificates(nightly.id, [certificate.id])],
  ['replace it', (r) => r.putCertificate({ ...certificate, version: 2 })],
  ['delete it', (r) => r.deleteCertificate(certificate.id)],
  ['delete the role', (r) => r.deleteRole(writer.id)],
  ['deactivate', (r) => r.putApplication(inactive)],
  ['delete the secret', (r) => r.deleteSecret(nightly.id, secret.id)],
  ['delete', (r) => r.deleteApplication(nightly.id)],
  ['create again', (r) => r.putApplication(nightly)],
  ['delete with the API', (r) => r.deleteApplication(orders.id)],
]

const change = (database: Database, work: Work, isRenewed: boolean): Promise<void> =>
  database.transaction(async (statements) => {
    const changes = createChangeSet()
    await work(openRegistryTransaction(statements, domainA, changes, database.dialect))
    if (isRenewed) await renewClientViews(statements, domainA, changes.clientIds)
  })

const seed = async (database: Database): Promise<void> => {
  await database.transaction((statements) => putIdentityDomain(statements, sampleDomain(domainA)))
  await change(
    database,
    async (registry) => {
      await registry.putApplication(orders)
      await registry.putRole(reader)
      await registry.putRole(writer)
    },
    false,
  )
}

/** What the tables say of the client now, as a view says it. */
const truth = async ({ read }: Database, clientId: string) => {
  const client = await loadClient(read, domainA, clientId)
  return client && readClientView(writeClientView(client), clientId, createSharedParts(domainA))
}

const fill = async (database: Database): Promise<void> =>
  fillClientViews(database, domainA, () => false)

/** No view may say what has been changed: a token would be decided by it. */
export const clientViewContract = (create: CreateTestDatabase): void => {
  for (const isRenewed of [true, false]) {
    it(`never views a client as it was, ${isRenewed ? 'renewed' : 'taken away'} by a change`, () =>
      withDatabase(create, async (database) => {
        await seed(database)
        const shared = createSharedParts(domainA)
        for (const [name, work] of steps) {
          await change(database, work, isRenewed)
          const now = await truth(database, 'nightly')
          const text = await loadClientText(database.read, domainA, 'nightly')
          const said = text && readClientView(shared.shorten(text), 'nightly', shared)
          assert.deepEqual(said, now, name)
          const isViewed = (await findClientView(database.read, domainA, 'nightly')) !== null
          if (isRenewed) assert.equal(isViewed, now !== null, name)
          // so that the next change has one to take away
          else if (now !== null) {
            await database.transaction((statements) =>
              renewClientViews(statements, domainA, new Set(['nightly'])),
            )
          }
        }
      }))
  }

  it('asks one statement of a client that is viewed', () =>
    withDatabase(create, async (database) => {
      await seed(database)
      await change(database, (registry) => registry.putApplication(nightly), true)
      const before = database.statementCount()
      await loadClientText(database.read, domainA, 'nightly')
      assert.equal(database.statementCount() - before, 1)
    }))

  it('fills what is missing, and looks again only after it was left out', () =>
    withDatabase(create, async (database) => {
      await seed(database)
      const names = Array.from({ length: 120 }, (_, index) => `client${index}`)
      await change(
        database,
        async (registry) => {
          for (const name of names) await registry.putApplication(sampleApplication(domainA, name))
        },
        false,
      )
      await fill(database)
      for (const name of names) assert.ok(await findClientView(database.read, domainA, name))
      const takeAway = () =>
        database.transaction((statements) => deleteClientView(statements, domainA, 'client7'))
      await takeAway()
      await fill(database)
      assert.equal(await findClientView(database.read, domainA, 'client7'), null)
      const many = new Set(Array.from({ length: 5001 }, (_, index) => `client${index}`))
      await database.transaction((statements) => renewClientViews(statements, domainA, many))
      await fill(database)
      assert.ok(await findClientView(database.read, domainA, 'client7'))
    }))

  it('tells clients apart whatever their number says', () =>
    withDatabase(create, async (database) => {
      await seed(database)
      await database.transaction(async (statements) => {
        await putClientView(statements, domainA, 'nightly', '[0]\nnull')
        await statements.run('UPDATE client_view SET client_id = $1', ['other'])
      })
      assert.equal(await findClientView(database.read, domainA, 'nightly'), null)
      await database.transaction((statements) =>
        putClientView(statements, domainA, 'nightly', '[0]\nnull'),
      )
      assert.ok(await findClientView(database.read, domainA, 'nightly'))
    }))
}
