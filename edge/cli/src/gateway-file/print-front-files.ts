import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type FrontProxy, frontProxies } from '@mintmark/gateway/forward-auth'
import { frontFiles } from '@mintmark/gateway/front-proxy'
import { identityNames } from '@mintmark/gateway/identity-fields'
import { replaceFile } from '@mintmark/server/replace-file'
import { openGatewayFile } from '../commands/gateway.ts'
import { exitCodes } from '../exit-codes.ts'

export interface FrontFileOptions {
  readonly config: string
  readonly api?: string
  readonly port: string
  readonly directory?: string
}

const complain = (message: string): number => {
  process.stderr.write(`${message}\n`)
  return exitCodes.invalidInput
}

const isFrontProxy = (name: string): name is FrontProxy =>
  (frontProxies as readonly string[]).includes(name)

/** `mintmark gateway config`: the files for a proxy that asks this gateway. */
export const printFrontFiles = (name: string, options: FrontFileOptions): number => {
  if (!isFrontProxy(name)) {
    return complain(`There are no files for "${name}". It can be: ${frontProxies.join(', ')}.`)
  }
  const read = openGatewayFile(options.config)
  if (!read.ok) return complain(read.failure)
  const { listen, upstream, forwardAuth, identity, passToken } = read.value
  if (!forwardAuth) {
    return complain(`${options.config} has no forwardAuth: true, so the gateway would not answer.`)
  }
  const api = options.api ?? upstream?.replace(/^https?:\/\//, '')
  if (api === undefined) return complain('Where is the API? Add --api 127.0.0.1:3000.')
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host
  const files = frontFiles(name, {
    gateway: `${/^(?:0\.0\.0\.0|\[::\])$/.test(host) ? '127.0.0.1' : host}:${listen.port}`,
    api,
    port: Number(options.port),
    fields: identityNames(identity),
    passToken,
  })
  const { directory } = options
  for (const file of files) {
    if (directory === undefined) {
      process.stdout.write(files.length > 1 ? `### ${file.name}\n${file.text}\n` : file.text)
      continue
    }
    mkdirSync(directory, { recursive: true })
    replaceFile(join(directory, file.name), file.text)
    process.stdout.write(`${join(directory, file.name)}\n`)
  }
  return exitCodes.ok
}
