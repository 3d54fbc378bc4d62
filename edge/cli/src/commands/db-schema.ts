import { readConfiguration } from '@mintmark/server/configuration/read-configuration'
import { serverOptionsOf } from '@mintmark/server/configuration/server-options-of'
import { exitCodes } from '../exit-codes.ts'
import { CommandFault, configurationRefused, runCommand } from '../session/command-fault.ts'
import { panelOf, readForm, show } from '../session/output.ts'
import { showSteps } from '../session/progress.ts'
import { processTerminal, type Terminal } from '../session/terminal.ts'
import { startExitCode, startFault } from '../start-fault.ts'

export interface DataFlags {
  readonly config?: string
  readonly data?: string
  readonly databaseUrlFile?: string
  readonly output?: string
}

/** Where the data is, as the server would find it. @throws CommandFault (exit 6) */
export const dataOf = ({ config, data, databaseUrlFile }: DataFlags, terminal: Terminal) => {
  const flags = {
    ...(data !== undefined && { data }),
    ...(databaseUrlFile !== undefined && { 'database-url-file': databaseUrlFile }),
  }
  const { environment } = terminal
  const file = config === undefined ? {} : { file: config }
  const read = readConfiguration({ environment, flags, ...file })
  if (!read.ok) throw configurationRefused(read.failure)
  return serverOptionsOf(read.value)
}

/** Faults of the database are told in one line, as at the start of the server. */
export const orFault = async <T>(work: Promise<T>, what: string): Promise<T> => {
  try {
    return await work
  } catch (error) {
    const said = startFault(error)
      .replace(/^✖ Cannot start: /, '')
      .trimEnd()
    throw new CommandFault(startExitCode(error), `Cannot ${what}: ${said}`)
  }
}

/** `mintmark db status`: the schema of the data, and whether the next start changes it. */
export const dbStatus = (flags: DataFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const form = readForm(flags.output)
    const options = dataOf(flags, terminal)
    const { dataStanding } = await import('@mintmark/server/composition/migrate-data')
    const standing = await orFault(dataStanding(options), 'look')
    const { schema, known, worksHere } = standing ?? { schema: 0, known: null, worksHere: true }
    const kind = options.databaseUrl === null ? 'sqlite' : 'postgresql'
    const where = options.databaseUrl === null ? options.dataDirectory : 'the database of the URL'
    const ahead = worksHere ? 'ahead' : 'newer'
    const state =
      known === null ? 'none' : schema === known ? 'current' : schema < known ? 'older' : ahead
    const words = {
      none: 'nothing there yet; the first start makes it',
      current: 'up to date',
      older: 'the next start, or mintmark db migrate, brings it up to date; make a backup before',
      ahead: 'a newer mintmark has added to it; this one works on beside it',
      newer: 'a newer mintmark wrote it; start that one, or restore a backup',
    } as const
    await show(terminal, form, {
      table: panelOf([
        ['Database', kind],
        ['Data', where],
        ['Schema', known === null ? '–' : `${schema} of ${known}`],
        ['State', words[state]],
      ]),
      data: { database: kind, schema, known, state },
      names: [state],
    })
    return state === 'newer' ? exitCodes.invalidInput : exitCodes.ok
  }, terminal)

/** `mintmark db migrate`: brings the data of a stopped server to the schema of this program. */
export const dbMigrate = (flags: DataFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const options = dataOf(flags, terminal)
    const { migrateData } = await import('@mintmark/server/composition/migrate-data')
    const steps = showSteps('Migrating', terminal)
    const taken = await orFault(migrateData(options, steps), 'migrate').finally(steps.end)
    const said = `${taken} step${taken === 1 ? '' : 's'} taken`
    terminal.writeError(`✔ Up to date${taken === 0 ? ' already' : `: ${said}`}.\n`)
    return undefined
  }, terminal)
