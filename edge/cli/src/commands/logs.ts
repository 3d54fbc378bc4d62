import { setTimeout as sleep } from 'node:timers/promises'
import { readEvents, type StreamEvent } from '@mintmark/guard/event-stream'
import { prettyLine } from '@mintmark/server/observability/pretty-line'
import { type Json, listOf, textOf } from '../domain-file/present-state.ts'
import { exitCodes } from '../exit-codes.ts'
import { findApp } from '../nouns/find.ts'
import { CommandFault, expectSuccess, refusalOf, runCommand } from '../session/command-fault.ts'
import { openSession } from '../session/open-session.ts'
import { readForm, show } from '../session/output.ts'
import { processTerminal, type Terminal } from '../session/terminal.ts'
import type { NounFlags } from './app.ts'
import type { ConnectedServer } from './connect-server.ts'

export interface LogsFlags extends NounFlags {
  readonly denied?: boolean
  readonly app?: string
  readonly api?: string
  readonly reason?: string
  readonly recent?: string
  /** Ends after so many lines. */
  readonly count?: string
}

export interface LogsSearchFlags extends LogsFlags {
  /** Nothing before this time. */
  readonly since?: string
  readonly limit?: string
}

type Query = Readonly<Record<string, string>>

const recentMax = 500

const readCount = (option: string, text: string, max: number): number => {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : -1
  if (count >= 0 && count <= max) return count
  throw new CommandFault(exitCodes.usage, `${option} is a number up to ${max}, not "${text}".`)
}

/** Names are looked up first, so that a mistyped one is no silence. */
const readQuery = async (
  server: ConnectedServer,
  flags: LogsFlags,
  limit: number,
): Promise<Query> => {
  const { app, api, reason, denied } = flags
  const found = app === undefined ? null : await findApp(server.send, app, 'application')
  const target = api === undefined ? null : await findApp(server.send, api, 'API')
  return {
    limit: String(limit),
    ...(denied === true && { denied: 'true' }),
    ...(found !== null && { app: textOf(found, 'id') }),
    ...(target !== null && { api: textOf(target, 'displayName') }),
    ...(reason !== undefined && { reason: reason.toUpperCase() }),
  }
}

/** One line for people; a refusal says where its story is. */
const lineOf = (request: Json, hasColor: boolean): string => {
  const { at, ecid, source: _, ...shown } = request
  const known = Object.entries(shown).filter(([, value]) => value !== null)
  const line = prettyLine(JSON.stringify({ time: at, ...Object.fromEntries(known) }), hasColor)
  const story = request['endpoint'] === 'token' && request['reason'] !== null
  return story ? `${line.trimEnd()}  → mintmark explain ${String(ecid)}\n` : line
}

const open = async (server: ConnectedServer, query: Query): Promise<Response> => {
  const response = await server.stream('/requests', query, 'text/event-stream')
  if (response.ok && response.body !== null) return response
  throw await refusalOf(response)
}

const eventsOf = async function* (response: Response): AsyncGenerator<StreamEvent, void> {
  try {
    yield* readEvents(response.body as unknown as AsyncIterable<Uint8Array>)
  } catch {
    // The connection broke: it is taken up again like one that was ended.
  }
}

const againAfterMs = 1000

interface Told {
  readonly terminal: Terminal
  readonly isJson: boolean
}

const tell = ({ terminal, isJson }: Told, { event, data }: StreamEvent): boolean => {
  if (event === 'dropped') {
    const { dropped } = JSON.parse(data) as { readonly dropped: number }
    terminal.writeError(`  … ${dropped} more were left out\n`)
    return false
  }
  if (event !== 'request') return false
  const request = JSON.parse(data) as Json
  terminal.writeOutput(isJson ? `${data}\n` : lineOf(request, terminal.hasColor))
  return true
}

/**
 * `mintmark logs tail`: requests as they are answered, until it is interrupted. A stream that ends,
 * with the token it was opened by or with the server, is taken up again.
 */
export const logsTail = (flags: LogsFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const form = readForm(flags.output)
    if (form !== 'table' && form !== 'json') {
      throw new CommandFault(exitCodes.usage, 'Lines come as table or, one object a line, as json.')
    }
    const told = { terminal, isJson: form === 'json' }
    let left = flags.count === undefined ? null : readCount('--count', flags.count, 1e9)
    let server = await openSession(flags, terminal)
    const recent = readCount('--recent', flags.recent ?? '10', recentMax)
    let query = await readQuery(server, flags, recent)
    for (;;) {
      const response = await open(server, query)
      for await (const event of eventsOf(response)) {
        if (tell(told, event) && left !== null) left -= 1
        if (left === 0) return undefined
      }
      await sleep(againAfterMs)
      server = await openSession(flags, terminal)
      query = { ...query, limit: '0' }
    }
  }, terminal)

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `15m`, or a time. @throws CommandFault (exit 2) */
const readSince = (text: string | undefined, nowMs: number): number => {
  if (text === undefined) return 0
  const [, count, unit = 's'] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  const atMs = count === undefined ? Date.parse(text) : nowMs - Number(count) * (unitMs[unit] ?? 0)
  if (!Number.isNaN(atMs)) return atMs
  const message = `--since is like 15m, 2h or 2026-11-21T12:00:00Z, not "${text}".`
  throw new CommandFault(exitCodes.usage, message)
}

/**
 * `mintmark logs search`: among the last requests that the server remembers; those before are in
 * the audit. The newest come last, where one looks.
 */
export const logsSearch = (
  text: string | undefined,
  flags: LogsSearchFlags,
  terminal = processTerminal(),
) =>
  runCommand(async () => {
    const form = readForm(flags.output)
    const limit = readCount('--limit', flags.limit ?? '50', recentMax)
    const sinceMs = readSince(flags.since, terminal.nowMs)
    const server = await openSession(flags, terminal)
    const query = await readQuery(server, flags, recentMax)
    const said = expectSuccess(await server.ask({ method: 'GET', path: '/requests', query }))
    const remembered = listOf(said, 'requests')
    const wanted = text?.toLowerCase() ?? ''
    const found = remembered
      .filter((each) => Date.parse(textOf(each, 'at')) >= sinceMs)
      .filter((each) => JSON.stringify(each).toLowerCase().includes(wanted))
      .slice(0, limit)
      .toReversed()
    await show(terminal, form, {
      table: found.map((each) => lineOf(each, terminal.hasColor)).join(''),
      data: found,
      names: found.map((each) => textOf(each, 'ecid')),
    })
    if (found.length === 0) {
      terminal.writeError('  Nothing among the last requests. Older: mintmark audit list\n')
    }
    return undefined
  }, terminal)
