/*
 * `node conformance/peer/run.ts`: puts the tests of the token endpoint to node-oidc-provider and
 * writes every difference, with its reason, to docs/internals/peer-differences.md. Ends with 1 when
 * a difference has no reason, or a reason no difference.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from 'node:test'
import { type Difference, reasons } from './differences.ts'
import { renderPage } from './page.ts'

const root = join(import.meta.dirname, '../..')
const page = join(root, 'docs/internals/peer-differences.md')
const groups = ['TE', 'CA', 'CC', 'ER']

/** Test files that carry a row of the token endpoint and can be put to a peer. */
const files = globSync('conformance/*.test.ts', { cwd: root })
  .map((file) => join(root, file))
  .filter((file) => {
    const text = readFileSync(file, 'utf8')
    const carries = groups.some((group) => new RegExp(`['"\`]${group}-\\d\\d`).test(text))
    return carries && text.includes('useDomain(')
  })

const idsOf = (name: string): readonly string[] => {
  const leading = /^[A-Z]{2}-\d{2}(?: [A-Z]{2}-\d{2})*/.exec(name)?.[0]
  return leading?.split(' ') ?? []
}

interface Failure {
  readonly message?: string
  readonly actual?: unknown
  readonly expected?: unknown
}

/** What a failed check says in a few words. */
const words = (value: unknown): string => {
  if (typeof value === 'string') return value
  return value === undefined ? 'nothing' : JSON.stringify(value)
}

const differenceOf = (name: string, failure: Failure): Difference => {
  const message = (failure.message ?? '').split('\n')[0] ?? ''
  const { actual, expected } = failure
  const isSaid = typeof expected === 'string' || typeof expected === 'number'
  const isSeen = isSaid || expected instanceof RegExp
  return {
    name,
    ids: idsOf(name),
    ours: isSaid ? words(expected) : '',
    theirs: isSeen ? words(actual) : message,
  }
}

process.env['MINTMARK_CONFORMANCE_PEER'] = 'node-oidc-provider'
const same: string[] = []
const notAsked: string[] = []
const differences: Difference[] = []
const events = run({ files, cwd: root, concurrency: 2 })
const isOfGroups = (name: string) => groups.some((group) => name.startsWith(`${group}-`))
events.on('test:pass', ({ name }) => {
  if (isOfGroups(name)) same.push(name)
})
events.on('test:fail', ({ name, details }) => {
  if (!isOfGroups(name)) return
  const failure = (details.error.cause ?? details.error) as Failure & { readonly name?: string }
  const isNotAskable = /^(?:only our own server|the peer has no)/.test(failure.message ?? '')
  if (isNotAskable) notAsked.push(name)
  else differences.push(differenceOf(name, failure))
})
events.on('end', () => {
  const unexplained = differences.filter(({ name }) => !reasons.has(name))
  const found = new Set(differences.map(({ name }) => name))
  const stale = [...reasons.keys()].filter((name) => !found.has(name))
  for (const { name, theirs } of unexplained) console.error(`no reason for: ${name}: ${theirs}`)
  for (const name of stale) console.error(`no difference any more: ${name}`)
  const byName = (left: string, right: string) => (left < right ? -1 : 1)
  differences.sort((left, right) => byName(left.name, right.name))
  writeFileSync(
    page,
    renderPage({ same: same.length, differences, notAsked: notAsked.sort(byName) }),
  )
  const counts = `${differences.length} differ, ${notAsked.length} cannot be asked`
  console.log(`${same.length} tests pass there too, ${counts}`)
  if (unexplained.length > 0 || stale.length > 0) process.exitCode = 1
})
events.resume()
