/**
 * With each later step stands the schema of the oldest program that may work on beside it, so that
 * versions can run together and an upgrade can be taken back; null: none that does not know it.
 */
export const mixedVersions = `
ALTER TABLE schema_migration ADD COLUMN works_from bigint;
`
