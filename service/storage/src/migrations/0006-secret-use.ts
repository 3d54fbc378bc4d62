/** When secrets were last used; not in their records, which only administrators change. */
export const secretUse = `
ALTER TABLE client_secret ADD COLUMN used_at_ms bigint;
`
