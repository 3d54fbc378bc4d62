import type { Application } from '@mintmark/registry/application'
import { breathe } from './breathe.ts'
import type { Database, Statements } from './database.ts'
import { fillApplicationValues } from './tables/application.ts'
import { createCountChange } from './tables/application-count.ts'
import { findStanding, putCountedUntil } from './tables/registry-standing.ts'
import { parseRecord } from './tables/table.ts'

/** Applications counted in one transaction: what an answer may have to wait for. */
const applicationsAtOnce = 50

/** Whether there is more to do. */
const countPage = async (statements: Statements, domainId: string): Promise<boolean> => {
  const { countedUntil } = await findStanding(statements, domainId)
  if (countedUntil === null) return false
  const rows = await statements.all(
    'SELECT record FROM application WHERE domain_id = $1 AND id > $2 ORDER BY id LIMIT $3',
    [domainId, countedUntil, applicationsAtOnce],
  )
  const items = rows.map((row) => parseRecord<Application>(row))
  const change = createCountChange()
  for (const item of items) {
    await fillApplicationValues(statements, domainId, item)
    change.add(item, 1)
  }
  await change.store(statements, domainId)
  const last = items.length < applicationsAtOnce ? undefined : items.at(-1)
  await putCountedUntil(statements, domainId, last?.id ?? null)
  return last !== undefined
}

/**
 * Counts the applications that are not counted yet, a few at a time beside the other work: after
 * an upgrade. Those that are changed meanwhile are counted with their change, if their turn was
 * before.
 *
 * @param isClosed asked before each step
 */
export const countApplications = async (
  { read, transaction }: Pick<Database, 'read' | 'transaction'>,
  domainId: string,
  isClosed: () => boolean,
): Promise<void> => {
  let isMore = (await findStanding(read, domainId)).countedUntil !== null
  while (isMore && !isClosed()) {
    // what is made of stored rows may be seen before it is stored itself
    isMore = await transaction((statements) => countPage(statements, domainId), undefined, 'aside')
    await breathe()
  }
}
