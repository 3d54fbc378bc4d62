/**
 * One line a person reads at a terminal, made from one NDJSON line of the log:
 *
 *     12:04:31  200  token     demo-app      Orders  orders.read orders.write      ES256  1.9 ms
 *     12:04:52  401  token     demo-app      –       MISTYPED_SECRET  checksum does not match
 */

const scopesShown = 4

type Paint = (text: string, colour: keyof typeof colours) => string

const colours = { red: 31, green: 32, yellow: 33, cyan: 36, grey: 90 } as const

const paintNothing: Paint = (text) => text
const paintAnsi: Paint = (text, colour) => `\u001b[${colours[colour]}m${text}\u001b[39m`

/**
 * Whether colours are welcome on a stream (https://no-color.org).
 *
 * @param stream where the lines go
 * @param environment of the process
 */
export const wantsColour = (
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
): boolean => stream.isTTY === true && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb'

/**
 * The pretty form of one line of the log.
 *
 * @param json one NDJSON line, already redacted
 * @param colour whether to paint it
 */
export function prettyLine(json: string, colour: boolean): string {
  const paint = colour ? paintAnsi : paintNothing
  let record: Readonly<Record<string, unknown>>
  try {
    record = JSON.parse(json)
  } catch {
    return printable(json)
  }
  const time = paint(clock(record['time']), 'grey')
  const rest =
    typeof record['endpoint'] === 'string' && typeof record['status'] === 'number'
      ? requestText(record, paint)
      : eventText(record, paint)
  return `  ${time}  ${rest}\n`
}

function requestText(record: Readonly<Record<string, unknown>>, paint: Paint): string {
  const status = Number(record['status'])
  const columns = [
    paint(String(status), status < 400 ? 'green' : status < 500 ? 'yellow' : 'red'),
    text(record['endpoint']).padEnd(8),
    text(record['client']).padEnd(12),
    text(record['api']).padEnd(6),
    outcomeText(record, paint),
  ]
  if (record['alg'] !== undefined) columns.push(text(record['alg']))
  if (typeof record['ms'] === 'number' && status < 400) columns.push(milliseconds(record['ms']))
  return columns.join('  ').trimEnd()
}

function outcomeText(record: Readonly<Record<string, unknown>>, paint: Paint): string {
  if (record['reason'] === undefined) {
    return (record['scopes'] === undefined ? '' : scopesText(text(record['scopes']))).padEnd(28)
  }
  const detail = record['detail'] === undefined ? '' : `  ${text(record['detail'])}`
  return `${paint(text(record['reason']), 'yellow')}${detail}`
}

/** An administrator's token has some thirty, which would fill the screen for each command. */
const scopesText = (scopes: string): string => {
  const all = scopes.split(' ')
  return all.length <= scopesShown
    ? scopes
    : `${all.slice(0, scopesShown).join(' ')} … ${all.length} in all`
}

const eventColour = {
  trace: 'grey',
  debug: 'grey',
  info: 'cyan',
  warn: 'yellow',
  error: 'red',
  fatal: 'red',
} as const

function eventText(record: Readonly<Record<string, unknown>>, paint: Paint): string {
  const { level, time: _, msg, err, ...more } = record
  const name = text(level)
  const colour = eventColour[name as keyof typeof eventColour] ?? 'grey'
  const members = Object.entries(more).map(([key, value]) => `${printable(key)}=${text(value)}`)
  const stack = (err as { stack?: unknown } | undefined)?.stack
  const tail = typeof stack === 'string' ? `\n${stackText(stack)}` : ''
  const head = [paint(name.padEnd(5), colour), msg === undefined ? '' : text(msg), ...members]
  return `${head.filter((part) => part !== '').join('  ')}${tail}`
}

const stackText = (stack: string): string =>
  stack
    .split('\n')
    .map((line) => `      ${printable(line.trim())}`)
    .join('\n')

const clock = (time: unknown): string => {
  const date = new Date(typeof time === 'string' || typeof time === 'number' ? time : Number.NaN)
  return Number.isNaN(date.getTime()) ? '--:--:--' : date.toTimeString().slice(0, 8)
}

const milliseconds = (ms: number): string =>
  `${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms`.padStart(6)

const text = (value: unknown): string => {
  if (value === undefined || value === null || value === '') return '–'
  return printable(typeof value === 'string' ? value : JSON.stringify(value))
}

/** Control characters from strangers would let them write on the operator's terminal. */
const printable = (value: string): string =>
  value.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '·')
