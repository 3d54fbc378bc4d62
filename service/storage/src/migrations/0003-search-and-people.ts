import type { AppRole } from '@mintmark/registry/app-role'
import type { Application } from '@mintmark/registry/application'
import type { ClientCertificate } from '@mintmark/registry/client-credential'
import type { Grant } from '@mintmark/registry/grant'
import { applicationSearch } from '@mintmark/registry/search/application-search'
import { certificateSearch } from '@mintmark/registry/search/certificate-search'
import { grantSearch } from '@mintmark/registry/search/grant-search'
import { roleSearch } from '@mintmark/registry/search/role-search'
import {
  foldText,
  type SearchDefinition,
  searchDocument,
} from '@mintmark/registry/search-definition'
import type { SqlValue, Statements } from '../database.ts'
import { putApplicationValues } from '../tables/application.ts'
import { parseRecord } from '../tables/table.ts'

/**
 * A search document beside each record, columns for what is searched most, and the tables of users,
 * groups, custom claims, partner certificates and requests that may be repeated.
 *
 * Documents are made of records: whoever changes what a noun is searched by adds a step that makes
 * them again.
 */
export const searchAndPeople = `
ALTER TABLE application ADD COLUMN client_id_key text NOT NULL DEFAULT '';
ALTER TABLE application ADD COLUMN audience_key text;
ALTER TABLE application ADD COLUMN search {json};
CREATE INDEX application_id_key ON application (domain_id, lower(id));
CREATE INDEX application_client_id_key ON application (domain_id, client_id_key, id);
CREATE INDEX application_audience_key ON application (domain_id, audience_key)
  WHERE audience_key IS NOT NULL;

CREATE TABLE application_value (
  domain_id text NOT NULL,
  field text NOT NULL,
  value text NOT NULL,
  application_id text NOT NULL,
  PRIMARY KEY (domain_id, field, value, application_id),
  FOREIGN KEY (domain_id, application_id) REFERENCES application (domain_id, id)
){clustered};
CREATE INDEX application_value_by_application ON application_value (domain_id, application_id);

ALTER TABLE app_role ADD COLUMN is_admin integer NOT NULL DEFAULT 0;
ALTER TABLE app_role ADD COLUMN search {json};
CREATE INDEX app_role_id_key ON app_role (domain_id, lower(id));
CREATE INDEX app_role_name ON app_role (domain_id, display_name_key);

ALTER TABLE app_grant ADD COLUMN search {json};
CREATE INDEX app_grant_id_key ON app_grant (domain_id, lower(id));

ALTER TABLE client_certificate ADD COLUMN alias_key text NOT NULL DEFAULT '';
ALTER TABLE client_certificate ADD COLUMN search {json};
CREATE INDEX client_certificate_id_key ON client_certificate (domain_id, lower(id));
CREATE INDEX client_certificate_alias_key ON client_certificate (domain_id, alias_key, id);

CREATE TABLE partner_certificate (
  domain_id text NOT NULL,
  id text NOT NULL,
  alias_key text NOT NULL,
  x5t_s256 text NOT NULL,
  record text NOT NULL,
  search {json} NOT NULL,
  PRIMARY KEY (domain_id, id),
  FOREIGN KEY (domain_id) REFERENCES identity_domain (domain_id)
);
CREATE UNIQUE INDEX partner_certificate_alias ON partner_certificate (domain_id, alias_key);
CREATE UNIQUE INDEX partner_certificate_x5t_s256 ON partner_certificate (domain_id, x5t_s256);
CREATE INDEX partner_certificate_id_key ON partner_certificate (domain_id, lower(id));

CREATE TABLE custom_claim (
  domain_id text NOT NULL,
  id text NOT NULL,
  name text NOT NULL,
  record text NOT NULL,
  search {json} NOT NULL,
  PRIMARY KEY (domain_id, id),
  FOREIGN KEY (domain_id) REFERENCES identity_domain (domain_id)
);
CREATE UNIQUE INDEX custom_claim_name ON custom_claim (domain_id, name);
CREATE INDEX custom_claim_id_key ON custom_claim (domain_id, lower(id));

CREATE TABLE user_account (
  domain_id text NOT NULL,
  id text NOT NULL,
  user_name_key text NOT NULL,
  display_name_key text,
  external_id_key text,
  active integer NOT NULL,
  record text NOT NULL,
  search {json} NOT NULL,
  PRIMARY KEY (domain_id, id),
  FOREIGN KEY (domain_id) REFERENCES identity_domain (domain_id)
);
CREATE UNIQUE INDEX user_account_user_name ON user_account (domain_id, user_name_key);
CREATE INDEX user_account_display_name ON user_account (domain_id, display_name_key);
CREATE INDEX user_account_external_id ON user_account (domain_id, external_id_key);
CREATE INDEX user_account_id_key ON user_account (domain_id, lower(id));

CREATE TABLE user_group (
  domain_id text NOT NULL,
  id text NOT NULL,
  display_name_key text NOT NULL,
  external_id_key text,
  record text NOT NULL,
  search {json} NOT NULL,
  PRIMARY KEY (domain_id, id),
  FOREIGN KEY (domain_id) REFERENCES identity_domain (domain_id)
);
CREATE UNIQUE INDEX user_group_display_name ON user_group (domain_id, display_name_key);
CREATE INDEX user_group_external_id ON user_group (domain_id, external_id_key);
CREATE INDEX user_group_id_key ON user_group (domain_id, lower(id));

CREATE TABLE group_member (
  domain_id text NOT NULL,
  group_id text NOT NULL,
  member_type text NOT NULL,
  member_id text NOT NULL,
  PRIMARY KEY (domain_id, group_id, member_type, member_id),
  FOREIGN KEY (domain_id, group_id) REFERENCES user_group (domain_id, id)
){clustered};
CREATE INDEX group_member_by_member
  ON group_member (domain_id, member_id, member_type, group_id);

CREATE TABLE retried_request (
  domain_id text NOT NULL,
  request_key text NOT NULL,
  fingerprint text NOT NULL,
  sealed_answer text NOT NULL,
  expires_at_ms bigint NOT NULL,
  PRIMARY KEY (domain_id, request_key)
);
CREATE INDEX retried_request_expiry ON retried_request (domain_id, expires_at_ms);

{sqlite} INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('application', 'application_resource_server', '100000 100000 50000 1'),
  ('application', 'application_id_key', '100000 100000 1'),
  ('application', 'application_client_id_key', '100000 100000 1 1'),
  ('application', 'application_audience_key', '1000 1000 1'),
  ('application_value', 'application_value', '400000 400000 100000 10 1'),
  ('application_value', 'application_value_by_application', '400000 400000 4'),
  ('app_role', 'app_role_id_key', '10000 10000 1'),
  ('app_role', 'app_role_name', '10000 10000 2'),
  ('app_grant', 'app_grant_id_key', '100000 100000 1'),
  ('client_certificate', 'client_certificate_id_key', '10000 10000 1'),
  ('client_certificate', 'client_certificate_alias_key', '10000 10000 1 1'),
  ('partner_certificate', 'sqlite_autoindex_partner_certificate_1', '100 100 1'),
  ('partner_certificate', 'partner_certificate_alias', '100 100 1'),
  ('partner_certificate', 'partner_certificate_x5t_s256', '100 100 1'),
  ('partner_certificate', 'partner_certificate_id_key', '100 100 1'),
  ('custom_claim', 'sqlite_autoindex_custom_claim_1', '100 100 1'),
  ('custom_claim', 'custom_claim_name', '100 100 1'),
  ('custom_claim', 'custom_claim_id_key', '100 100 1'),
  ('user_account', 'sqlite_autoindex_user_account_1', '100000 100000 1'),
  ('user_account', 'user_account_user_name', '100000 100000 1'),
  ('user_account', 'user_account_display_name', '100000 100000 2'),
  ('user_account', 'user_account_external_id', '100000 100000 2'),
  ('user_account', 'user_account_id_key', '100000 100000 1'),
  ('user_group', 'sqlite_autoindex_user_group_1', '10000 10000 1'),
  ('user_group', 'user_group_display_name', '10000 10000 1'),
  ('user_group', 'user_group_external_id', '10000 10000 2'),
  ('user_group', 'user_group_id_key', '10000 10000 1'),
  ('group_member', 'group_member', '200000 200000 20 10 1'),
  ('group_member', 'group_member_by_member', '200000 200000 2 2 1'),
  ('retried_request', 'sqlite_autoindex_retried_request_1', '10000 10000 1'),
  ('retried_request', 'retried_request_expiry', '10000 10000 10');
{sqlite} ANALYZE sqlite_schema;
`

/** Rows read at once: what a large domain may take of memory. */
const rowsMax = 500

interface Filling<Item> {
  readonly table: string
  readonly definition: SearchDefinition<Item>
  readonly columns: Readonly<Record<string, (item: Item) => SqlValue>>
  readonly also?: (statements: Statements, domainId: string, item: Item) => Promise<void>
}

const fillTable = async <Item>(statements: Statements, filling: Filling<Item>): Promise<void> => {
  const { table, definition, columns, also } = filling
  const names = Object.keys(columns)
  const update =
    `UPDATE ${table} SET search = jsonb($3)` +
    names.map((name, index) => `, ${name} = $${index + 4}`).join('') +
    ' WHERE domain_id = $1 AND id = $2'
  let after: readonly [string, string] = ['', '']
  for (;;) {
    const rows = await statements.all(
      `SELECT domain_id, id, record FROM ${table} WHERE (domain_id, id) > ($1, $2)
       ORDER BY domain_id, id LIMIT $3`,
      [...after, rowsMax],
    )
    for (const row of rows) {
      const item = parseRecord<Item>(row)
      after = [row['domain_id'] as string, row['id'] as string]
      const document = JSON.stringify(searchDocument(definition, item))
      const values = names.map((name) => columns[name]?.(item) ?? null)
      await statements.run(update, [...after, document, ...values])
      await also?.(statements, after[0], item)
    }
    if (rows.length < rowsMax) return
  }
}

/** Makes documents and new columns of the records that there are. */
export const fillSearch = async (statements: Statements): Promise<void> => {
  await fillTable<Application>(statements, {
    table: 'application',
    definition: applicationSearch,
    columns: {
      client_id_key: (item) => foldText(item.clientId),
      audience_key: (item) =>
        item.resourceServer === null ? null : foldText(item.resourceServer.audience),
    },
    also: putApplicationValues,
  })
  await fillTable<AppRole>(statements, {
    table: 'app_role',
    definition: roleSearch,
    columns: { is_admin: (item) => (item.adminRole ? 1 : 0) },
  })
  await fillTable<Grant>(statements, { table: 'app_grant', definition: grantSearch, columns: {} })
  await fillTable<ClientCertificate>(statements, {
    table: 'client_certificate',
    definition: certificateSearch,
    columns: { alias_key: (item) => foldText(item.alias) },
  })
}
