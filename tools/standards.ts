/*
 * The page of standards, made from `conformance/rows.ts` and the tests that carry its rows.
 * `node tools/standards.ts` writes docs/standards.md, unless a row has no test.
 */
import { writeFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { later, type NotOffered, notOffered } from '../conformance/rows/not-offered.ts'
import type { Row, RowGroup } from '../conformance/rows/row.ts'
import { rowGroups } from '../conformance/rows.ts'
import { type CarriedRow, carriedRows } from './carried-rows.ts'
import { type RepositoryTree, readTree } from './repository-tree.ts'
import { lineAt } from './source-text.ts'
import { broken, type Check, formatViolation, type Violation } from './violation.ts'

const rule = 'standards'
const page = 'docs/standards.md'
const rowsFile = 'conformance/rows.ts'

/** What the page is made from. */
export interface Standards {
  readonly groups: readonly RowGroup[]
  readonly notOffered: readonly NotOffered[]
  readonly later: readonly (readonly [standard: string, feature: string])[]
}

const ours: Standards = { groups: rowGroups, notOffered, later }

const rowsOf = (standards: Standards): readonly Row[] =>
  standards.groups.flatMap((group) => group.rows)

const placeOfRow = (tree: RepositoryTree, id: string): readonly [file: string, line: number] => {
  for (const file of tree.files) {
    if (!file.startsWith('conformance/rows')) continue
    const position = tree.read(file).indexOf(`'${id}'`)
    if (position !== -1) return [file, lineAt(tree.read(file), position)]
  }
  return [rowsFile, 1]
}

/**
 * Rows without a test, tests without a row, tests of what is called not applicable, and rows that
 * contradict themselves.
 */
export const judgeRows = (tree: RepositoryTree, standards: Standards): readonly Violation[] => {
  const carried = carriedRows(tree)
  const byId = new Map(rowsOf(standards).map((row) => [row.id, row]))
  const wanted = [
    ...rowsOf(standards).filter((row) => row.status === 'test'),
    ...standards.notOffered,
  ].map(({ id }) => id)
  const ids = [...rowsOf(standards), ...standards.notOffered].map(({ id }) => id)
  const atRow = (id: string, message: string): Violation =>
    broken(rule, ...placeOfRow(tree, id), `${id} ${message}`)
  const tests = new Set(carried.map(({ id }) => id))
  return [
    ...ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => atRow(id, 'comes twice')),
    ...rowsOf(standards)
      .filter((row) => (row.status === 'n/a') !== Boolean(row.reason))
      .map(({ id }) => atRow(id, 'names a missing feature if, and only if, it is n/a')),
    ...wanted.filter((id) => !tests.has(id)).map((id) => atRow(id, 'has no test')),
    ...carried.flatMap(({ id, file, line }) => {
      if (!ids.includes(id)) return [broken(rule, file, line, `${id} is no row`)]
      if (byId.get(id)?.status !== 'n/a') return []
      return [broken(rule, file, line, `${id} has a test, and its row says n/a`)]
    }),
  ]
}

const linkTo = (file: string): string =>
  `[${posix.basename(file, '.test.ts')}](../${file.split('/').map(encodeURIComponent).join('/')})`

const testsOf = (id: string, carried: readonly CarriedRow[]): string =>
  [...new Set(carried.filter((each) => each.id === id).map(({ file }) => file))]
    .sort()
    .map(linkTo)
    .join(', ')

const tableRow = (...cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`

const renderGroup = (group: RowGroup, carried: readonly CarriedRow[]): readonly string[] => [
  `## ${group.title}`,
  '',
  tableRow('row', 'section', 'level', 'demand', 'test'),
  tableRow('---', '---', '---', '---', '---'),
  ...group.rows.map(({ id, section, level, title, reason }) => {
    const proof = reason === undefined ? testsOf(id, carried) : `n/a: ${reason}`
    return tableRow(id, section, level, title, proof)
  }),
  '',
]

/** The page as text. */
export const renderStandards = (tree: RepositoryTree, standards: Standards): string => {
  const carried = carriedRows(tree)
  const rows = rowsOf(standards)
  const count = rows.filter((row) => row.status === 'test').length
  return [
    '# Standards',
    '',
    '<!-- Made by `node tools/standards.ts` from conformance/rows.ts; change those. -->',
    '',
    'What the standards demand of an authorization server for client credentials, row by row, and',
    'the black-box test that holds us to it.',
    `${count} rows have a test; ${rows.length - count} are not applicable, each for want of a`,
    'named feature.',
    '',
    'Levels: **M** must, **S** should, **Y** may (tested because we advertise it), **C** our',
    'choice where the text is silent or allows several answers, **P** demanded by a named profile.',
    '',
    ...standards.groups.flatMap((group) => renderGroup(group, carried)),
    '## Not offered',
    '',
    'Refused, and spoken of in no discovery document; a test holds us to that as well.',
    '',
    tableRow('row', 'feature', 'defined in', 'what is answered', 'test'),
    tableRow('---', '---', '---', '---', '---'),
    ...standards.notOffered.map(({ id, feature, section, answer }) =>
      tableRow(id, feature, section, answer, testsOf(id, carried)),
    ),
    '',
    '## Later',
    '',
    'Rows of these standards join the page together with the feature.',
    '',
    ...standards.later.map(([standard, feature]) => `- ${standard}: ${feature}`),
    '',
  ].join('\n')
}

/** Every row has its test, and the page says what the rows and tests say. */
export const standards: Check = {
  name: rule,
  run: (tree) => {
    if (!tree.files.includes(rowsFile)) return []
    const violations = judgeRows(tree, ours)
    const written = tree.files.includes(page) ? tree.read(page) : ''
    if (written === renderStandards(tree, ours)) return violations
    return [...violations, broken(rule, page, 1, "out of date: run 'node tools/standards.ts'")]
  },
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..')
  const tree = await readTree(root)
  const violations = judgeRows(tree, ours)
  for (const violation of violations) console.error(formatViolation(violation))
  if (violations.length > 0) process.exit(1)
  writeFileSync(join(root, page), renderStandards(tree, ours))
  console.log(`wrote ${page}`)
}
