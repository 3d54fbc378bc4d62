/* Writes docs/administering/command-line-output.json: `node --conditions=mintmark-source …`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { outputSchemaDocument } from './output-schemas.ts'

const file = join(import.meta.dirname, '../../../../docs/administering/command-line-output.json')
writeFileSync(file, `${JSON.stringify(outputSchemaDocument(), null, 2)}\n`)
