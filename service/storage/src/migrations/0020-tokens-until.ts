/**
 * Each pack of the audit says when the last token expires of all that were issued up to it, so that
 * what ends tokens is kept for no longer. Null: whoever wrote it did not know; so it is in all that
 * there are, and in those of older programs, which need not know of it.
 */
export const tokensUntil = `
ALTER TABLE audit_pack ADD COLUMN tokens_until_ms bigint;
`
