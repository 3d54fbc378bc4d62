/** The page of plots as Markdown, and the pictures in it. */
import type { BenchRun } from '../result-file.ts'
import { lostIn, newestFindings, promisesIn } from './findings.ts'
import { told } from './scale.ts'
import {
  aimOf,
  figuresSection,
  growthSection,
  measuredSection,
  promisesSection,
  type Section,
  sizesSection,
  table,
  waitsSection,
} from './sections.ts'

/** Files of the page by their path from `docs/internals`. */
export type PageFiles = ReadonlyMap<string, string>

export const pageFile = 'benchmark-plots.md'
export const pictureFolder = 'benchmark-plots'

const intro = `# Benchmark plots

Written by \`node benchmarks/plots.ts\` from the newest run of each scenario among the
[results](../../benchmarks/results); a full \`npm run bench\` writes it anew. Change the program,
not this page. What is measured, against whom and how: [benchmarks](benchmarks.md). A dot is the
median of the rounds, a line through it goes from the least to the greatest. Blue is ours, brown is
others', grey is a floor that hands out no real token.

To repeat all of it, on a machine that has nothing else to do (the second line installs two
contenders, which are left out where they are absent; the last two take a quarter of an hour, and
half an hour more for a million applications):

\`\`\`
npm ci
sudo apt-get install --no-install-recommends glewlwyd nginx-light
npm run bench -- --rounds 3
npm run bench:million
\`\`\`
`

function losses(runs: readonly BenchRun[]): readonly string[] {
  const found = newestFindings(runs)
  const missed = promisesIn(found).filter(({ isMet }) => !isMet)
  const lost = lostIn(found)
  const promises = missed.map(
    (each) =>
      `- \`${each.scenario}\`, ${each.what}: ${told(each.spread.median)} instead of ${aimOf(each)}`,
  )
  const better = lost.map(({ scenario, what, who, theirs, ours }) => [
    who,
    what,
    theirs,
    ours,
    `\`${scenario}\``,
  ])
  return [
    '## Where we lose',
    '',
    missed.length === 0
      ? 'Every promise is met in these runs.'
      : 'Promises that are not met in these runs:',
    '',
    ...promises,
    ...(promises.length === 0 ? [] : ['']),
    ...(lost.length === 0
      ? ['Nobody does anything better of what was measured of both.']
      : [
          'What others do better, by whatever was measured of both:',
          '',
          ...table([['who', 'what', 'theirs', 'ours', 'scenario'], ...better]),
        ]),
  ]
}

/** All parts, those left out of which nothing has been measured. */
function sectionsOf(runs: readonly BenchRun[]): readonly Section[] {
  const found = newestFindings(runs)
  const both = ['requests', 'cpu'] as const
  return [
    ...promisesSection(found),
    ...measuredSection(found, 'token-es256-1process', 'ES256 tokens, one process', both),
    ...waitsSection(found),
    ...sizesSection(found),
    ...measuredSection(found, 'token-rs256-2workers', 'RS256 tokens, two processes', both),
    ...measuredSection(found, 'reuse-window', 'The current token again', ['requests']),
    ...measuredSection(found, 'audit-modes', 'Strict and available audit', both),
    ...figuresSection(found, 'signing-bursts', 'Beside bursts of RSA tokens'),
    ...measuredSection(found, 'new-connections', 'A new connection each', ['requests']),
    ...measuredSection(found, 'mutual-tls', 'A handshake with a certificate each', ['cpu']),
    ...measuredSection(found, 'assertion-es256', 'Assertions, each once', ['cpu']),
    ...measuredSection(found, 'introspection', 'Introspection of distinct tokens', ['cpu']),
    ...growthSection(found),
    ...figuresSection(found, 'database-growth', 'What a token leaves in the database'),
    ...figuresSection(found, 'guard-validation', 'Checking a token'),
    ...measuredSection(found, 'gateway-proxying', 'Through the gateway', ['requests']),
    ...figuresSection(found, 'start-and-idle', 'Start, and memory at rest'),
    ...figuresSection(found, 'information', 'What the machine can do'),
  ]
}

/** The page and its pictures; the same runs give the same files. */
export function pageFiles(runs: readonly BenchRun[]): PageFiles {
  const sections = sectionsOf(runs)
  const files = new Map<string, string>()
  const parts = sections.map(({ title, pictures, lines }) => {
    const shown = pictures.flatMap((each) => {
      const file = `${pictureFolder}/${each.name}.svg`
      files.set(file, each.svg)
      return [`![${each.title}](${file})`, '']
    })
    return [`## ${title}`, '', ...shown, ...lines].join('\n')
  })
  files.set(
    pageFile,
    `${[intro, losses(runs).join('\n'), ...parts].join('\n\n').replace(/\n{3,}/g, '\n\n')}\n`,
  )
  return files
}
