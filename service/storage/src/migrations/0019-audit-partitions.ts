/**
 * On PostgreSQL the audit becomes a table of parts, so that what is past its time goes as a whole
 * part. All that there is becomes the first part, as it stands: nothing is read or written for it.
 * Older programs see the same table and write to the part that has no end.
 */
export const auditPartitions = `
{postgres} ALTER TABLE audit_pack RENAME TO audit_pack_from_0;
{postgres} ALTER INDEX audit_pack_pkey RENAME TO audit_pack_from_0_pkey;
{postgres} CREATE TABLE audit_pack (
  domain_id text NOT NULL,
  sequence bigint NOT NULL,
  first_at_ms bigint NOT NULL,
  last_at_ms bigint NOT NULL,
  event_count integer NOT NULL,
  hash {bytes} NOT NULL,
  body {bytes} NOT NULL,
  PRIMARY KEY (domain_id, sequence)
) PARTITION BY RANGE (sequence);
{postgres} ALTER TABLE audit_pack ATTACH PARTITION audit_pack_from_0
  FOR VALUES FROM (MINVALUE) TO (MAXVALUE);
`
