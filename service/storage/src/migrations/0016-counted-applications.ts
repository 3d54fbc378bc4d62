/**
 * How many applications have a value and their flags in common, so that no list counts them: filled
 * beside the other work, in the order of ids, up to `counted_until`; null: all are counted. Rows
 * of `application_value` for more fields are made on the way. No field and no value: all of them.
 *
 * `version` changes with every change of the registry: what was counted before may be untrue then.
 */
export const countedApplications = `
CREATE TABLE registry_standing (
  domain_id text NOT NULL,
  version bigint NOT NULL,
  counted_until text,
  PRIMARY KEY (domain_id)
){clustered};
INSERT INTO registry_standing (domain_id, version, counted_until)
SELECT domain_id, 0, '' FROM identity_domain;

CREATE TABLE application_count (
  domain_id text NOT NULL,
  field text NOT NULL,
  value text NOT NULL,
  flags text NOT NULL,
  total bigint NOT NULL,
  PRIMARY KEY (domain_id, field, value, flags)
){clustered};

{sqlite} INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('registry_standing', 'registry_standing', '10 1'),
  ('application_count', 'application_count', '10000 10000 1000 2 1');
{sqlite} ANALYZE sqlite_schema;
`
