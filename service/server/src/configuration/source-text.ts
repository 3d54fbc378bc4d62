import { redact } from '../observability/secret-text.ts'
import type { Excerpt } from './configuration-fault.ts'
import { settingKeys, settingOf } from './settings.ts'

/** A text with its lines: what faults point into. */
export interface SourceText {
  readonly file: string
  readonly content: string
  readonly positionOf: (offset: number) => Position
  /** Where the line begins; lines count from 1. */
  readonly lineStart: (line: number) => number
  readonly lineText: (line: number) => string
}

/** Both count from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

const excerptCharactersMax = 100

export function sourceText(file: string, content: string): SourceText {
  const starts = [0]
  for (let at = content.indexOf('\n'); at >= 0; at = content.indexOf('\n', at + 1)) {
    starts.push(at + 1)
  }
  const lineStart = (line: number): number => starts[line - 1] ?? content.length
  return {
    file,
    content,
    lineStart,
    lineText: (line) => content.slice(lineStart(line), lineStart(line + 1)).replace(/\r?\n$/, ''),
    positionOf: (offset) => {
      const line = starts.findLastIndex((start) => start <= offset) + 1
      return { line, column: offset - lineStart(line) + 1 }
    },
  }
}

/**
 * The line of a fault, of which only the offending pair is shown: other pairs of the same line may
 * be secrets, known ones or mistyped ones.
 *
 * @param caret the offsets to point at
 * @param visible the offsets that may be shown
 */
export function pairExcerpt(
  text: SourceText,
  caret: readonly [number, number],
  visible: readonly [number, number],
): Excerpt {
  const { line, column } = text.positionOf(caret[0])
  const start = text.lineStart(line)
  const whole = text.lineText(line)
  const from = Math.max(0, visible[0] - start)
  const to = Math.min(whole.length, visible[1] - start)
  if (to <= from) return { text: '', caretAt: 0, caretWidth: 0 }
  const before = whole.slice(0, from)
  const lead = /^[\s-]*$/.test(before) ? before.replaceAll('\t', ' ') : '… '
  const rest = whole.slice(to).trim()
  const more = rest === '' || rest.startsWith('#') ? '' : ' …'
  const caretAt = lead.length + column - 1 - from
  const shown = `${lead}${redact(whole.slice(from, to))}`
  const width = Math.min(caret[1] - start, to) - (column - 1)
  return {
    text: `${printable(shown.slice(0, excerptCharactersMax))}${more}`,
    caretAt: Math.min(caretAt, excerptCharactersMax),
    caretWidth: Math.max(1, Math.min(width, excerptCharactersMax - caretAt)),
  }
}

const harmlessNames: ReadonlySet<string> = new Set(
  settingKeys.filter((key) => settingOf(key).isSecret !== true).flatMap((key) => key.split('.')),
)

/**
 * The line of a mistake in the syntax, where nobody knows yet what is a value: shown whole only
 * when it is one word for a setting that is no secret, else up to its colon.
 */
export function syntaxExcerpt(text: SourceText, { line, column }: Position): Excerpt {
  const whole = text.lineText(line)
  const parts = /^([\s-]*([\w.-]+):)(\s*\S*\s*)(.*)$/.exec(whole)
  if (parts === null) return { text: '', caretAt: 0, caretWidth: 0 }
  const [, name = '', key = '', value = '', rest] = parts
  const shown = harmlessNames.has(key) && rest === '' ? `${name}${value}` : `${name} …`
  return {
    text: printable(redact(shown)),
    caretAt: Math.min(column - 1, shown.length),
    caretWidth: 1,
  }
}

/** One character a column, and none that acts on a terminal. */
const printable = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ')
