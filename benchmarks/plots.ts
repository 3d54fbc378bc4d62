/** Writes the page of plots anew: `node benchmarks/plots.ts`. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { pageFiles, pictureFolder } from './plots/page.ts'
import { readRuns } from './result-file.ts'

const pages = join(import.meta.dirname, '../docs/internals')

/** Writes page and pictures, and removes pictures that are no longer in it. */
export function writePlots(folder: string = pages): void {
  const files = pageFiles(readRuns())
  mkdirSync(join(folder, pictureFolder), { recursive: true })
  for (const name of readdirSync(join(folder, pictureFolder))) {
    if (!files.has(`${pictureFolder}/${name}`)) rmSync(join(folder, pictureFolder, name))
  }
  for (const [file, text] of files) writeFileSync(join(folder, file), text)
}

if (process.argv[1] === import.meta.filename) writePlots(process.argv[2])
