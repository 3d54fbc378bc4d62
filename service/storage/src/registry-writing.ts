import { compareTexts } from '@mintmark/protocol/code-point-order'
import type { Application } from '@mintmark/registry/application'
import type { Grant } from '@mintmark/registry/grant'
import type { RegistryReader } from '@mintmark/registry/registry'
import type { Statements } from './database.ts'
import { createCountChange } from './tables/application-count.ts'
import { applicationsAttachedTo } from './tables/client-certificate.ts'
import { deleteClientView } from './tables/client-view.ts'
import { clientsInGroup } from './tables/group-member.ts'
import { touchRegistry } from './tables/registry-standing.ts'

/** Where a transaction writes and what it tells the caches afterwards. */
export interface Writing {
  /** Notes a change of the registry; gives the id up to which applications are counted, if any. */
  readonly touch: () => Promise<string | null>
  readonly statements: Statements
  readonly domainId: string
  /** What caches hold that has become untrue: the `ChangeSet` of the transaction. */
  readonly changes: { readonly clientIds: Set<string>; catalog: boolean }
  readonly reader: RegistryReader
  /** Client ids, which never change, of the applications that this transaction has put, by id. */
  readonly clientIds: Map<string, string>
  /** Clients whose views this transaction has taken away. */
  readonly unviewed: Set<string>
}

/** From here on their views say nothing any more, whoever makes them again. */
export const noteClients = async (
  writing: Writing,
  clientIds: readonly string[],
): Promise<void> => {
  const { statements, domainId, changes, unviewed } = writing
  for (const clientId of clientIds) {
    changes.clientIds.add(clientId)
    if (unviewed.has(clientId)) continue
    unviewed.add(clientId)
    await deleteClientView(statements, domainId, clientId)
  }
}

export const noteApplication = async (writing: Writing, applicationId: string): Promise<void> => {
  const known = writing.clientIds.get(applicationId)
  const clientId = known ?? (await writing.reader.findApplication(applicationId))?.clientId
  if (clientId !== undefined) await noteClients(writing, [clientId])
}

/** Whose roles a grant changes: a client's own, or those of every client in a group. */
export const noteGrantee = async (writing: Writing, grant: Grant): Promise<void> => {
  const { granteeType, granteeId } = grant
  if (granteeType === 'App') await noteApplication(writing, granteeId)
  if (granteeType !== 'Group') return
  await noteClients(writing, await clientsInGroup(writing.statements, writing.domainId, granteeId))
}

export const noteCertificate = async (writing: Writing, certificateId: string): Promise<void> => {
  const attached = await applicationsAttachedTo(writing.statements, writing.domainId, certificateId)
  await noteClients(
    writing,
    attached.map(({ clientId }) => clientId),
  )
}

/** Counts change with the application, unless its turn to be counted has not come. */
export const recount = async (
  { touch, statements, domainId }: Writing,
  before: Application | null,
  after: Application | null,
): Promise<void> => {
  const countedUntil = await touch()
  const id = (before ?? after)?.id ?? ''
  if (countedUntil !== null && compareTexts(id, countedUntil) > 0) return
  const change = createCountChange()
  if (before !== null) change.add(before, -1)
  if (after !== null) change.add(after, 1)
  await change.store(statements, domainId)
}

/** Statements of a transaction that note, before they write, that the registry changes. */
export const openWriting = (
  statements: Statements,
  domainId: string,
  changes: Writing['changes'],
  reader: RegistryReader,
): Writing => {
  let touched: Promise<string | null> | null = null
  const touch = (): Promise<string | null> => {
    touched ??= touchRegistry(statements, domainId)
    return touched
  }
  return {
    touch,
    statements: {
      all: statements.all,
      run: async (sql, params) => {
        await touch()
        return statements.run(sql, params)
      },
    },
    domainId,
    changes,
    reader,
    clientIds: new Map(),
    unviewed: new Set(),
  }
}
