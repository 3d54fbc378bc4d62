import { breathe } from './breathe.ts'
import { loadClient } from './client-snapshot.ts'
import type { Database, Statements } from './database.ts'
import { findClientView, isReadable, putClientView, writeClientView } from './tables/client-view.ts'

/**
 * Views are what tokens need of a client in one short row, found by one number. They are made of
 * the other tables and say nothing that those do not: a change takes the views of its clients away,
 * and a client without one is read from where it is kept.
 */
export const loadClientText = async (
  statements: Statements,
  domainId: string,
  clientId: string,
): Promise<string | null> => {
  const body = await findClientView(statements, domainId, clientId)
  if (body !== null && isReadable(body)) return body
  const loaded = await loadClient(statements, domainId, clientId)
  return loaded === null ? null : writeClientView(loaded)
}

/** Views made together with the change that took them away: half a second of one writer. */
const viewsAtOnceMax = 5000

const subject = 'client-view'
const begun = 0
const complete = 1

/**
 * Makes the views of clients that a transaction has changed, at its end. When they are very many
 * it leaves them to `fillClientViews`.
 */
export const renewClientViews = async (
  statements: Statements,
  domainId: string,
  clientIds: ReadonlySet<string>,
): Promise<void> => {
  if (clientIds.size > viewsAtOnceMax) {
    await statements.run('DELETE FROM sweep_mark WHERE domain_id = $1 AND subject = $2', [
      domainId,
      subject,
    ])
    return
  }
  for (const clientId of clientIds) await makeView(statements, domainId, clientId)
}

/**
 * Has all views of a database made anew beside the other work. Those that there are belong to
 * another schema, so that nobody reads them any more: to take them away would take seconds.
 */
export const refillClientViews = async (statements: Statements): Promise<void> => {
  await statements.run('DELETE FROM sweep_mark WHERE subject = $1', [subject])
}

const makeView = async (
  statements: Statements,
  domainId: string,
  clientId: string,
): Promise<void> => {
  const client = await loadClient(statements, domainId, clientId)
  if (client === null) return
  await putClientView(statements, domainId, clientId, writeClientView(client))
}

/** Clients looked at in one transaction: what an answer may have to wait for. */
const clientsAtOnce = 50

const fillPage = async (
  statements: Statements,
  domainId: string,
  after: string,
): Promise<string | null> => {
  const rows = await statements.all(
    `SELECT client_id FROM application WHERE domain_id = $1 AND client_id > $2
     ORDER BY client_id LIMIT $3`,
    [domainId, after, clientsAtOnce],
  )
  const clientIds = rows.map((row) => row['client_id'] as string)
  for (const clientId of clientIds) {
    const body = await findClientView(statements, domainId, clientId)
    if (body !== null && isReadable(body)) continue
    await makeView(statements, domainId, clientId)
  }
  if (clientIds.length === clientsAtOnce) return clientIds.at(-1) ?? null
  // unless views were left out meanwhile
  await statements.run(
    `UPDATE sweep_mark SET swept_until_ms = $3
     WHERE domain_id = $1 AND subject = $2 AND swept_until_ms = $4`,
    [domainId, subject, complete, begun],
  )
  return null
}

/**
 * Makes the views that are missing, a few at a time beside the other work: after an upgrade, or a
 * change of very many clients. Call it every minute or so, not twice at a time.
 *
 * @param isClosed asked before each step
 */
export const fillClientViews = async (
  { read, transaction }: Pick<Database, 'read' | 'transaction'>,
  domainId: string,
  isClosed: () => boolean,
): Promise<void> => {
  const marks = await read.all(
    'SELECT swept_until_ms FROM sweep_mark WHERE domain_id = $1 AND subject = $2',
    [domainId, subject],
  )
  if (Number(marks[0]?.['swept_until_ms'] ?? begun) === complete) return
  await transaction((statements) =>
    statements.run(
      `INSERT INTO sweep_mark (domain_id, subject, swept_until_ms) VALUES ($1, $2, $3)
       ON CONFLICT (domain_id, subject) DO NOTHING`,
      [domainId, subject, begun],
    ),
  )
  let after: string | null = ''
  while (after !== null && !isClosed()) {
    const from: string = after
    // what is made of stored rows may be seen before it is stored itself
    after = await transaction(
      (statements) => fillPage(statements, domainId, from),
      undefined,
      'aside',
    )
    await breathe()
  }
}
