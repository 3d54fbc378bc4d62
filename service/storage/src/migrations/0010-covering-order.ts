/**
 * The orders in which applications are listed, with what they are most often filtered by: an active
 * client is told from the index alone, whether counted, skipped or listed, without a look at rows.
 */
export const coveringOrder = `
DROP INDEX application_active;
DROP INDEX application_client;
DROP INDEX application_created;
DROP INDEX application_modified;
CREATE INDEX application_active
  ON application (domain_id, active, display_name_key, id, is_client, is_resource_server);
CREATE INDEX application_client
  ON application (domain_id, is_client, display_name_key, id, active, is_resource_server);
CREATE INDEX application_created
  ON application (domain_id, created_at, id, active, is_client, is_resource_server);
CREATE INDEX application_modified
  ON application (domain_id, modified_at, id, active, is_client, is_resource_server);

{sqlite} DELETE FROM sqlite_stat1 WHERE idx IN ('application_active', 'application_client',
  'application_created', 'application_modified');
{sqlite} INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('application', 'application_created', '100000 100000 2 1 1 1 1'),
  ('application', 'application_modified', '100000 100000 2 1 1 1 1'),
  ('application', 'application_active', '100000 100000 50000 1 1 1 1'),
  ('application', 'application_client', '100000 100000 50000 1 1 1 1');
{sqlite} ANALYZE sqlite_schema;
`
