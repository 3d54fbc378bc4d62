/** A domain in a real database, for the tests of the administration API. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seedDomain } from '@mintmark/decisions/administration/built-in-application'
import { identityDomainAdministrator } from '@mintmark/decisions/administration/built-in-roles'
import type { RegistryTransaction } from '@mintmark/registry/registry'
import { migrate } from '@mintmark/storage/migrations/migrate'
import { openSqlite } from '@mintmark/storage/sqlite/sqlite-database'
import { createChangeSet, openRegistryTransaction } from '@mintmark/storage/stored-registry'
import { putIdentityDomain } from '@mintmark/storage/tables/identity-domain'
import { masterKeyOf } from '../signing/master-key.ts'
import { administer, prepareCommand } from './administration.ts'
import { inSlices } from './bulk-slices.ts'
import type { BulkSlice } from './bulk-standing.ts'
import { type AdministrationAnswer, type AdministrationCommand, RollBack } from './command.ts'
import { administrationContext } from './context.ts'
import { withRightsNow } from './rights-now.ts'

export const exampleDomain = {
  id: 'idcs-00000000000040008000000000000001',
  displayName: 'Default',
  createdAtMs: 1_700_000_000_000,
}

/** An answer, its body open for assertions. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: ReturnType<typeof JSON.parse>
}

export interface ExampleServer extends AsyncDisposable {
  call(method: string, path: string, body?: unknown, more?: CallOptions): Promise<Answer>
  read<T>(work: (transaction: RegistryTransaction) => Promise<T>): Promise<T>
  /** Every audit event stored so far. */
  events(): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** Time of the next call. */
  nowMs: number
  /** Transactions that calls have taken. */
  transactions: number
}

export interface CallOptions {
  /** Id of the administrator's application; absent: of one that is not in the registry. */
  readonly as?: string
  readonly roles?: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  /** How long one slice of a Bulk may take; 0: each operation is one. */
  readonly sliceMs?: number
  /** Whether nobody else wants to write meanwhile. */
  readonly isAlone?: () => boolean
  /** Called in each of the call's transactions; may throw, as a store that fails would. */
  readonly onMoment?: (moment: Moment, transaction: number) => void | Promise<void>
}

/** Of a transaction: before anything is done, before it is committed, and behind that. */
export type Moment = 'begun' | 'committing' | 'committed'

type Transact = <T>(work: (transaction: RegistryTransaction) => Promise<T>) => Promise<T>
type Event = Readonly<Record<string, unknown>>

const openDatabase = async (directory: string) => {
  const database = openSqlite({ path: join(directory, 'mintmark.db') })
  await migrate(database)
  await database.transaction((statements) => putIdentityDomain(statements, exampleDomain))
  const transact: Transact = (work) =>
    database.transaction((statements) =>
      work(openRegistryTransaction(statements, exampleDomain.id, createChangeSet())),
    )
  await transact(async (transaction) => {
    const { application, roles } = seedDomain(exampleDomain, exampleDomain.createdAtMs)
    await transaction.putApplication(application)
    for (const role of roles) await transaction.putRole(role)
  })
  return { database, transact }
}

/** The same transaction, and what it puts on record. */
const listening = (transaction: RegistryTransaction, heard: Event[]): RegistryTransaction => ({
  ...transaction,
  audit: async (...events) => {
    heard.push(...events.map((event) => ({ ...event })))
    await transaction.audit(...events)
  },
})

const commandOf = (
  method: string,
  path: string,
  body: unknown,
  more: CallOptions,
): Omit<AdministrationCommand, 'ecid' | 'nowMs'> => ({
  method,
  path,
  query: more.query ?? {},
  headers: more.headers ?? {},
  // as it comes through the door: parsed JSON, nothing shared with the test
  body: JSON.parse(JSON.stringify(body)),
  principal: {
    applicationId: more.as ?? 'aaaaaaaaaaaa4aaa8aaaaaaaaaaaaaaa',
    clientId: 'admin',
    displayName: 'Admin',
    roleNames: more.roles ?? [identityDomainAdministrator],
  },
  source: '127.0.0.1',
})

/** Opens an empty domain; `issuer` as the configuration would pin it. */
export const openExampleServer = async (issuer: string | null = null): Promise<ExampleServer> => {
  const directory = mkdtempSync(join(tmpdir(), 'mintmark-administration-'))
  const { database, transact } = await openDatabase(directory)
  const parts = { address: () => ({ url: 'http://localhost:8480', secureUrl: null }), issuer }
  const context = administrationContext(parts, exampleDomain, masterKeyOf(Buffer.alloc(32)))
  const audited: Event[] = []
  let calls = 0
  const server: ExampleServer = {
    nowMs: exampleDomain.createdAtMs,
    transactions: 0,
    call: async (method, path, body = null, more = {}): Promise<Answer> => {
      calls++
      const call = { ...commandOf(method, path, body, more), ecid: `ecid-${calls}` }
      const command = await prepareCommand({ ...call, nowMs: server.nowMs }, context)
      const { sliceMs, isAlone, onMoment = () => {} } = more
      const run = async (slice: BulkSlice | null): Promise<AdministrationAnswer> => {
        server.transactions += 1
        const at = server.transactions
        const heard: Event[] = []
        const answer = await transact(async (transaction) => {
          await onMoment('begun', at)
          const own = { ...context, slice, transaction: listening(transaction, heard) }
          const isKnown = more.as !== undefined
          const principal = isKnown
            ? await withRightsNow(transaction, command.principal)
            : command.principal
          const said = await administer({ ...command, principal }, own)
          await onMoment('committing', at)
          return said
        })
        audited.push(...heard)
        await onMoment('committed', at)
        return answer
      }
      try {
        const pace = { ...(sliceMs !== undefined && { sliceMs }), ...(isAlone && { isAlone }) }
        return await inSlices(command, run, pace)
      } catch (error) {
        if (!(error instanceof RollBack)) throw error
        audited.push(...error.events.map((event) => ({ ...event })))
        return error.answer
      }
    },
    read: transact,
    events: async () => audited,
    [Symbol.asyncDispose]: async () => {
      await database.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
  return server
}

export const appUrn = 'urn:ietf:params:scim:schemas:oracle:idcs:App'
export const appExtension = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:App'

export const clientBody = (displayName: string, more: object = {}) => ({
  schemas: [appUrn],
  displayName,
  isOAuthClient: true,
  clientType: 'confidential',
  allowedGrants: ['client_credentials'],
  basedOnTemplate: { value: 'CustomWebAppTemplateId' },
  ...more,
})

export const apiBody = (displayName: string, audience: string, scopes: readonly string[]) => ({
  schemas: [appUrn],
  displayName,
  isOAuthResource: true,
  audience,
  scopes: scopes.map((value) => ({ value })),
  basedOnTemplate: { value: 'CustomWebAppTemplateId' },
})
