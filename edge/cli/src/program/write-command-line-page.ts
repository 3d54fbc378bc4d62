/*
 * Writes docs/administering/command-line.md from the commands:
 * `node --conditions=mintmark-source edge/cli/src/program/write-command-line-page.ts`
 */
import { writeFileSync } from 'node:fs'
import { commandLinePage } from './command-line-page.ts'
import { createProgram } from './program.ts'

const page = new URL('../../../../docs/administering/command-line.md', import.meta.url)
writeFileSync(page, commandLinePage(createProgram()))
