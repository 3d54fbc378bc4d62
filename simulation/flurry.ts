import { setActive, setGrants } from './administration-operations.ts'
import { flurryAsks, flurryRounds, type Step } from './plan.ts'
import type { Scene } from './scene.ts'
import { askToken, introspect } from './token-operations.ts'

const spreadMs = 60

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Each server is asked for a token, and about one that there is. */
const askAll = async (scene: Scene, step: Step): Promise<void> => {
  await Promise.all(
    scene.nodes.flatMap((_, node) => [
      askToken(scene, { ...step, node }),
      introspect(scene, { ...step, node, pick: step.amount / 4 }),
    ]),
  )
}

/** Asked for while what they depend on changes: servers read it again and again. */
const askMeanwhile = async (scene: Scene, step: Step): Promise<void> => {
  for (let at = 0; at < flurryAsks; at += 1) {
    askToken(scene, { ...step, node: (step.node + at) % scene.nodes.length }).catch(() => {})
    await sleep(step.amount * spreadMs)
  }
}

/**
 * One client loses what it may, gets it back and loses it, while it asks for tokens. Two
 * administrators take it away at nearly the same time; as soon as one is answered, all servers are
 * asked whether it holds. Nobody waits for the answers to these before the next change.
 */
export const flurry = async (scene: Scene, step: Step): Promise<void> => {
  const set = step.pick < 0.5 ? setActive : setGrants
  const other = { ...step, node: (step.node + (step.pick < 0.25 ? 0 : 1)) % scene.nodes.length }
  const asking: Promise<void>[] = []
  for (let round = 0; round < flurryRounds; round += 1) {
    asking.push(askMeanwhile(scene, step))
    const first = set(scene, step, false)
    const second = sleep(step.amount * spreadMs).then(() => set(scene, other, false))
    await Promise.race([first, second])
    asking.push(askAll(scene, step))
    await Promise.all([first, second])
    asking.push(askAll(scene, step))
    // what was ended last stays so for a while, or nobody could say that an answer is wrong
    if (round < flurryRounds - 1) await set(scene, step, true)
  }
  await Promise.all(asking)
}
