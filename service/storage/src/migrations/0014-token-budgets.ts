/**
 * What has been issued of each budget: one row a budget, which begins anew with its minute or day.
 * A row goes when its time is over.
 */
export const tokenBudgets = `
CREATE TABLE token_count (
  domain_id text NOT NULL,
  side text NOT NULL,
  application_id text NOT NULL,
  span text NOT NULL,
  begins_at_ms bigint NOT NULL,
  ends_at_ms bigint NOT NULL,
  tokens bigint NOT NULL,
  PRIMARY KEY (domain_id, side, application_id, span)
){clustered};
CREATE INDEX token_count_ends ON token_count (domain_id, ends_at_ms);
`
