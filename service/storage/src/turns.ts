/** Works that follow one another, in the order of their calls. */
export interface Turns {
  /** Runs `work` when all that was asked for before has ended, well or not. */
  take<T>(work: () => Promise<T>): Promise<T>
  /** Fulfils when all that was asked for so far has ended. */
  settled(): Promise<void>
}

export const createTurns = (): Turns => {
  let tail: Promise<void> = Promise.resolve()
  return {
    take: async (work) => {
      const turn = tail
      const { promise, resolve } = Promise.withResolvers<void>()
      tail = promise
      await turn
      try {
        return await work()
      } finally {
        resolve()
      }
    },
    settled: () => tail,
  }
}
