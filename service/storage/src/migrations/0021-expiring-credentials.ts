/**
 * Secrets that have an end, and certificates, by the instant of it: who looks once an hour for
 * those that end soon need not read all of them.
 *
 * PostgreSQL reads no JSON that has \u0000 in a text.
 */
export const expiringCredentials = `
{sqlite} CREATE INDEX client_secret_expiring ON client_secret
  (domain_id, record ->> 'expiresAtMs', id) WHERE record ->> 'expiresAtMs' IS NOT NULL;
{sqlite} CREATE INDEX client_certificate_expiring ON client_certificate
  (domain_id, record ->> 'notAfterMs', id) WHERE record ->> 'notAfterMs' IS NOT NULL;
{sqlite} INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('client_secret', 'client_secret_expiring', '100000 100000 10 1'),
  ('client_certificate', 'client_certificate_expiring', '100000 100000 10 1');
{sqlite} ANALYZE sqlite_schema;
{postgres} CREATE INDEX client_secret_expiring ON client_secret
  (domain_id, (substring(record FROM '"expiresAtMs":([0-9]+)')::numeric), id)
  WHERE substring(record FROM '"expiresAtMs":([0-9]+)')::numeric IS NOT NULL;
{postgres} CREATE INDEX client_certificate_expiring ON client_certificate
  (domain_id, (substring(record FROM '"notAfterMs":([0-9]+)')::numeric), id)
  WHERE substring(record FROM '"notAfterMs":([0-9]+)')::numeric IS NOT NULL;
`
