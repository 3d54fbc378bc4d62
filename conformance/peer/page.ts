import { type Difference, reasons } from './differences.ts'

/** What a run against the peer came to. */
export interface PeerResult {
  /** Tests that pass with both. */
  readonly same: number
  readonly differences: readonly Difference[]
  /** Tests that need something the peer does not have. */
  readonly notAsked: readonly string[]
}

const cell = (text: string): string =>
  text.replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('<', '&lt;')

const row = (...cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`

const code = (text: string): string => {
  // Ports change from run to run.
  const steady = text.replace(/localhost:\d+/g, 'localhost').slice(0, 90)
  return steady === '' ? '' : `\`${steady.replaceAll('`', "'")}\``
}

const withoutIds = (name: string): string =>
  name.replace(/^[A-Z]{2}-\d{2}(?: [A-Z]{2}-\d{2})* /, '')

/** The page, as it lies in docs/internals. */
export const renderPage = ({ same, differences, notAsked }: PeerResult): string =>
  [
    '# How node-oidc-provider answers the same tests',
    '',
    'Made by `node conformance/peer/run.ts`; the reasons are in `conformance/peer/differences.ts`.',
    '',
    'The tests of the token endpoint (rows TE, CA, CC, ER of [the standards](../standards.md)) are',
    'put to node-oidc-provider 9.13.3, set up as its documentation says. That they tell two',
    'servers apart, and mostly agree, is the proof that they test something. `Pragma` is judged',
    'once, by its own row: it is missing there everywhere.',
    '',
    `${same} tests pass with both servers. These ${differences.length} differ:`,
    '',
    row('row', 'test', 'ours', 'theirs', 'why'),
    row('---', '---', '---', '---', '---'),
    ...differences.map(({ name, ids, ours, theirs }) =>
      row(ids.join(', '), withoutIds(name), code(ours), code(theirs), reasons.get(name) ?? '**?**'),
    ),
    '',
    `These ${notAsked.length} need something that the peer does not have:`,
    '',
    row('row', 'test'),
    row('---', '---'),
    ...notAsked.map((name) => row(/^[A-Z-\d ]*\d{2}/.exec(name)?.[0] ?? '', withoutIds(name))),
    '',
  ].join('\n')
