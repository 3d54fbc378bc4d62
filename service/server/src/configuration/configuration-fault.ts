/** Where a value, or a mistake, stands. */
export type ValueSource =
  | {
      readonly from: 'file'
      readonly file: string
      readonly line: number
      readonly column: number
      readonly excerpt: Excerpt
    }
  | { readonly from: 'environment'; readonly name: string }
  /** `name` with its dashes. */
  | { readonly from: 'flag'; readonly name: string }
  | { readonly from: 'default' }

/** The part of a line that may be shown (nothing secret in it), and what to point at. */
export interface Excerpt {
  readonly text: string
  readonly caretAt: number
  readonly caretWidth: number
}

/** One mistake in the configuration. */
export interface ConfigurationFault {
  readonly source: ValueSource
  /** The key path of the setting, where it is known. */
  readonly key: string | null
  readonly what: string
  readonly why?: string
  readonly fix: string
  /** What an unknown name was probably meant to be. */
  readonly didYouMean?: string
}

/** `mintmark.yaml:4:9`, `MINTMARK_LISTEN`, `--listen`, `default`. */
export function describeSource(source: ValueSource): string {
  switch (source.from) {
    case 'file':
      return `${source.file}:${source.line}:${source.column}`
    case 'environment':
    case 'flag':
      return source.name
    case 'default':
      return 'default'
  }
}

const place = ({ source, key }: ConfigurationFault): string => {
  if (source.from === 'file') return `${describeSource(source)}  ${key === null ? '' : `${key}: `}`
  if (source.from === 'default') return key === null ? '' : `${key} (default): `
  return `${describeSource(source)}: `
}

/**
 * Every mistake for the terminal: what, why, fix, with the line of the file and a caret.
 *
 * @returns lines with a line end each
 */
export function renderFaults(faults: readonly ConfigurationFault[]): string {
  const count = faults.length === 1 ? 'a mistake' : `${faults.length} mistakes`
  return [
    `✖ Cannot start: the configuration has ${count}.`,
    ...faults.flatMap((fault) => ['', ...faultLines(fault)]),
    '',
    '  Every setting: mintmark serve --help, or docs/operating/configuration.md',
    '',
  ].join('\n')
}

function faultLines(fault: ConfigurationFault): string[] {
  const lines = [`  ${place(fault)}${fault.what}`]
  if (fault.source.from === 'file' && fault.source.excerpt.text !== '') {
    const { text, caretAt, caretWidth } = fault.source.excerpt
    const margin = String(fault.source.line).padStart(7)
    lines.push(`${margin} │ ${text}`)
    lines.push(`${' '.repeat(7)} │ ${' '.repeat(caretAt)}${'^'.repeat(Math.max(1, caretWidth))}`)
  }
  if (fault.why !== undefined) lines.push(...folded('Why:', fault.why))
  if (fault.didYouMean !== undefined) lines.push(`    Did you mean ${fault.didYouMean}?`)
  lines.push(...folded('Fix:', fault.fix))
  return lines
}

const columnsMax = 100

/** Long advice in lines of its own width, under its label. */
function folded(label: string, text: string): string[] {
  const lines: string[] = []
  let line = `    ${label}`
  for (const word of text.split(' ')) {
    if (line.length + 1 + word.length > columnsMax) {
      lines.push(line)
      line = ' '.repeat(4 + label.length)
    }
    line += ` ${word}`
  }
  return [...lines, line]
}

/** One line for the log or the terminal, for what is allowed but probably not meant. */
export function renderWarning(warning: ConfigurationFault): string {
  const why = warning.why === undefined ? '' : ` Why: ${warning.why}.`
  return `⚠ ${place(warning)}${warning.what}.${why} Fix: ${warning.fix}`
}
