interface Warn {
  warn(fields: object, message: string): void
}

const toldEveryMs = 10_000

/**
 * Tells of requests that are refused because more come than can be answered: at once when it
 * begins, then every ten seconds how many there were, until there are none.
 */
export const createShedLog = (log: Warn, everyMs = toldEveryMs): (() => void) => {
  let refused = 0
  let timer: NodeJS.Timeout | null = null
  const tell = (): void => {
    timer = null
    if (refused === 0) return
    log.warn({ refused, seconds: everyMs / 1000 }, 'overloaded: requests were refused with 503')
    refused = 0
    timer = setTimeout(tell, everyMs).unref()
  }
  return () => {
    refused += 1
    if (timer === null) tell()
  }
}
