import type { PostgresTestServer } from '@mintmark/storage/postgres/postgres-test-server'

/** Kills the first process, or has all of them end at once; then starts it again. */
export const restartDatabase = async (
  server: PostgresTestServer,
  round: number,
): Promise<number> => {
  await server.kill(round % 2 === 0 ? 'SIGQUIT' : 'SIGKILL')
  await server.start()
  return performance.now()
}

const followedWithinMs = 20_000

/** A primary and the standby that has all it has acknowledged, and how they change places. */
export const createPair = async (first: PostgresTestServer) => {
  let primary = first
  let standby = await first.startStandby()
  const follow = async (): Promise<void> => {
    primary.setSynchronous(true)
    const deadline = performance.now() + followedWithinMs
    while (!(await primary.isFollowed())) {
      if (performance.now() > deadline) throw new Error('the standby does not follow')
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  await follow()
  return {
    hosts: `${first.host},${standby.host}`,
    primary: () => primary,
    /** Kills the primary and promotes the standby. @returns `performance.now()` when it is one */
    promote: async (): Promise<number> => {
      await primary.kill()
      await standby.promote()
      const promotedAt = performance.now()
      const former = primary
      primary = standby
      standby = former
      return promotedAt
    },
    /** The former primary is made a standby of the present one. */
    rejoin: async (): Promise<void> => {
      await standby.follow(primary)
      await follow()
    },
    standby: () => standby,
  }
}
