/*
 * The pages of reasons, docs/errors/: their words are written there by hand, answers and tests are
 * kept by this. `node tools/reasons.ts` brings them up to date, unless something is missing.
 */
import { writeFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { families, type ReasonFamily } from './reason-families.ts'
import { type RepositoryTree, readTree } from './repository-tree.ts'
import { isTestFile, isTypeScript, lineAt } from './source-text.ts'
import { broken, type Check, formatViolation, type Violation } from './violation.ts'

const rule = 'reasons'
const index = 'docs/errors/README.md'
const explaining = 'core/decisions/src/token/trace-decision.ts'
/** Enough to find the place; the other tests name the reason too. */
const testsShownMax = 3

/** What a decision about a token can say: `explain` must know at which step. */
const decisions = [
  /^(?:GRANT_TYPE|SCOPE|SCOPES|TARGET|EXPIRY|BINDING)_/,
  /^(?:DPOP_REQUIRED|CLIENT_PUBLIC|CLIENT_INACTIVE|METHOD_NOT_REGISTERED)$/,
]

/** A contract is a list of tests that several test files run. */
const isTest = (file: string): boolean => isTestFile(file) || file.endsWith('-contract.ts')

const namesReason = (text: string, reason: string): boolean =>
  new RegExp(`(?<![A-Z_])${reason}(?![A-Z_])`).test(text)

const testsOf = (tree: RepositoryTree, family: ReasonFamily, reason: string): readonly string[] =>
  tree.files.filter(
    (file) => isTest(file) && family.isTestOf(file) && namesReason(tree.read(file), reason),
  )

const isProduced = (tree: RepositoryTree, family: ReasonFamily, reason: string): boolean =>
  tree.files.some(
    (file) =>
      isTypeScript(file) &&
      !isTest(file) &&
      file !== family.list &&
      family.isSourceOf(file) &&
      namesReason(tree.read(file), reason),
  )

/** The step of `explain` that speaks of a reason; null: none. */
const stepOf = (tree: RepositoryTree, family: ReasonFamily, reason: string): string | null => {
  if (!family.isExplained || !tree.files.includes(explaining)) return null
  return new RegExp(`^  ${reason}: '([a-z-]+)'`, 'm').exec(tree.read(explaining))?.[1] ?? null
}

const pageText = (tree: RepositoryTree, page: string): string =>
  tree.files.includes(page) ? tree.read(page) : ''

/** What is written by hand: before the first heading, and under each until the kept lines. */
const handwritten = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split(/^## /m).map((part, at) => {
      const heading = at === 0 ? '' : (/^\w+/.exec(part)?.[0] ?? '')
      const prose = part.slice(heading.length).split(/^- \*\*Answer:\*\*/m, 1)[0] ?? ''
      return [heading, prose.trim()] as const
    }),
  )

const judgeReason = (
  tree: RepositoryTree,
  family: ReasonFamily,
  reason: string,
): readonly Violation[] => {
  const text = tree.read(family.list)
  const found = new RegExp(`^ +'?${reason}'?[,:]`, 'm').exec(text)
  const at = (message: string): Violation =>
    broken(rule, family.list, lineAt(text, found?.index ?? 0), `${reason} ${message}`)
  const words = handwritten(pageText(tree, family.page)).get(reason) ?? ''
  const isDecision = family.isExplained && decisions.some((each) => each.test(reason))
  return [
    ...(/^\*\*Fix:\*\* \S/m.test(words) && !words.startsWith('**')
      ? []
      : [at(`wants a text and a fix: write '## ${reason}' in ${family.page}`)]),
    ...(testsOf(tree, family, reason).length === 0 ? [at('has no test that provokes it')] : []),
    ...(isProduced(tree, family, reason) ? [] : [at('is produced by nothing')]),
    ...(isDecision && stepOf(tree, family, reason) === null
      ? [at(`has no step in ${explaining}`)]
      : []),
  ]
}

/** Words on a page about what is no reason any more. */
const judgePage = (tree: RepositoryTree, family: ReasonFamily): readonly Violation[] => {
  const text = pageText(tree, family.page)
  return [...handwritten(text).keys()]
    .filter((each) => each !== '' && !family.reasons.some(({ reason }) => reason === each))
    .map((each) =>
      broken(rule, family.page, lineAt(text, text.indexOf(`\n## ${each}`) + 1), `${each} is gone`),
    )
}

const commandPage = 'docs/administering/command-line.md'

/** Commands that a page tells people to type, and that are not there. */
const judgeCommands = (tree: RepositoryTree, { page }: ReasonFamily): readonly Violation[] => {
  const known = [...pageText(tree, commandPage).matchAll(/^## `mintmark ([a-z -]+)/gm)].map(
    ([, words = '']) => words.trim(),
  )
  const text = pageText(tree, page)
  return [...text.matchAll(/`mintmark\s([a-z]+(?:\s[a-z]+)*)/g)].flatMap((match) => {
    const words = (match[1] ?? '').replaceAll(/\s+/g, ' ')
    if (known.some((each) => `${words} `.startsWith(`${each} `))) return []
    const message = `there is no command 'mintmark ${words}'`
    return [broken(rule, page, lineAt(text, match.index + 1), message)]
  })
}

/**
 * Reasons without words, without a test, or without a step of explain; those that nothing produces,
 * words about none, and commands that are not there.
 */
export const judgeReasons = (
  tree: RepositoryTree,
  all: readonly ReasonFamily[],
): readonly Violation[] =>
  all.flatMap((family) => [
    ...family.reasons.flatMap(({ reason }) => judgeReason(tree, family, reason)),
    ...judgePage(tree, family),
    ...judgeCommands(tree, family),
  ])

/** Tests that the page shows, where they still do: a further test makes no page stale. */
const shownTests = (
  tree: RepositoryTree,
  family: ReasonFamily,
  reason: string,
): readonly string[] => {
  const all = testsOf(tree, family, reason)
  const section = pageText(tree, family.page).split(`\n## ${reason}\n`)[1]?.split('\n## ')[0] ?? ''
  const linked = [...section.matchAll(/\]\(\.\.\/\.\.\/([^)\s]+\.ts)\)/g)].map(([, file = '']) =>
    decodeURIComponent(file),
  )
  const kept = linked.filter((file) => all.includes(file))
  return kept.length > 0 ? kept : all.slice(0, testsShownMax)
}

const linkTo = (file: string): string => {
  const path = file.split('/').map(encodeURIComponent).join('/')
  return `[${posix.basename(file).replace(/(?:\.test)?\.ts$/, '')}](../../${path})`
}

/** One page as text, with its reasons in the order of the code. */
export const renderFamily = (tree: RepositoryTree, family: ReasonFamily): string => {
  const words = handwritten(pageText(tree, family.page))
  const sections = family.reasons.flatMap(({ reason, answer }) => {
    const step = stepOf(tree, family, reason)
    const tests = shownTests(tree, family, reason)
    return [
      `## ${reason}`,
      '',
      words.get(reason) ?? '',
      '',
      `- **Answer:** ${answer}`,
      ...(step === null ? [] : [`- **Explain:** refused at the step \`${step}\``]),
      `- **Test:** ${tests.map(linkTo).join(', ')}`,
      '',
    ]
  })
  return [words.get('') ?? '', '', ...sections].join('\n')
}

/** The page that finds a reason, whatever said it. */
export const renderIndex = (all: readonly ReasonFamily[]): string =>
  [
    '# Every reason to refuse',
    '',
    '<!-- Made by `node tools/reasons.ts` from the code. -->',
    '',
    'A reason is a word that stays the same over versions: in the log, in the audit, in metrics,',
    'and in answers to those who may know it. Which page is right follows from what said no.',
    '',
    ...all.flatMap(({ title, page, reasons: list }) => [
      `## ${title}`,
      '',
      ...list.map(({ reason }) => {
        const anchor = `${posix.basename(page)}#${reason.toLowerCase()}`
        return `- [${reason}](${anchor})`
      }),
      '',
    ]),
  ].join('\n')

const pagesOf = (tree: RepositoryTree): ReadonlyMap<string, string> =>
  new Map([
    [index, renderIndex(families)],
    ...families.map((family) => [family.page, renderFamily(tree, family)] as const),
  ])

/** Every reason has words, a test, and its place on an up-to-date page. */
export const reasons: Check = {
  name: rule,
  run: (tree) => {
    if (!families.every(({ list }) => tree.files.includes(list))) return []
    const stale = [...pagesOf(tree)].filter(([page, text]) => pageText(tree, page) !== text)
    return [
      ...judgeReasons(tree, families),
      ...stale.map(([page]) => broken(rule, page, 1, "out of date: run 'node tools/reasons.ts'")),
    ]
  },
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..')
  const tree = await readTree(root)
  const violations = judgeReasons(tree, families)
  for (const violation of violations) console.error(formatViolation(violation))
  if (violations.length > 0) process.exit(1)
  for (const [page, text] of pagesOf(tree)) writeFileSync(join(root, page), text)
  console.log(`wrote ${pagesOf(tree).size} pages in docs/errors`)
}
