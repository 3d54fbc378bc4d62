/**
 * What tokens need of a client in one row, found by a number; empty at first, and filled beside the
 * other work. A step that changes records empties it: see `migrate.ts`.
 *
 * When secrets were last used moves to rows of its own, short ones in the order of their key: many
 * of them share a page, so that noting a thousand uses does not write a thousand pages.
 */
export const clientView = `
CREATE TABLE client_view (
  hash {rowid} NOT NULL PRIMARY KEY,
  domain_id text NOT NULL,
  client_id text NOT NULL,
  body text NOT NULL
);

CREATE TABLE secret_use (
  domain_id text NOT NULL,
  secret_id text NOT NULL,
  used_at_ms bigint NOT NULL,
  PRIMARY KEY (domain_id, secret_id)
){clustered};
INSERT INTO secret_use (domain_id, secret_id, used_at_ms)
SELECT domain_id, id, used_at_ms FROM client_secret WHERE used_at_ms IS NOT NULL;
ALTER TABLE client_secret DROP COLUMN used_at_ms;

{sqlite} INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('client_view', NULL, '100000'),
  ('secret_use', 'secret_use', '100000 100000 1');
{sqlite} ANALYZE sqlite_schema;
`
