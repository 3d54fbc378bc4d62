/**
 * Names and client ids side by side: a word inside either is looked for in narrow entries, and no
 * longer in rows, where the folded client id stands behind the whole record.
 */
export const wordsOfApplications = `
CREATE INDEX application_words ON application
  (domain_id, display_name_key, client_id_key, id, active, is_client, is_resource_server);
{sqlite} INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('application', 'application_words', '100000 100000 1 1 1 1 1 1');
{sqlite} ANALYZE sqlite_schema;
`
