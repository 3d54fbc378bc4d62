import { unknownMsMax } from './register.ts'
import type { Scene } from './scene.ts'

/** What is there of a client may be dead from now on. */
const endTokensOf = ({ tokens }: Scene, client: number): void => {
  for (const token of tokens) if (token.client === client) token.mayBeDead = true
}

/** Tokens may end until an instant; one that was asked for before may end later than that. */
export const noteEnding = ({ endedMs }: Scene, whose: number | 'all', untilMs: number): void =>
  void endedMs.set(whose, Math.max(untilMs, endedMs.get(whose) ?? 0))

/**
 * Runs what ends tokens of a client: those that are there while it runs may end by it.
 *
 * @param isUnknown whether its answer leaves open that it takes effect later
 */
export const whileEnding = async <Answer>(
  scene: Scene,
  client: number,
  work: () => Promise<Answer>,
  isUnknown: (answer: Answer) => boolean,
): Promise<Answer> => {
  endTokensOf(scene, client)
  scene.endingNow.push(client)
  const answer = await work()
  scene.endingNow.splice(scene.endingNow.indexOf(client), 1)
  noteEnding(scene, client, scene.world.nowMs() + (isUnknown(answer) ? unknownMsMax : 0))
  // what was issued while this was asked for may have ended with the rest
  endTokensOf(scene, client)
  return answer
}

/** Whether something that ends tokens of a client went on at some instant since. */
export const mayHaveEnded = (scene: Scene, client: number, sinceMs: number): boolean =>
  scene.keys.emergencies > 0 ||
  scene.endingNow.includes(client) ||
  ([client, 'all'] as const).some((whose) => (scene.endedMs.get(whose) ?? 0) >= sinceMs)
