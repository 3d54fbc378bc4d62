import type { ClientCertificate, ClientSecret } from '@mintmark/registry/client-credential'
import type { ExpiringCredential } from '@mintmark/registry/expiring-credential'
import { breathe } from './breathe.ts'
import type { Dialect, Row, Statements } from './database.ts'
import { parseRecord } from './tables/table.ts'

/** A span of time: after its first instant, up to its last one. */
interface Span {
  readonly fromMs: number
  readonly untilMs: number
}

/**
 * Where a record says when it ends; as the indexes have it. PostgreSQL reads no JSON that has
 * `\u0000` in a text, so it looks for the member, whose quotes cannot stand so inside of a text.
 */
const instantOf: Readonly<Record<Dialect, (member: string) => string>> = {
  sqlite: (member) => `record ->> '${member}'`,
  postgres: (member) => `substring(record FROM '"${member}":([0-9]+)')::numeric`,
}

const rowsAtOnce = 1000

/**
 * Every secret and certificate that ends in a span of time, the first to end first. Secrets that
 * were rotated out are left out, as their end was chosen when they were replaced.
 *
 * @param dialect of the database
 */
export const listExpiring = async (
  statements: Statements,
  dialect: Dialect,
  domainId: string,
  span: Span,
): Promise<readonly ExpiringCredential[]> => {
  const found: ExpiringCredential[] = []
  const walkIn = (table: EndingTable) => walk(statements, dialect, domainId, table, span)
  for await (const row of walkIn(secretsThatEnd)) {
    const secret = parseRecord<ClientSecret>(row)
    const { id, label, ending, applicationId, expiresAtMs, endsAtMs } = secret
    if (expiresAtMs === null || endsAtMs !== null) continue
    found.push({ kind: 'secret', id, label, ending, applicationId, expiresAtMs })
  }
  for await (const row of walkIn(certificatesThatEnd)) {
    const { id, alias, notAfterMs } = parseRecord<ClientCertificate>(row)
    const about = { label: alias, ending: null, applicationId: null }
    found.push({ kind: 'certificate', id, ...about, expiresAtMs: notAfterMs })
  }
  return found.toSorted((a, b) => a.expiresAtMs - b.expiresAtMs)
}

interface EndingTable {
  readonly name: 'client_secret' | 'client_certificate'
  /** Of the record: when it ends. */
  readonly member: string
}
const secretsThatEnd: EndingTable = { name: 'client_secret', member: 'expiresAtMs' }
const certificatesThatEnd: EndingTable = { name: 'client_certificate', member: 'notAfterMs' }

/** By the index in steps, between which answers go out: any number may end at one instant. */
async function* walk(
  statements: Statements,
  dialect: Dialect,
  domainId: string,
  { name, member }: EndingTable,
  { fromMs, untilMs }: Span,
): AsyncGenerator<Row> {
  const instant = instantOf[dialect](member)
  const from = `SELECT id, record, ${instant} AS at_ms FROM ${name} WHERE domain_id = $1`
  const later = `${from} AND ${instant} > $2 AND ${instant} <= $3 ORDER BY ${instant}, id LIMIT $4`
  const beside = `${from} AND ${instant} = $2 AND id > $3 ORDER BY id LIMIT $4`
  let atMs = fromMs
  let afterId: string | null = null
  for (;;) {
    const rows: readonly Row[] =
      afterId === null
        ? await statements.all(later, [domainId, atMs, untilMs, rowsAtOnce])
        : await statements.all(beside, [domainId, atMs, afterId, rowsAtOnce])
    yield* rows
    const last = rows.length < rowsAtOnce ? undefined : rows.at(-1)
    if (last === undefined && afterId === null) return
    afterId = last === undefined ? null : String(last['id'])
    if (last !== undefined) atMs = Number(last['at_ms'])
    await breathe()
  }
}
