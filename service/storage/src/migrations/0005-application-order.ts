/**
 * Applications by their times, and by what half of them have in common in the order in which they
 * are listed: a list must be entered where it begins, not sorted.
 */
export const applicationOrder = `
ALTER TABLE application ADD COLUMN created_at text NOT NULL DEFAULT '';
ALTER TABLE application ADD COLUMN modified_at text NOT NULL DEFAULT '';
UPDATE application
SET created_at = search ->> 'meta.created', modified_at = search ->> 'meta.lastModified';
CREATE INDEX application_created ON application (domain_id, created_at, id);
CREATE INDEX application_modified ON application (domain_id, modified_at, id);
CREATE INDEX application_active ON application (domain_id, active, display_name_key, id);
CREATE INDEX application_client ON application (domain_id, is_client, display_name_key, id);
DROP INDEX application_resource_server;
CREATE INDEX application_resource_server
  ON application (domain_id, is_resource_server, display_name_key, id);

{sqlite} DELETE FROM sqlite_stat1 WHERE idx = 'application_resource_server';
{sqlite} INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('application', 'application_created', '100000 100000 2 1'),
  ('application', 'application_modified', '100000 100000 2 1'),
  ('application', 'application_active', '100000 100000 50000 1 1'),
  ('application', 'application_client', '100000 100000 50000 1 1'),
  ('application', 'application_resource_server', '100000 100000 50000 1 1');
{sqlite} ANALYZE sqlite_schema;
`
