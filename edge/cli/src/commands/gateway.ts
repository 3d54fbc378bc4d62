import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type RunningGateway, startGateway } from '@mintmark/gateway/start-gateway'
import { fail, ok, type Result } from '@mintmark/protocol/result'
import { createLineWriter } from '@mintmark/server/observability/line-writer'
import { formatMistakes } from '../domain-file/mistake.ts'
import { exitCodes } from '../exit-codes.ts'
import type { GatewayFile } from '../gateway-file/gateway-file.ts'
import { readGatewayFile } from '../gateway-file/read-gateway-file.ts'
import { settingsOfFile } from '../gateway-file/settings-of-file.ts'

/** SIGTERM: what is under way may finish within this time. */
const drainMs = 10_000

/** How often the file is looked at. */
const lookMs = 1000

/** What a file is told apart by; a link, as of a Kubernetes volume, by what it leads to. */
const stampOf = (path: string): string => {
  try {
    const { mtimeMs, size, ino } = statSync(path)
    return `${mtimeMs} ${size} ${ino}`
  } catch {
    return 'none'
  }
}

const filesOf = ({ tls }: GatewayFile, path: string): readonly string[] => {
  const besides = tls === null ? [] : [tls.certificate, tls.key]
  return [path, ...besides.map((name) => resolve(dirname(path), name))]
}

export interface GatewayCommandOptions {
  readonly config: string
}

/** @returns the file, or what to print */
export const openGatewayFile = (path: string): Result<GatewayFile, string> => {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code
    return fail(`${path} cannot be read: ${why}. Name the file of the gateway: -c gateway.yaml`)
  }
  const source = { name: path, text }
  const file = readGatewayFile(source)
  return file.ok ? file : fail(formatMistakes(file.failure, [source]))
}

const lines = createLineWriter(process.stderr)

const log = (level: 'info' | 'warn', members: object): void => {
  lines.write(`${JSON.stringify({ level, time: new Date().toISOString(), ...members })}\n`)
}

/** `mintmark gateway`: the guard as a proxy, until a signal ends it. */
export const gateway = async ({ config }: GatewayCommandOptions): Promise<number> => {
  const file = openGatewayFile(config)
  if (!file.ok) {
    process.stderr.write(`${file.failure}\n`)
    return exitCodes.invalidInput
  }
  const started = await start(file.value, config)
  if (!started.ok) {
    process.stderr.write(`The gateway cannot start: ${started.failure}\n`)
    return exitCodes.unexpected
  }
  const { url, metricsUrl } = started.value
  log('info', { msg: 'listening', url, ...(metricsUrl !== null && { metrics: metricsUrl }) })
  const following = followFile(config, file.value, started.value)
  const signal = await stopSignal()
  following.close()
  log('info', { msg: 'stopping', signal })
  await started.value.stop(drainMs)
  await new Promise<void>((fulfil) => lines.flush(fulfil))
  // A log that nobody reads must not keep the process.
  return process.exit(exitCodes.ok)
}

const settingsOf = (file: GatewayFile, path: string) =>
  settingsOfFile(file, path, (event) => {
    const { kind, ...members } = event
    log(kind === 'trouble' ? 'warn' : 'info', { msg: kind, ...members })
  })

const start = async (file: GatewayFile, path: string) => {
  try {
    const report = (message: string) => log('warn', { msg: 'trouble', message })
    const doors = { ...file.listen, metrics: file.metrics }
    return ok(await startGateway(settingsOf(file, path), doors, report))
  } catch (error) {
    return fail((error as Error).message.replace('guard(): ', ''))
  }
}

/** Puts what the file says now in the place of what it said. @returns why all stays as it was */
const reload = async (
  path: string,
  before: GatewayFile,
  running: RunningGateway,
): Promise<Result<GatewayFile, string>> => {
  const file = openGatewayFile(path)
  if (!file.ok) return file
  const doors = ({ listen, metrics }: GatewayFile) => JSON.stringify([listen, metrics])
  if (doors(file.value) !== doors(before)) return fail('listen and metrics need a restart.')
  const guardOf = ({ guard, trustedProxies }: GatewayFile) =>
    JSON.stringify([guard, guard.certificates === null ? null : trustedProxies])
  try {
    const settings = settingsOf(file.value, path)
    const done = await running.reload(settings, guardOf(file.value) === guardOf(before))
    return done.ok ? file : done
  } catch (error) {
    return fail((error as Error).message.replace('guard(): ', ''))
  }
}

/** Reads the file again at SIGHUP, and when it or a file of its certificate has changed. */
const followFile = (path: string, first: GatewayFile, running: RunningGateway) => {
  let current = first
  let busy: Promise<void> = Promise.resolve()
  const again = (why: string): void => {
    busy = busy.then(async () => {
      const read = await reload(path, current, running)
      if (read.ok) {
        current = read.value
        log('info', { msg: 'reloaded', file: path, why })
      } else
        log('warn', { msg: 'reload refused, the old file stays', file: path, why: read.failure })
    })
  }
  const stamp = (): string => filesOf(current, path).map(stampOf).join(' ')
  let known = stamp()
  const timer = setInterval(() => {
    const now = stamp()
    if (now !== known) again('changed')
    known = now
  }, lookMs)
  timer.unref()
  const onSignal = () => {
    known = stamp()
    again('SIGHUP')
  }
  process.on('SIGHUP', onSignal)
  return {
    close: () => {
      clearInterval(timer)
      process.off('SIGHUP', onSignal)
    },
  }
}

const stopSignal = (): Promise<string> =>
  new Promise((fulfil) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => fulfil(signal))
  })
