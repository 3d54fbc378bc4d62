import { type AuditSweepOrder, recordSweep, sweepAudit } from '../audit-sweep.ts'
import { type SharedDatabase, type Statements, StorageFailed } from '../database.ts'
import { packNear, packRange } from '../tables/audit-pack.ts'

/*
 * The audit on PostgreSQL lies in parts, each for a range of sequences; the last one has no end, so
 * that a pack always finds room, whoever writes it. A part that is wholly past its time is taken
 * off and dropped, which costs the same whatever it holds. For that each gets an end in time.
 */

export interface PartitionedSweepOrder extends AuditSweepOrder {
  readonly database: SharedDatabase
  /** A part is made for so many packs at least; default: a million. */
  readonly packsMin?: number
}

interface Part {
  readonly name: string
  /** First sequence; null: from the beginning. */
  readonly from: number | null
  /** One behind its last sequence; null: it has no end. */
  readonly to: number | null
}

interface OpenPart extends Part {
  /** Where it may get its end, and whether it is proved that it holds nothing behind. */
  readonly end: { readonly to: number; readonly isProved: boolean } | null
}

const dayMs = 86_400_000
/** Parts of one retention: each is looked at by whoever looks for the newest pack. */
const partsOfRetention = 16
const packsMinUsually = 1_000_000
/** Packs at the end of a part that are asked how old it is: clocks of servers differ. */
const lastPacks = 64
/** Whoever reads the audit may hold a part up; those that write do not wait for that. */
const lockWords = 'SET LOCAL lock_timeout = 100'
const constraint = 'audit_pack_end'

const rangeWords = /FROM \((?:'(-?\d+)'|MINVALUE)\) TO \((?:'(-?\d+)'|MAXVALUE)\)/

const partOf = (name: string, bound: string): Part => {
  const [, from, to] = rangeWords.exec(bound) ?? []
  return { name, from: from ? Number(from) : null, to: to ? Number(to) : null }
}

/** In the order of their packs. */
const listParts = async (statements: Statements): Promise<readonly Part[]> => {
  const rows = await statements.all(
    `SELECT c.relname::text AS name, pg_get_expr(c.relpartbound, c.oid) AS bound
     FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = to_regclass('audit_pack')`,
    [],
  )
  return rows
    .map((row) => partOf(row['name'] as string, row['bound'] as string))
    .toSorted((a, b) => (a.from ?? -1) - (b.from ?? -1))
}

const findOpenPart = async (statements: Statements): Promise<OpenPart | null> => {
  const part = (await listParts(statements)).at(-1)
  if (part === undefined || part.to !== null) return null
  const [row] = await statements.all(
    `SELECT convalidated AS proved, pg_get_constraintdef(oid) AS words FROM pg_constraint
     WHERE conrelid = to_regclass($1) AND conname = $2`,
    [part.name, constraint],
  )
  const [, to] = /sequence < '?(\d+)/.exec((row?.['words'] as string | undefined) ?? '') ?? []
  const end = to === undefined ? null : { to: Number(to), isProved: row?.['proved'] === true }
  return { ...part, end }
}

/** Milliseconds that one part is for. */
const spanOf = ({ nowMs, beforeMs }: AuditSweepOrder): number =>
  (nowMs - beforeMs) / partsOfRetention

/** Packs that come in the time of one part, should they come as they did the last day. */
const packsOfPart = async (
  statements: Statements,
  order: PartitionedSweepOrder,
  last: number,
): Promise<number> => {
  const { domainId, nowMs, packsMin = packsMinUsually } = order
  const ofDay = Math.max(0, last + 1 - (await packNear(statements, domainId, nowMs - dayMs)))
  return Math.max(packsMin, Math.ceil((ofDay * spanOf(order)) / dayMs))
}

/**
 * Says where the last part may end, when those that have an end are half full. From then on it
 * takes nothing behind that, so that it can be proved without keeping anybody from writing.
 *
 * @returns the part whose end is to be proved; null: there is room enough
 */
const chooseEnd = async (
  statements: Statements,
  order: PartitionedSweepOrder,
): Promise<string | null> => {
  const part = await findOpenPart(statements)
  if (part === null) return null
  const last = (await packRange(statements, order.domainId))?.last ?? 0
  const size = await packsOfPart(statements, order, last)
  if ((part.from ?? 0) - last > size / 2) {
    if (part.end !== null) await dropConstraint(statements, part.name)
    return null
  }
  if (part.end !== null && part.end.to - last > size / 4) return part.name
  const to = Math.max(last + 1, part.from ?? 0) + size
  const begins = part.from === null ? '' : `sequence >= ${part.from} AND `
  await statements.run(lockWords, [])
  await dropConstraint(statements, part.name)
  await statements.run(
    `ALTER TABLE ${part.name} ADD CONSTRAINT ${constraint}
     CHECK (${begins}sequence < ${to}) NOT VALID`,
    [],
  )
  return part.name
}

const dropConstraint = async (statements: Statements, name: string): Promise<void> => {
  await statements.run(`ALTER TABLE ${name} DROP CONSTRAINT IF EXISTS ${constraint}`, [])
}

/** Gives the last part its end, and makes one behind it: nothing of it is read. */
const setEnd = async (statements: Statements): Promise<void> => {
  const part = await findOpenPart(statements)
  if (part === null || !part.end?.isProved) return
  const { name, from, end } = part
  await statements.run(lockWords, [])
  await statements.run(`ALTER TABLE audit_pack DETACH PARTITION ${name}`, [])
  await statements.run(
    `ALTER TABLE audit_pack ATTACH PARTITION ${name}
     FOR VALUES FROM (${from ?? 'MINVALUE'}) TO (${end.to})`,
    [],
  )
  await dropConstraint(statements, name)
  await statements.run(
    `CREATE TABLE audit_pack_from_${end.to} PARTITION OF audit_pack
     FOR VALUES FROM (${end.to}) TO (MAXVALUE)`,
    [],
  )
}

const endLastPart = async (order: PartitionedSweepOrder): Promise<void> => {
  const { database } = order
  const name = await database.transaction((statements) => chooseEnd(statements, order))
  if (name === null) return
  try {
    await database.upkeep.run(`ALTER TABLE ${name} VALIDATE CONSTRAINT ${constraint}`, [])
    await database.transaction(setEnd)
  } catch (error) {
    // nothing may stay in the way of those that write
    await database.transaction(async (statements) => {
      await statements.run(lockWords, [])
      if ((await findOpenPart(statements))?.name === name) await dropConstraint(statements, name)
    })
    throw error
  }
}

/** Whether a part has an end behind which the newest pack is, and its last packs are old. */
const isPast = async (
  statements: Statements,
  { domainId, beforeMs }: AuditSweepOrder,
  { to }: Part,
  last: number,
): Promise<boolean> => {
  if (to === null || to > last) return false
  const rows = await statements.all(
    `SELECT last_at_ms FROM audit_pack WHERE domain_id = $1 AND sequence < $2
     ORDER BY sequence DESC LIMIT ${lastPacks}`,
    [domainId, to],
  )
  return rows.every((row) => Number(row['last_at_ms']) < beforeMs)
}

/** Takes off the parts that are past their time; leaves the hash from which the chain goes on. */
const takeOffParts = async (
  statements: Statements,
  order: PartitionedSweepOrder,
): Promise<number> => {
  const { domainId } = order
  const range = await packRange(statements, domainId)
  if (range === null) return 0
  const past: Part[] = []
  for (const part of await listParts(statements)) {
    if (!(await isPast(statements, order, part, range.last))) break
    past.push(part)
  }
  const through = (past.at(-1)?.to ?? 0) - 1
  // only what the last time has left
  if (range.first === through || past.length === 0) return 0
  const [row] = await statements.all(
    'SELECT hash, first_at_ms, last_at_ms FROM audit_pack WHERE domain_id = $1 AND sequence = $2',
    [domainId, through],
  )
  // one that is missing is for who verifies the chain, and not to be hidden by a new beginning
  if (row === undefined && range.first < through) return 0
  await statements.run(lockWords, [])
  for (const { name } of past) {
    await statements.run(`ALTER TABLE audit_pack DETACH PARTITION ${name}`, [])
  }
  // row by row all of it had been removed before
  if (row === undefined) return 0
  await statements.run(
    `CREATE TABLE audit_pack_start_${through + 1} PARTITION OF audit_pack
     FOR VALUES FROM (MINVALUE) TO (${through + 1})`,
    [],
  )
  const hash = row['hash'] as Uint8Array
  await statements.run(
    `INSERT INTO audit_pack (domain_id, sequence, first_at_ms, last_at_ms, event_count, hash, body)
     VALUES ($1, $2, $3, $4, 0, $5, $6)`,
    [
      domainId,
      through,
      Number(row['first_at_ms']),
      Number(row['last_at_ms']),
      hash,
      new Uint8Array(0),
    ],
  )
  await recordSweep(statements, order, { through, hash })
  return through + 1 - range.first
}

/** Also those that were taken off by a server that then died. */
const dropParts = async ({ upkeep }: SharedDatabase): Promise<void> => {
  const rows = await upkeep.all(
    `SELECT relname::text AS name FROM pg_class
     WHERE relkind = 'r' AND NOT relispartition AND relname ~ '^audit_pack_(from|start)_[0-9]+$'
       AND relnamespace = current_schema()::regnamespace`,
    [],
  )
  for (const row of rows) await upkeep.run(`DROP TABLE IF EXISTS ${row['name']}`, [])
}

/** Who reads a part for long, as a backup does, keeps it until the next time. */
const unlessBusy = async <T>(work: Promise<T>, otherwise: T): Promise<T> => {
  try {
    return await work
  } catch (error) {
    if (error instanceof StorageFailed) return otherwise
    throw error
  }
}

/**
 * The sweep of the audit on PostgreSQL: parts that are wholly older than the retention go at once.
 * Row by row goes only what an eighth of the retention later is still there, because its part was
 * made for more than came.
 *
 * @returns packs removed
 */
export const sweepPartitionedAudit = async (order: PartitionedSweepOrder): Promise<number> => {
  const { database } = order
  const domains = await database.upkeep.all('SELECT domain_id FROM identity_domain LIMIT 2', [])
  // a part holds the same sequences of all
  if (domains.length > 1) return sweepAudit(order)
  await unlessBusy(endLastPart(order), undefined)
  const taken = await unlessBusy(
    database.transaction((statements) => takeOffParts(statements, order)),
    0,
  )
  await unlessBusy(dropParts(database), undefined)
  const beforeMs = order.beforeMs - 2 * spanOf(order)
  return taken + (await sweepAudit({ ...order, beforeMs }))
}
