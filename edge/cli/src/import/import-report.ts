import type { NotCarried } from './import-notes.ts'

/** What was not carried over, by what it belonged to: field, why, what to do. */
export const reportText = (report: readonly NotCarried[]): string => {
  if (report.length === 0) return 'Everything in the file was carried over.\n'
  const groups = Map.groupBy(report, ({ about }) => about)
  const lines = [...groups].flatMap(([about, entries]) => [
    `  ${about}`,
    ...entries.map(({ field, why, fix }) => `    ${field}: ${why}${fix === '' ? '' : ` ${fix}`}`),
  ])
  const count = `${report.length} ${report.length === 1 ? 'thing' : 'things'}`
  return `Not carried over, or not as it was (${count}):\n${lines.join('\n')}\n`
}
