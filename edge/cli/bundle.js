/*
 * `node edge/cli/bundle.js`: the built command as a few files instead of 500 modules. What a process
 * costs until it answers is mostly to find and link them, and with workers each of them does it.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'

const dist = join(import.meta.dirname, 'dist')
const dir = join(dist, 'bundle')

/** Ours and only ours: what others wrote comes from its own packages, with their licences. */
const isOthers = (id) => !/^(?:[./]|@mintmark\/)/.test(id)

rmSync(dir, { recursive: true, force: true })
const bundle = await rolldown({
  input: join(dist, 'main.js'),
  platform: 'node',
  external: isOthers,
})
await bundle.write({ dir, keepNames: true })
