import { readConfiguration } from '@mintmark/server/configuration/read-configuration'
import { tellSettings } from '@mintmark/server/configuration/told-settings'
import { type Probe, probe } from '../doctor/probe.ts'
import { isObject, type Json, listOf, textOf } from '../domain-file/present-state.ts'
import { exitCodes } from '../exit-codes.ts'
import { CommandFault, configurationRefused, runCommand } from '../session/command-fault.ts'
import { readUrl, type SessionFlags } from '../session/open-session.ts'
import { type Output, panelOf, readForm, show, tableOf } from '../session/output.ts'
import { processTerminal, type Terminal } from '../session/terminal.ts'
import { ServerNotReached } from './connect-server.ts'

export interface StatusFlags extends SessionFlags {
  readonly output?: string
  readonly quiet?: boolean
  /** true: the one that the environment names. */
  readonly config?: string | true
}

const ask = async (url: string): Promise<Probe> => {
  try {
    return await probe(url)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new ServerNotReached(`${new URL(url).origin} was not reached: ${code ?? message}.`)
  }
}

const jsonOf = ({ json }: Probe): Json => (isObject(json) ? json : {})

const versionOf = (said: Json): string => {
  const inside = said['configuration']
  return isObject(inside) ? textOf(inside, 'service_release_version') : ''
}

/** What anybody may know of a server. */
const look = async (base: string) => {
  const started = performance.now()
  const readiness = await ask(`${base}/readyz`)
  const ms = Math.round(performance.now() - started)
  const metadata = jsonOf(await ask(`${base}/.well-known/oauth-authorization-server`))
  const keys = listOf(jsonOf(await ask(`${base}/.well-known/jwks.json`)), 'keys')
  const configuration = jsonOf(await ask(`${base}/.well-known/idcs-configuration`))
  const dateMs = Date.parse(String(readiness.headers['date'] ?? ''))
  const reasons = jsonOf(readiness)['reasons']
  return {
    url: base,
    ready: readiness.status === 200,
    reasons: Array.isArray(reasons) ? reasons.map(String) : [],
    version: versionOf(configuration),
    issuer: textOf(metadata, 'issuer'),
    keys: keys.map((key) => `${textOf(key, 'alg')} ${textOf(key, 'kid')}`),
    // the header has whole seconds
    clockOffsetSeconds: Number.isNaN(dateMs)
      ? null
      : Math.round((dateMs + 500 - readiness.atMs) / 1000),
    answerMs: ms,
  }
}

/** Every setting with its value and where it came from; secrets are not shown. */
const configurationOf = (file: string | true, terminal: Terminal): Output => {
  const { environment } = terminal
  const named = file === true ? {} : { file }
  const read = readConfiguration({ environment, flags: {}, ...named })
  if (!read.ok) throw configurationRefused(read.failure)
  const settings = tellSettings(read.value)
  const table = tableOf(
    ['SETTING', 'VALUE', 'FROM'],
    settings.map(({ key, value, source }) => [key, value ?? '–', source.place ?? 'default']),
  )
  return { table, data: settings, names: settings.map(({ key }) => key) }
}

/** `mintmark status`: 0 when it is ready, 6 when not, 7 when it is not reached. */
export const status = (
  said: string | undefined,
  flags: StatusFlags,
  terminal = processTerminal(),
) =>
  runCommand(async () => {
    const form = readForm(flags.output)
    if (flags.config !== undefined) {
      await show(terminal, form, configurationOf(flags.config, terminal))
      return undefined
    }
    const url = URL.parse(said ?? readUrl(flags, terminal))
    if (url === null || !/^https?:$/.test(url.protocol)) {
      throw new CommandFault(exitCodes.usage, 'That is no http or https URL.')
    }
    const seen = await look(`${url.origin}${url.pathname.replace(/\/+$/, '')}`)
    const { ready, reasons, clockOffsetSeconds: offset } = seen
    if (flags.quiet !== true) {
      const table = panelOf([
        ['Server', seen.url],
        ['Version', seen.version],
        ['Ready', ready ? 'yes' : `no: ${reasons.join('; ')}`],
        ['Issuer', seen.issuer],
        ['Signing keys', seen.keys.join(', ')],
        ['Clock', offset === null ? '' : `${offset} s from this one`],
        ['Answered in', `${seen.answerMs} ms`],
      ])
      await show(terminal, form, { table, data: seen, names: [ready ? 'ready' : 'not ready'] })
    }
    return ready ? exitCodes.ok : exitCodes.invalidInput
  }, terminal)
