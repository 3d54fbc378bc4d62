/** What the command's exit says; stable, so that scripts can rely on it. */
export const exitCodes = {
  ok: 0,
  unexpected: 1,
  usage: 2,
  notFound: 3,
  forbidden: 4,
  conflict: 5,
  invalidInput: 6,
  unreachable: 7,
  denied: 8,
  dryRunChanges: 10,
  interrupted: 130,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** What passes by itself, and a proxy's word for it that nobody is behind it. */
const isForNow = (status: number): boolean => status === 429 || (status >= 502 && status <= 504)

/** The exit code that an HTTP status of the server comes to. */
export const exitCodeOfStatus = (status: number): ExitCode => {
  if (status === 401 || status === 403) return exitCodes.forbidden
  if (status === 404) return exitCodes.notFound
  if (status === 409 || status === 412) return exitCodes.conflict
  if (isForNow(status)) return exitCodes.unreachable
  return status === 400 || status === 413 ? exitCodes.invalidInput : exitCodes.unexpected
}
