import type { Member } from '../writer/worker-member.ts'
import type { LiveBatch } from './live-request.ts'

/** Carries requests from the workers that answer them to those where somebody is told. */
export interface LiveRelay {
  listening(member: Member, isListening: boolean): void
  pass(from: Member, batch: LiveBatch): void
  /** A worker has come or gone. */
  renew(): void
}

/** Batches that one worker has not taken yet; more are left out and counted. */
const underWayMax = 20

/** What the primary knows of one worker. */
interface Standing {
  isListening: boolean
  /** Whether it was told to pass on. */
  passes: boolean
  underWay: number
  dropped: number
}

const newStanding = (): Standing => ({
  isListening: false,
  passes: false,
  underWay: 0,
  dropped: 0,
})

export const createLiveRelay = (members: ReadonlySet<Member>): LiveRelay => {
  const standings = new WeakMap<Member, Standing>()
  const standingOf = (member: Member): Standing => {
    const known = standings.get(member) ?? newStanding()
    standings.set(member, known)
    return known
  }
  const renew = (): void => {
    const listening = [...members].filter((each) => standingOf(each).isListening)
    for (const member of members) {
      const standing = standingOf(member)
      const isWanted = listening.some((each) => each !== member)
      if (isWanted === standing.passes || !member.worker.isConnected()) continue
      standing.passes = isWanted
      member.worker.send({ kind: 'live-wanted', isWanted })
    }
  }
  const give = (member: Member, batch: LiveBatch): void => {
    const standing = standingOf(member)
    const { requests } = batch
    if (standing.underWay >= underWayMax) {
      standing.dropped += requests.length + batch.dropped
      return
    }
    const dropped = batch.dropped + standing.dropped
    standing.dropped = 0
    standing.underWay += 1
    member.worker.send({ kind: 'live', batch: { requests, dropped } }, () => {
      standing.underWay -= 1
    })
  }
  return {
    listening: (member, isListening) => {
      standingOf(member).isListening = isListening
      renew()
    },
    pass: (from, batch) => {
      for (const member of members) {
        if (member === from || !standingOf(member).isListening) continue
        if (member.worker.isConnected()) give(member, batch)
      }
    },
    renew,
  }
}
