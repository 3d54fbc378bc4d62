/*
 * Writes docs/operating/configuration.md from the table of settings:
 * `node --conditions=mintmark-source service/server/src/configuration/write-settings-page.ts`
 */
import { writeFileSync } from 'node:fs'
import { renderSettingsPage } from './settings-page.ts'

const page = new URL('../../../../docs/operating/configuration.md', import.meta.url)
writeFileSync(page, renderSettingsPage())
