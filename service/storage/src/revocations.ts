import { marksOf, type RevocationQuestion } from '@mintmark/registry/revocation'
import type { Statements } from './database.ts'

const mark = (at: number): string =>
  `SELECT 1 AS revoked FROM revocation WHERE domain_id = $1
     AND kind = $${at} AND subject = $${at + 1} AND issued_before_ms >= $${at + 2}`

/**
 * Whether a token was ended before its time, by itself or with others: one statement, a look at the
 * primary key for each thing that could have ended it.
 */
export const isRevoked = async (
  statements: Statements,
  domainId: string,
  question: RevocationQuestion,
): Promise<boolean> => {
  const marks = marksOf(question)
  const text = marks.map((_, index) => mark(index * 3 + 2)).join('\nUNION ALL\n')
  const values = marks.flatMap(({ kind, subject, issuedAtMs }) => [kind, subject, issuedAtMs])
  return (await statements.all(`${text}\nLIMIT 1`, [domainId, ...values])).length > 0
}
