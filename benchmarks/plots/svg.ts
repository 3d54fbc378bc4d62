/** The few parts of SVG that the plots are made of; the same input gives the same text. */

/** What a colour stands for; the style sheet has a light and a dark one for each. */
export type Tone = 'ours' | 'peer' | 'floor' | 'missed'

/** Whole width of every plot, in user units. */
export const plotWidth = 800

// The plots stand in pages as images, so that they see the reader's theme by themselves.
const style = `
  svg { font: 13px system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif }
  .ground { fill: #ffffff } .ink { fill: #1f2328 } .soft { fill: #59636e; font-size: 12px }
  .title { font-size: 16px; font-weight: 600 } .end { text-anchor: end }
  .middle { text-anchor: middle } .grid { stroke: #d8dee4 } .mark { stroke: #59636e }
  .mark { stroke-width: 1.5; stroke-dasharray: 5 4 } path.line { fill: none; stroke-width: 2 }
  .range { stroke-width: 2 } .strong { font-weight: 600 }
  .ours { fill: #0b62c4; stroke: #0b62c4 } .peer { fill: #6b4e16; stroke: #6b4e16 }
  .floor { fill: #6e7781; stroke: #6e7781 } .missed { fill: #c02a1f; stroke: #c02a1f }
  .hollow { fill: #ffffff; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117 } .ink { fill: #e6edf3 } .soft { fill: #9aa4af }
    .grid { stroke: #2b323b } .mark { stroke: #9aa4af }
    .ours { fill: #5aa7ff; stroke: #5aa7ff } .peer { fill: #d9a441; stroke: #d9a441 }
    .floor { fill: #8b949e; stroke: #8b949e } .missed { fill: #ff7b72; stroke: #ff7b72 }
    .hollow { fill: #0d1117 }
  }
`

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/** Text as content of an element. */
export const escaped = (text: string): string => text.replace(/[&<>]/g, (at) => escapes[at] ?? at)

/** A coordinate: two digits are finer than any screen. */
export const at = (value: number): string => String(Math.round(value * 100) / 100)

/** A line of text; classes say size, weight and which end is at `x`. */
export const textAt = (x: number, y: number, text: string, classes: string): string =>
  `<text x="${at(x)}" y="${at(y)}" class="${classes}">${escaped(text)}</text>`

export const lineTo = (from: readonly number[], to: readonly number[], classes: string): string => {
  const [x1 = 0, y1 = 0] = from
  const [x2 = 0, y2 = 0] = to
  return `<line x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}" class="${classes}"/>`
}

export const dotAt = (x: number, y: number, tone: Tone, isHollow: boolean): string =>
  `<circle cx="${at(x)}" cy="${at(y)}" r="5.5" class="${tone}${isHollow ? ' hollow' : ''}"/>`

/** A whole picture, described for those who cannot see it. */
export function picture(
  { title, about }: { readonly title: string; readonly about: string },
  height: number,
  parts: readonly string[],
): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${plotWidth} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<desc>${escaped(about)}</desc>`,
    `<style>${style}</style>`,
    `<rect width="${plotWidth}" height="${height}" class="ground"/>`,
    textAt(16, 28, title, 'ink title'),
    textAt(16, 48, about, 'soft'),
    ...parts,
    '</svg>',
    '',
  ].join('\n')
}
