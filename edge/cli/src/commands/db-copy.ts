import { renderFaults } from '@mintmark/server/configuration/configuration-fault'
import { readConfiguration } from '@mintmark/server/configuration/read-configuration'
import { serverOptionsOf } from '@mintmark/server/configuration/server-options-of'
import { exitCodes } from '../exit-codes.ts'
import { startExitCode, startFault } from '../start-fault.ts'

export interface DbCopyOptions {
  readonly data?: string
  readonly databaseUrlFile?: string
}

/** `mintmark db copy`: the data of a stopped server, from its file into PostgreSQL. */
export const dbCopy = async ({ data, databaseUrlFile }: DbCopyOptions): Promise<number> => {
  const flags = {
    ...(data !== undefined && { data }),
    ...(databaseUrlFile !== undefined && { 'database-url-file': databaseUrlFile }),
  }
  const read = readConfiguration({ environment: process.env, flags })
  if (!read.ok) {
    process.stderr.write(renderFaults(read.failure))
    return exitCodes.invalidInput
  }
  const { copyData } = await import('@mintmark/server/composition/copy-data')
  try {
    const copied = await copyData(serverOptionsOf(read.value))
    for (const { name, rows, digest } of copied) {
      process.stdout.write(`${name.padEnd(32)} ${String(rows).padStart(9)}  ${digest}\n`)
    }
    process.stdout.write('Copied, and read back the same.\n')
    return exitCodes.ok
  } catch (error) {
    process.stderr.write(startFault(error).replace('Cannot start', 'Cannot copy'))
    return startExitCode(error)
  }
}
