/** Who is signed in at the console, and codes that sign in once; both by digest only. */
export const consoleSessions = `
CREATE TABLE console_session (
  domain_id text NOT NULL,
  digest text NOT NULL,
  subject_type text NOT NULL,
  subject_id text NOT NULL,
  credential text NOT NULL,
  signed_in_at_ms bigint NOT NULL,
  seen_at_ms bigint NOT NULL,
  expires_at_ms bigint NOT NULL,
  PRIMARY KEY (domain_id, digest)
){clustered};

CREATE INDEX console_session_expiry ON console_session (domain_id, expires_at_ms);

CREATE TABLE console_pairing (
  domain_id text NOT NULL,
  digest text NOT NULL,
  expires_at_ms bigint NOT NULL,
  PRIMARY KEY (domain_id, digest)
){clustered};
`
