import { exitCodes } from '../exit-codes.ts'
import { CommandFault } from './command-fault.ts'
import type { Terminal } from './terminal.ts'

export const outputForms = ['table', 'json', 'yaml', 'env', 'name'] as const
export type OutputForm = (typeof outputForms)[number]

/** One result in every form that it can be had in. */
export interface Output {
  /** For people. */
  readonly table: string
  /** As it is, for programs: json and yaml. */
  readonly data: unknown
  /** One a line. */
  readonly names: readonly string[]
  /** Variables by name; left out where there are none to speak of. */
  readonly env?: Readonly<Record<string, string>>
}

/** @throws CommandFault (exit 2) for a form that there is not */
export const readForm = (text: string | undefined): OutputForm => {
  const form = outputForms.find((each) => each === (text ?? 'table'))
  if (form !== undefined) return form
  const message = `--output is ${outputForms.join(', ')}, not "${text}".`
  throw new CommandFault(exitCodes.usage, message)
}

/** What no terminal should obey, whoever chose the text. */
const safe = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, '\u{fffd}')

/** Safe to be read by a shell: quoted unless nothing in it needs it. */
const quoted = (text: string): string =>
  /^[\w@%+=:,./-]*$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

/** Columns one below the other, the headings above. */
export const tableOf = (
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): string => {
  const lines = [headings, ...rows].map((row) => row.map(safe))
  const widths = headings.map((_, at) => Math.max(...lines.map((row) => row[at]?.length ?? 0)))
  return lines
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('')
}

/** `Label   value` lines, the empty ones left out. */
export const panelOf = (fields: readonly (readonly [string, string])[]): string => {
  const shown = fields.filter(([, value]) => value !== '')
  const width = Math.max(0, ...shown.map(([label]) => label.length))
  return shown.map(([label, value]) => `  ${label.padEnd(width)}  ${safe(value)}\n`).join('')
}

/** Writes a result to standard output in the form that was asked for. */
export const show = async (terminal: Terminal, form: OutputForm, output: Output): Promise<void> => {
  switch (form) {
    case 'table':
      return terminal.writeOutput(output.table)
    case 'json':
      return terminal.writeOutput(`${JSON.stringify(output.data, null, 2)}\n`)
    case 'yaml': {
      const { stringify } = await import('yaml')
      return terminal.writeOutput(stringify(output.data, { aliasDuplicateObjects: false }))
    }
    case 'name':
      return terminal.writeOutput(output.names.map((name) => `${name}\n`).join(''))
    case 'env': {
      if (output.env === undefined) {
        throw new CommandFault(exitCodes.usage, 'There is nothing here to put into variables.')
      }
      const lines = Object.entries(output.env).map(([name, value]) => `${name}=${quoted(value)}\n`)
      return terminal.writeOutput(lines.join(''))
    }
  }
}
