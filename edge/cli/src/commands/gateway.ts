import { readFileSync } from 'node:fs'
import { startGateway } from '@mintmark/gateway/start-gateway'
import { fail, ok, type Result } from '@mintmark/protocol/result'
import { formatMistakes } from '../domain-file/mistake.ts'
import { exitCodes } from '../exit-codes.ts'
import type { GatewayFile } from '../gateway-file/gateway-file.ts'
import { readGatewayFile } from '../gateway-file/read-gateway-file.ts'
import { settingsOfFile } from '../gateway-file/settings-of-file.ts'

/** SIGTERM: what is under way may finish within this time. */
const drainMs = 10_000

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

const log = (level: 'info' | 'warn', members: object): void => {
  process.stderr.write(`${JSON.stringify({ level, time: new Date().toISOString(), ...members })}\n`)
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
  log('info', { msg: 'listening', url: started.value.url })
  const signal = await stopSignal()
  log('info', { msg: 'stopping', signal })
  await started.value.stop(drainMs)
  return exitCodes.ok
}

const start = async (file: GatewayFile, path: string) => {
  try {
    const settings = settingsOfFile(file, path, (event) => {
      const { kind, ...members } = event
      log(kind === 'trouble' ? 'warn' : 'info', { msg: kind, ...members })
    })
    const report = (message: string) => log('warn', { msg: 'trouble', message })
    return ok(await startGateway(settings, file.listen, report))
  } catch (error) {
    return fail((error as Error).message.replace('guard(): ', ''))
  }
}

const stopSignal = (): Promise<string> =>
  new Promise((fulfil) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => fulfil(signal))
  })
