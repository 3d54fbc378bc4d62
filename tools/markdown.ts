import { lineAt, linesOf } from './source-text.ts'

export interface MarkdownLink {
  readonly target: string
  readonly line: number
}

/** Same length, same lines; what stands in code is blank, so that examples are not read as text. */
const withoutCode = (text: string): string => {
  const blank = (code: string): string => code.replace(/[^\n]/g, ' ')
  return text
    .replace(/^( *)(`{3,}|~{3,})[^\n]*\n[\s\S]*?^ *\2[^\n]*$/gm, blank)
    .replace(/(`+)(?!`)[^\n]*?[^`\n]\1(?!`)/g, blank)
}

/** Every link and image of a document, inline and by reference. */
export const linksOf = (text: string): readonly MarkdownLink[] => {
  const prose = withoutCode(text)
  const inline = [...prose.matchAll(/\]\(<?([^()\s<>]+)>?(?:\s+"[^"]*")?\)/g)]
  const defined = [...prose.matchAll(/^ {0,3}\[[^\]]+\]:\s+<?(\S+?)>?(?:\s|$)/gm)]
  return [...inline, ...defined].map((match) => ({
    target: match[1] ?? '',
    line: lineAt(text, match.index),
  }))
}

/** The anchor a forge gives to a heading: lower case, punctuation gone, spaces to hyphens. */
const slugOf = (heading: string): string =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-')

/** Every anchor of a document: headings (numbered when they repeat) and explicit ids. */
export const anchorsOf = (text: string): ReadonlySet<string> => {
  const anchors = new Set<string>()
  const seen = new Map<string, number>()
  const prose = linesOf(withoutCode(text))
  linesOf(text).forEach((line, index) => {
    // Decided on the blanked line, read from the real one: a heading may hold code.
    const heading = /^ {0,3}#{1,6}\s/.test(prose[index] ?? '') && /^\s*#+\s+(.*?)\s*#*$/.exec(line)
    if (heading) {
      const slug = slugOf(heading[1] ?? '')
      const times = seen.get(slug) ?? 0
      seen.set(slug, times + 1)
      anchors.add(times === 0 ? slug : `${slug}-${times}`)
    }
    for (const id of (prose[index] ?? '').matchAll(/<a (?:id|name)="([^"]+)"/g)) {
      anchors.add(id[1] ?? '')
    }
  })
  return anchors
}

/** The text under a heading, up to the next of the same or a higher level, and its first line. */
export const sectionOf = (
  text: string,
  heading: string,
): { readonly text: string; readonly line: number } | undefined => {
  const lines = linesOf(text)
  const first = lines.findIndex(
    (line) => /^#+\s/.test(line) && line.replace(/^#+\s+/, '') === heading,
  )
  if (first === -1) return undefined
  const level = /^#+/.exec(lines[first] ?? '')?.[0].length ?? 1
  const isEnd = (line: string): boolean => (/^(#+)\s/.exec(line)?.[1]?.length ?? 9) <= level
  const length = lines.slice(first + 1).findIndex(isEnd)
  const end = length === -1 ? lines.length : first + 1 + length
  return { text: lines.slice(first + 1, end).join('\n'), line: first + 2 }
}
