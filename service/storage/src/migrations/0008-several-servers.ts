/**
 * For servers that share one database: the changes of the registry in the order of their commits,
 * who of them has heard of which, and a text that only the domain's master key opens.
 */
export const severalServers = `
CREATE TABLE change_head (
  domain_id text NOT NULL,
  last_number bigint NOT NULL,
  PRIMARY KEY (domain_id)
);

CREATE TABLE change_entry (
  domain_id text NOT NULL,
  number bigint NOT NULL,
  body text NOT NULL,
  PRIMARY KEY (domain_id, number)
){clustered};

CREATE TABLE server_member (
  domain_id text NOT NULL,
  server_id text NOT NULL,
  heard_number bigint NOT NULL,
  joined_at_ms bigint NOT NULL,
  PRIMARY KEY (domain_id, server_id)
);

CREATE TABLE master_key_check (
  domain_id text NOT NULL,
  sealed text NOT NULL,
  PRIMARY KEY (domain_id)
);
`
