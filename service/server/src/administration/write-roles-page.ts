/*
 * Writes docs/administering/roles.md from the table of roles:
 * `node --conditions=mintmark-source service/server/src/administration/write-roles-page.ts`
 */
import { writeFileSync } from 'node:fs'
import { renderRolesPage } from './roles-page.ts'

const page = new URL('../../../../docs/administering/roles.md', import.meta.url)
writeFileSync(page, renderRolesPage())
