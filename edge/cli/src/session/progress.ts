import type { Terminal } from './terminal.ts'

const betweenMs = 100
const mebibyte = 1_048_576

/** How far long work has come, for who looks on. */
export interface Progress {
  advance(bytes: number): void
  /** Takes the line away again. */
  end(): void
}

const isWatched = ({ isInteractive, environment }: Terminal): boolean =>
  isInteractive && environment['TERM'] !== 'dumb' && !environment['CI']

/** Says on the same line that a step of so many begins; after the last one, `end` takes it away. */
export const showSteps = (what: string, terminal: Terminal) => {
  const isShown = isWatched(terminal)
  let width = 0
  return {
    begin: (number: number, last: number): void => {
      if (!isShown) return
      const line = `\r  ${what}  step ${number} of ${last} `
      width = line.length
      terminal.writeError(line)
    },
    /** What it waits for is said in any case: it may be for whoever called to end it. */
    goes: (words: string): void => {
      terminal.writeError(`${width > 0 ? '\n' : ''}  ${words}\n`)
      width = 0
    },
    end: (): void => {
      if (width > 0) terminal.writeError(`\r${' '.repeat(width)}\r`)
    },
  }
}

/**
 * One line on standard error that is written over and over. Where nobody looks on, in a pipe, in
 * CI or on a terminal that cannot take a line back, nothing is written at all.
 */
export const showProgress = (
  what: string,
  terminal: Terminal,
  nowMs: () => number = () => performance.now(),
): Progress => {
  const isShown = isWatched(terminal)
  const { writeError } = terminal
  let bytes = 0
  let shownAtMs = Number.NEGATIVE_INFINITY
  return {
    advance: (more) => {
      bytes += more
      if (!isShown || nowMs() - shownAtMs < betweenMs) return
      shownAtMs = nowMs()
      writeError(`\r  ${what}  ${(bytes / mebibyte).toFixed(1)} MiB `)
    },
    end: () => {
      if (isShown && bytes > 0) writeError(`\r${' '.repeat(what.length + 20)}\r`)
    },
  }
}
