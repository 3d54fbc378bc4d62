/** Resource servers are few among many applications: reading all of them must not read the rest. */
export const resourceServerIndex = `
CREATE INDEX application_resource_server
  ON application (domain_id, is_resource_server, display_name_key);
`
