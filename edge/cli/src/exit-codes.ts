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
