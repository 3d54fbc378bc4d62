import { type Logger, pino } from 'pino'
import { createLineWriter } from './line-writer.ts'
import type { LogFormat, LogLevel } from './log-options.ts'
import { type LogRecord, plainRecord } from './log-value.ts'
import { prettyLine, wantsColour } from './pretty-line.ts'
import { redact } from './secret-text.ts'

/**
 * The log: one line of JSON an event on stdout, `level time msg ecid client api reason ms`.
 * Whatever reaches it (fields, messages, bindings, errors with their stacks) is bounded by
 * `plainRecord` and passes `redact` as the finished line, so there is no way around it.
 *
 * The log is for reading, not for proof: it is buffered for up to 100 ms and drops lines rather
 * than stop the server when nobody reads stdout. Proof is the audit trail.
 */
export type Log = Logger

export type { LogFormat, LogLevel } from './log-options.ts'

/** Where finished lines go. */
export interface LogDestination {
  write(line: string): unknown
  flush?(done?: (fault?: Error) => void): void
  flushSync?(): void
}

export interface LogOptions {
  readonly level: LogLevel
  readonly format: LogFormat
  /** Stdout unless given. */
  readonly destination?: LogDestination
  /** Colours in the pretty format; unless given, only on a terminal and without NO_COLOR. */
  readonly colour?: boolean
}

const lineCharactersMax = 65_536

/**
 * Opens the log.
 *
 * @returns a pino logger (so it fits Fastify's `loggerInstance`); `flush()` writes what is buffered
 */
export function createLog(options: LogOptions): Log {
  const destination = options.destination ?? standardOutput(options.format)
  const finish = options.format === 'pretty' ? prettyFinish(options.colour) : redact
  const stream: LogDestination = {
    write: (line) => destination.write(finish(boundLine(line))),
    flush: (done) => (destination.flush ? destination.flush(done) : done?.()),
    flushSync: () => destination.flushSync?.(),
  }
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        bindings: plainMembers,
        log: plainMembers,
      },
      serializers: { err: (plain: unknown) => plain },
    },
    stream,
  )
}

const prettyFinish = (
  colour = wantsColour(process.stdout, process.env),
): ((line: string) => string) => {
  return (line) => prettyLine(redact(line), colour)
}

/** The objects that node and Fastify log as `req` and `res` hold headers and bodies: summarize. */
function plainMembers(record: object): LogRecord {
  const { req, res } = record as LogRecord
  if (req === undefined && res === undefined) return plainRecord(record)
  return plainRecord({
    ...record,
    ...(req instanceof Object ? { req: requestSummary(req) } : {}),
    ...(res instanceof Object ? { res: responseSummary(res) } : {}),
  })
}

/** A message of enormous length keeps its beginning; members are bounded before. */
function boundLine(line: string): string {
  if (line.length <= lineCharactersMax) return line
  const { level, time, msg, ecid } = JSON.parse(line) as LogRecord
  const shortened = typeof msg === 'string' ? `${msg.slice(0, 2_048)}…` : ''
  return `${JSON.stringify({ level, time, ecid, msg: shortened, shortened: line.length })}\n`
}

function standardOutput(format: LogFormat): LogDestination {
  return format === 'pretty'
    ? pino.destination({ fd: 1, sync: true })
    : createLineWriter(process.stdout)
}

/** Queries are left out: a client that sends its secret there must not find it in our log. */
const requestSummary = (request: { method?: unknown; url?: unknown }): LogRecord => ({
  method: request.method,
  path: typeof request.url === 'string' ? request.url.split('?', 1)[0] : undefined,
})

const responseSummary = (response: { statusCode?: unknown }): LogRecord => ({
  status: response.statusCode,
})

/** What one answered request tells the operator. */
export interface RequestLine {
  readonly ecid: string
  /** The short name of the door: `token`, `introspect`, `revoke`, `admin`. */
  readonly endpoint: string
  readonly status: number
  readonly client?: string
  /** The name of the API (resource server). */
  readonly api?: string
  /** Granted scopes, separated by blanks. */
  readonly scopes?: string
  readonly reason?: string
  /** The operator's half of a refusal; never holds a secret. */
  readonly detail?: string
  readonly alg?: string
  /** Milliseconds from the first byte read to the last byte handed over. */
  readonly ms: number
}

/** Writes the line of one request: `info`, or `error` for an answer that is a fault of ours. */
export function logRequest(log: Log, line: RequestLine): void {
  if (line.status >= 500) log.error(line, 'request')
  else log.info(line, 'request')
}
