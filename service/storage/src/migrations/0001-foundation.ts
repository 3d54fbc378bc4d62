/**
 * Schema 1. `{bytes}` and `{clustered}` are filled in for each database by `migrate.ts`, and what
 * begins with `{sqlite}` is for SQLite only. Every key begins with the domain; times are
 * milliseconds since the epoch; `record` is the registry's record as JSON, and the other columns
 * are what is searched or must be unique.
 *
 * The statistics at its end say that a domain is large and what hangs on one application is not:
 * without them SQLite would guess that the domain narrows a search, and walk all of it.
 *
 * Never edited after a release: its checksum is stored in every database.
 */
export const foundation = `
CREATE TABLE identity_domain (
  domain_id text NOT NULL,
  record text NOT NULL,
  PRIMARY KEY (domain_id)
);

CREATE TABLE domain_settings (
  domain_id text NOT NULL,
  record text NOT NULL,
  PRIMARY KEY (domain_id),
  FOREIGN KEY (domain_id) REFERENCES identity_domain (domain_id)
);

CREATE TABLE application (
  domain_id text NOT NULL,
  id text NOT NULL,
  client_id text NOT NULL,
  display_name_key text NOT NULL,
  audience text,
  is_client integer NOT NULL,
  is_resource_server integer NOT NULL,
  active integer NOT NULL,
  record text NOT NULL,
  PRIMARY KEY (domain_id, id),
  FOREIGN KEY (domain_id) REFERENCES identity_domain (domain_id)
);
CREATE UNIQUE INDEX application_client_id ON application (domain_id, client_id);
CREATE UNIQUE INDEX application_display_name ON application (domain_id, display_name_key);
CREATE INDEX application_audience ON application (domain_id, audience)
  WHERE audience IS NOT NULL;

CREATE TABLE app_role (
  domain_id text NOT NULL,
  id text NOT NULL,
  application_id text NOT NULL,
  display_name_key text NOT NULL,
  record text NOT NULL,
  PRIMARY KEY (domain_id, id),
  FOREIGN KEY (domain_id, application_id) REFERENCES application (domain_id, id)
);
CREATE UNIQUE INDEX app_role_display_name
  ON app_role (domain_id, application_id, display_name_key);

CREATE TABLE app_grant (
  domain_id text NOT NULL,
  id text NOT NULL,
  application_id text NOT NULL,
  role_id text NOT NULL,
  grantee_type text NOT NULL,
  grantee_id text NOT NULL,
  record text NOT NULL,
  PRIMARY KEY (domain_id, id),
  FOREIGN KEY (domain_id, role_id) REFERENCES app_role (domain_id, id)
);
CREATE UNIQUE INDEX app_grant_grantee
  ON app_grant (domain_id, role_id, grantee_type, grantee_id);
CREATE INDEX app_grant_by_grantee ON app_grant (domain_id, grantee_id, grantee_type, role_id);
CREATE INDEX app_grant_by_application ON app_grant (domain_id, application_id);

CREATE TABLE client_secret (
  domain_id text NOT NULL,
  id text NOT NULL,
  application_id text NOT NULL,
  digest text NOT NULL,
  record text NOT NULL,
  PRIMARY KEY (domain_id, id),
  FOREIGN KEY (domain_id, application_id) REFERENCES application (domain_id, id)
);
CREATE INDEX client_secret_by_application ON client_secret (domain_id, application_id);
CREATE INDEX client_secret_digest ON client_secret (domain_id, digest);

CREATE TABLE client_certificate (
  domain_id text NOT NULL,
  id text NOT NULL,
  alias text NOT NULL,
  x5t_s256 text NOT NULL,
  record text NOT NULL,
  PRIMARY KEY (domain_id, id),
  FOREIGN KEY (domain_id) REFERENCES identity_domain (domain_id)
);
CREATE UNIQUE INDEX client_certificate_alias ON client_certificate (domain_id, alias);
CREATE UNIQUE INDEX client_certificate_x5t_s256 ON client_certificate (domain_id, x5t_s256);

CREATE TABLE client_certificate_attachment (
  domain_id text NOT NULL,
  application_id text NOT NULL,
  certificate_id text NOT NULL,
  PRIMARY KEY (domain_id, application_id, certificate_id),
  FOREIGN KEY (domain_id, application_id) REFERENCES application (domain_id, id),
  FOREIGN KEY (domain_id, certificate_id) REFERENCES client_certificate (domain_id, id)
){clustered};
CREATE INDEX client_certificate_attachment_by_certificate
  ON client_certificate_attachment (domain_id, certificate_id);

CREATE TABLE signing_key (
  domain_id text NOT NULL,
  kid text NOT NULL,
  state text NOT NULL,
  record text NOT NULL,
  PRIMARY KEY (domain_id, kid),
  FOREIGN KEY (domain_id) REFERENCES identity_domain (domain_id)
);

CREATE TABLE revocation (
  domain_id text NOT NULL,
  kind text NOT NULL,
  subject text NOT NULL,
  issued_before_ms bigint NOT NULL,
  expires_at_ms bigint NOT NULL,
  PRIMARY KEY (domain_id, kind, subject)
){clustered};
CREATE INDEX revocation_expiry ON revocation (domain_id, expires_at_ms);

CREATE TABLE used_proof (
  domain_id text NOT NULL,
  digest {bytes} NOT NULL,
  expires_at_ms bigint NOT NULL,
  PRIMARY KEY (domain_id, digest)
){clustered};

CREATE TABLE sweep_mark (
  domain_id text NOT NULL,
  subject text NOT NULL,
  swept_until_ms bigint NOT NULL,
  PRIMARY KEY (domain_id, subject)
);

CREATE TABLE failed_attempt (
  domain_id text NOT NULL,
  kind text NOT NULL,
  client_key text NOT NULL,
  source text NOT NULL,
  failed_at_ms text NOT NULL,
  locks integer NOT NULL,
  locked_until_ms bigint NOT NULL,
  expires_at_ms bigint NOT NULL,
  PRIMARY KEY (domain_id, kind, client_key, source)
){clustered};
CREATE INDEX failed_attempt_expiry ON failed_attempt (domain_id, expires_at_ms);

CREATE TABLE audit_pack (
  domain_id text NOT NULL,
  sequence bigint NOT NULL,
  first_at_ms bigint NOT NULL,
  last_at_ms bigint NOT NULL,
  event_count integer NOT NULL,
  hash {bytes} NOT NULL,
  body {bytes} NOT NULL,
  PRIMARY KEY (domain_id, sequence)
);

{sqlite} ANALYZE;
{sqlite} INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('application', 'sqlite_autoindex_application_1', '100000 100000 1'),
  ('application', 'application_client_id', '100000 100000 1'),
  ('application', 'application_display_name', '100000 100000 1'),
  ('application', 'application_audience', '1000 1000 1'),
  ('app_role', 'sqlite_autoindex_app_role_1', '10000 10000 1'),
  ('app_role', 'app_role_display_name', '10000 10000 10 1'),
  ('app_grant', 'sqlite_autoindex_app_grant_1', '100000 100000 1'),
  ('app_grant', 'app_grant_grantee', '100000 100000 10 10 1'),
  ('app_grant', 'app_grant_by_grantee', '100000 100000 2 2 1'),
  ('app_grant', 'app_grant_by_application', '100000 100000 100'),
  ('client_secret', 'sqlite_autoindex_client_secret_1', '100000 100000 1'),
  ('client_secret', 'client_secret_by_application', '100000 100000 2'),
  ('client_secret', 'client_secret_digest', '100000 100000 1'),
  ('client_certificate', 'sqlite_autoindex_client_certificate_1', '10000 10000 1'),
  ('client_certificate', 'client_certificate_alias', '10000 10000 1'),
  ('client_certificate', 'client_certificate_x5t_s256', '10000 10000 1'),
  ('client_certificate_attachment', 'client_certificate_attachment', '10000 10000 1 1'),
  ('client_certificate_attachment', 'client_certificate_attachment_by_certificate',
    '10000 10000 1');
{sqlite} ANALYZE sqlite_schema;
`
