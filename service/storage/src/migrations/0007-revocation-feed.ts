/**
 * Revocations in the order of their commits, for whoever follows them. `mark` chains each entry to
 * all before it, so that a place in the order is not taken for one of another history.
 */
export const revocationFeed = `
ALTER TABLE revocation ADD COLUMN client_id text;
UPDATE revocation SET client_id = (
  SELECT application.client_id FROM application
  WHERE application.domain_id = revocation.domain_id AND application.id = revocation.subject
) WHERE kind = 'client';

CREATE TABLE revocation_feed (
  domain_id text NOT NULL,
  epoch text NOT NULL,
  last_number bigint NOT NULL,
  last_mark text NOT NULL,
  PRIMARY KEY (domain_id)
);

CREATE TABLE revocation_entry (
  domain_id text NOT NULL,
  number bigint NOT NULL,
  mark text NOT NULL,
  kind text NOT NULL,
  subject text NOT NULL,
  issued_before_ms bigint NOT NULL,
  expires_at_ms bigint NOT NULL,
  PRIMARY KEY (domain_id, number)
){clustered};
`
