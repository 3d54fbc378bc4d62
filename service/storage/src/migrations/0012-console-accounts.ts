/**
 * How users sign in at the console without a code, what a browser was asked to answer once, and how
 * and when each session has proven itself.
 */
export const consoleAccounts = `
CREATE TABLE console_account (
  domain_id text NOT NULL,
  user_id text NOT NULL,
  record text NOT NULL,
  PRIMARY KEY (domain_id, user_id)
){clustered};

CREATE TABLE console_challenge (
  domain_id text NOT NULL,
  digest text NOT NULL,
  purpose text NOT NULL,
  subject_id text NOT NULL,
  expires_at_ms bigint NOT NULL,
  PRIMARY KEY (domain_id, digest)
){clustered};

ALTER TABLE console_session ADD COLUMN method text NOT NULL DEFAULT '';
ALTER TABLE console_session ADD COLUMN source text NOT NULL DEFAULT '';
ALTER TABLE console_session ADD COLUMN proved_at_ms bigint NOT NULL DEFAULT 0;
ALTER TABLE console_pairing ADD COLUMN user_name text NOT NULL DEFAULT 'administrator';
`
