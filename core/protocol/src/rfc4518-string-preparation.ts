/**
 * Preparing directory strings for caseIgnoreMatch (RFC 4518 §2). Stricter in one point: characters
 * that the RFC maps to nothing (controls, NUL among them, and invisible formatting) make a value
 * equal to nothing here, because `ad<NUL>min` must not become `admin`.
 */

/** §2.2: these controls are spaces; §2.6 folds them. Other separators are folded as `\p{Zs}`. */
const spaceLike = /[\t\n\v\f\r\u0085\p{Zs}\u2028\u2029]/gu
/** §2.2 "mapped to nothing" and §2.4 "prohibited": unassigned, private, surrogates, U+FFFD. */
const incomparable = /[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Variation_Selector}\ufffc\ufffd]|\u034f/u
/** §2.6.1: a space that carries a combining mark is a character. */
const spaces = / +(?!\p{M})/gu

/** RFC 3454 B.2 where lower case alone is not the fold: sharp s and final sigma. */
const foldCase = (text: string): string =>
  text.toLowerCase().replaceAll('ß', 'ss').replaceAll('ς', 'σ')

/**
 * Values that are equal under caseIgnoreMatch (RFC 4517 §4.2.11) come out as the same string.
 * @returns null for a value that must not equal any
 */
export const prepareCaseIgnore = (value: string): string | null => {
  const spaced = value.replaceAll(spaceLike, ' ')
  if (incomparable.test(spaced)) return null
  // §2.3 normalises to NFKC; folding before and after makes compatibility capitals fold as well.
  const folded = foldCase(foldCase(spaced).normalize('NFKC')).normalize('NFKC')
  return folded
    .replaceAll(spaces, ' ')
    .replace(/^ (?!\p{M})/u, '')
    .replace(/ $/, '')
}
