import { DuplicateRecord } from '@mintmark/registry/registry'
import type { CountMemory } from './count-memory.ts'

/** What may be bound to `$1`, `$2`, …: no booleans and no dates, so that both databases agree. */
export type SqlValue = string | number | bigint | Uint8Array | null

export type Row = Readonly<Record<string, unknown>>

/**
 * Runs SQL text with numbered parameters (`$1`). The text is prepared once and kept, so it must
 * come from a bounded set: values are always bound, never written into it.
 */
export interface Statements {
  all(sql: string, params: readonly SqlValue[]): Promise<readonly Row[]>
  run(sql: string, params: readonly SqlValue[]): Promise<{ readonly changes: number }>
  /** What was counted by these before; never there inside a transaction. */
  readonly counted?: CountMemory
}

export type Dialect = 'sqlite' | 'postgres'

/** How a step of the schema is run. */
export interface SchemaStepOptions {
  /** Told what it waits for and how long it has run, now and then. */
  readonly tell?: (words: string) => void
  /** Whoever writes goes on beside it: it only builds what nobody writes to, or an index. */
  readonly takesNoTurn?: boolean
}

/** Runs a step of the schema, which may take hours, as one transaction. */
export type SchemaStep = <T>(
  work: (statements: Statements) => Promise<T>,
  options?: SchemaStepOptions,
) => Promise<T>

/** The port to the database: one writer, any number of readers. */
export interface Database {
  readonly dialect: Dialect
  /** Sees committed data only, and nothing of a transaction under way. */
  readonly read: Statements
  /** The same for lists and exports: however long they take, what uses `read` does not wait. */
  readonly lists: Statements
  /**
   * Runs `work` alone: transactions of this database never interleave. Committed durably when the
   * promise fulfils; rolled back when `work` throws. Must not be called from inside `work`.
   *
   * @param committed called synchronously after the commit, before the next transaction begins:
   *   the place to tell caches and ledger, so that no later transaction can overtake the news.
   * @param wait `aside`: the event loop goes on while the disk is waited for. Readers may see the
   *   transaction before that, so it is only for what nobody acts on before `committed`.
   * @throws DuplicateRecord when a unique key is broken; StorageFailed when the disk is not
   *   trusted.
   */
  transaction<T>(
    work: (statements: Statements) => Promise<T>,
    committed?: (value: T) => void,
    wait?: 'in line' | 'aside',
  ): Promise<T>
  /**
   * As `transaction`, without a bound on its statements; waits for its turn and for tables that
   * others use. Absent: a transaction has no such bounds and waits for nobody.
   */
  readonly schemaStep?: SchemaStep
  /** Statements run on `read` and `lists` since opening. */
  statementCount(): number
  /** Why nothing can be written now, or null; it may pass. */
  failure(): string | null
  /**
   * Whether what is written now takes the last of the room: then only what ends something may be.
   * Absent: it never does.
   */
  isOnReserve?(): boolean
  /** Why nothing more is written before a new start of the process, or null. */
  lost(): StorageFailed | null
  close(): Promise<void>
}

/** A database that other servers write to as well. */
export interface SharedDatabase extends Database {
  /**
   * Has `listener` read, at the beginning of every transaction, what other servers have committed
   * before it: nothing can be committed between its look and the transaction's own commit.
   */
  beforeTransactions(listener: (statements: Statements) => Promise<void>): void
  /** Statements that are each committed by themselves and wait for no transaction, nor for long. */
  readonly alone: Statements
  /** The same for what may take an hour and holds up nobody; given up when the database closes. */
  readonly upkeep: Statements
  /**
   * Fulfils when it is sure that, after this was called, no other database had taken the place of
   * this one with all that was acknowledged: a synchronous standby still follows it.
   */
  confirm(): Promise<void>
  /** Whether hints of others come; behind a pooler none do. */
  hearsWakes(): boolean
  /** Tells the other servers that there is news; a hint that may be lost. */
  wakeOthers(): Promise<void>
  /** Calls `wake` when another server gives such a hint. */
  onWake(wake: () => void): void
}

/** The database is not open for writing, or no longer trusted to store what it acknowledges. */
export class StorageFailed extends Error {}

/** What the file holds is not what was written; `message` says what to do. */
export class DatabaseDamaged extends StorageFailed {}

/** Nouns of the unique tables, as a refusal names them. */
const records: ReadonlyMap<string, string> = new Map([
  ['application', 'application'],
  ['app_role', 'app-role'],
  ['app_grant', 'grant'],
  ['client_secret', 'client-secret'],
  ['client_certificate', 'client-certificate'],
  ['signing_key', 'signing-key'],
  ['partner_certificate', 'partner-certificate'],
  ['custom_claim', 'custom-claim'],
  ['user_account', 'user'],
  ['user_group', 'group'],
])

/** Members of the records, by the column whose uniqueness was broken. */
const members: ReadonlyMap<string, string> = new Map([
  ['client_id', 'clientId'],
  ['display_name_key', 'displayName'],
  ['grantee_id', 'granteeId'],
  ['alias_key', 'alias'],
  ['user_name_key', 'userName'],
  ['x5t_s256', 'x5tS256'],
])

/** Names a broken unique key; `columns` in the order of the key, the last one tells. */
export const duplicateRecord = (table: string, columns: readonly string[]): DuplicateRecord => {
  const column = columns.at(-1) ?? 'id'
  return new DuplicateRecord(records.get(table) ?? table, members.get(column) ?? column)
}
