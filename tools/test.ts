/*
 * `npm test` after build and check: every `*.test.ts` of the repository, unbuilt, in processes of
 * their own. Arguments are parts of paths: `npm test -- core/protocol rfc6749`.
 */
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'

const folders = 'core,service,edge,conformance,tools,examples,benchmarks,simulation,docs'
/** Two cores are what the smallest machine that builds this has. */
const filesAtOnce = 2
/** A file that hangs is ended, so that a run ends too. */
const fileTimeoutMs = 600_000
/** Takes longest, and waits for others most of that: as the last it would run beside nothing. */
const begunFirst = 'tools/pack.test.ts'
/** The first version with argon2id in `node:crypto`. */
const nodeVersionMin = [24, 7] as const

const refuse = (message: string): never => {
  console.error(message)
  process.exit(1)
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const [majorMin, minorMin] = nodeVersionMin
if (major < majorMin || (major === majorMin && minor < minorMin)) {
  const wanted = nodeVersionMin.join('.')
  refuse(
    `These tests need Node ${wanted} or newer; this is ${process.versions.node} ` +
      `(${process.execPath}). 'npm test' finds the right one after 'npm ci'.`,
  )
}

/**
 * Where Node keeps what it has compiled: the same for a thousand processes. `npm ci` empties it.
 */
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, '../node_modules/.cache/compiled')

const root = process.env['MINTMARK_TEST_ROOT'] ?? join(import.meta.dirname, '..')
const filters = process.argv.slice(2)
const files = globSync(`{${folders}}/**/*.test.ts`, {
  cwd: root,
  exclude: (path) => /(?:^|\/)(?:node_modules|dist)$/.test(path),
})
  .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))
  .sort((a, b) => Number(b === begunFirst) - Number(a === begunFirst) || (a < b ? -1 : 1))
if (files.length === 0)
  refuse(`No test file has ${filters.join(' or ') || '.test.ts'} in its path.`)

const paths: ReadonlySet<string> = new Set(files.map((file) => join(root, file)))
const events = run({
  files: [...paths],
  cwd: root,
  concurrency: filesAtOnce,
  timeout: fileTimeoutMs,
  execArgv: ['--conditions=mintmark-source'],
})
let ran = 0
const empty: string[] = []
// A file in which no test ran is reported as one passing test with the name of the file.
events.on('test:pass', ({ name, skip }) => {
  if (paths.has(name)) empty.push(name)
  else if (skip === undefined) ran += 1
})
events.on('test:fail', () => {
  ran += 1
  process.exitCode = 1
})
events.on('test:summary', ({ file, success }) => {
  if (file === undefined && !success) process.exitCode = 1
})
events.on('end', () => {
  for (const file of empty) console.error(`No test ran in ${file}`)
  if (ran > 0 && empty.length === 0) return
  console.error('A run without tests proves nothing.')
  process.exitCode = 1
})
events.compose(spec).pipe(process.stdout)
