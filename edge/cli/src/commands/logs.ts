import { setTimeout as sleep } from 'node:timers/promises'
import { readEvents, type StreamEvent } from '@mintmark/guard/event-stream'
import { prettyLine } from '@mintmark/server/observability/pretty-line'
import { type Json, textOf } from '../domain-file/present-state.ts'
import { exitCodes } from '../exit-codes.ts'
import { findApp } from '../nouns/find.ts'
import { CommandFault, exitCodeOf, runCommand, wordsOf } from '../session/command-fault.ts'
import { openSession } from '../session/open-session.ts'
import { readForm } from '../session/output.ts'
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

type Query = Readonly<Record<string, string>>

const recentMax = 500

const readCount = (option: string, text: string, max: number): number => {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : -1
  if (count >= 0 && count <= max) return count
  throw new CommandFault(exitCodes.usage, `${option} is a number up to ${max}, not "${text}".`)
}

/** Names are looked up first, so that a mistyped one is no silence. */
const readQuery = async (server: ConnectedServer, flags: LogsFlags): Promise<Query> => {
  const { app, api, reason, denied, recent = '10' } = flags
  const found = app === undefined ? null : await findApp(server.send, app, 'application')
  const target = api === undefined ? null : await findApp(server.send, api, 'API')
  return {
    limit: String(readCount('--recent', recent, recentMax)),
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
  const body: unknown = await response.json().catch(() => null)
  throw new CommandFault(exitCodeOf(response.status), wordsOf(response.status, body))
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
    let query = await readQuery(server, flags)
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
