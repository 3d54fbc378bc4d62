import cluster from 'node:cluster'
import { createObservability } from '@mintmark/server/composition/observability'
import type { ServerOptions } from '@mintmark/server/composition/server-options'
import type { RunningServer } from '@mintmark/server/composition/start-server'
import type { Configuration } from '@mintmark/server/configuration/configuration'
import { renderFaults, renderWarning } from '@mintmark/server/configuration/configuration-fault'
import { flagsOfArguments } from '@mintmark/server/configuration/flags-of-arguments'
import { readConfiguration } from '@mintmark/server/configuration/read-configuration'
import { serverOptionsOf } from '@mintmark/server/configuration/server-options-of'
import { domainFiles } from '../domain-file/domain-files.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { judgeCall } from '../imagined-call/judge-call.ts'
import { startExitCode, startFault } from '../start-fault.ts'

/** SIGTERM: what is under way may finish within this time. */
const drainMs = 10_000
type Flags = ReturnType<typeof flagsOfArguments>['flags']
/** The same where nothing but refusals is under way. */
const faultDrainMs = 1000

/** `mintmark serve`: the server, configured by file, environment and flags. */
export const serve = async (words: readonly string[]): Promise<number> => {
  const { flags, faults, wantsHelp } = flagsOfArguments(words)
  if (wantsHelp) return printHelp()
  const read = readConfiguration({ environment: process.env, flags })
  const mistakes = read.ok ? faults : [...faults, ...read.failure]
  if (!read.ok || mistakes.length > 0) {
    process.stderr.write(renderFaults(mistakes))
    return exitCodes.invalidInput
  }
  return run(read.value, flags)
}

const printHelp = async (): Promise<number> => {
  const { renderSettingsHelp } = await import('@mintmark/server/configuration/settings-page')
  process.stdout.write(
    'Usage: mintmark serve [--config FILE] [--SETTING VALUE ...]\n\nExamples:\n' +
      '  mintmark serve --data /var/lib/mintmark --issuer https://id.example\n' +
      `  mintmark serve --config mintmark.yaml --workers 2\n\n${renderSettingsHelp()}`,
  )
  return exitCodes.ok
}

/** Secrets read as withheld: workers use none of them. */
const textOf = ({ sources: _, warnings: __, ...settings }: Configuration): string =>
  JSON.stringify(settings)

/** A new worker reads the settings itself; they have to be those that all the others go by. */
const isAsStarted = (configuration: Configuration, flags: Flags): boolean => {
  const now = readConfiguration({ environment: process.env, flags })
  return now.ok && textOf(now.value) === textOf(configuration)
}

const run = async (configuration: Configuration, flags: Flags): Promise<number> => {
  const options = { ...serverOptionsOf(configuration), domainFiles, judgeCall }
  const observability = createObservability(configuration.log)
  if (cluster.isWorker) {
    const { startWorker } = await import('@mintmark/server/composition/start-worker')
    await startWorker(options, observability)
    return new Promise(() => {}) // ends when the primary says so
  }
  for (const warning of configuration.warnings) {
    observability.log.warn({}, renderWarning(warning))
  }
  const server = await start(options, observability)
  if (typeof server === 'number') return server
  process.on('SIGHUP', () => server.reload())
  process.on('SIGUSR2', () => {
    if (isAsStarted(configuration, flags)) return server.replaceWorkers()
    const why = 'the settings are not those of the start: restart to take them on'
    observability.log.error({}, `no worker is replaced, because ${why}`)
  })
  const reason = await Promise.race([stopSignal(), server.mustEnd])
  const isAsked = reason === 'SIGINT' || reason === 'SIGTERM'
  if (isAsked) observability.log.info({ signal: reason }, 'stopping')
  else observability.log.error({ reason }, 'ending, to be started anew')
  await server.stop(isAsked ? drainMs : faultDrainMs)
  await observability.flush()
  // A log that nobody reads must not keep the process.
  return process.exit(isAsked ? exitCodes.ok : exitCodes.unexpected)
}

const start = async (
  options: ServerOptions,
  observability: ReturnType<typeof createObservability>,
): Promise<RunningServer | ExitCode> => {
  try {
    const { startServer } = await import('@mintmark/server/composition/start-server')
    return await startServer(options, observability)
  } catch (error) {
    process.stderr.write(startFault(error))
    await observability.flush()
    return startExitCode(error)
  }
}

const stopSignal = (): Promise<string> =>
  new Promise((fulfil) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => fulfil(signal))
  })
