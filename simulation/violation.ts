/** The promises that hold whatever happens, by number. */
export const invariants = {
  'INV-1': 'every acknowledged change is there',
  'INV-2': 'after the answer to what ends something, nobody honours it',
  'INV-3': 'one success for each client and assertion',
  'INV-4': 'tokens verify, by keys that were published in time, and no retired key signs',
  'INV-5': 'each change and each token has exactly one record, and the chain is whole',
  'INV-6': 'a token holds no scope that its client was not granted',
  'INV-7': 'a token lives for as long as the policy says',
  'INV-8': 'a request repeated with its retry token has one effect and one answer',
  'INV-9': 'nothing of another domain is read or written',
  'INV-10': 'no secret is told, logged or stored in the clear',
  'INV-11': 'no more guesses are judged than the budget allows',
  'INV-12': 'no change overwrites one that its author had not seen',
  'INV-13': 'when faults stop, all servers answer again without help',
} as const

export type InvariantName = keyof typeof invariants

/** A promise that was broken, and how that showed. */
export class InvariantBroken extends Error {
  readonly invariant: InvariantName
  constructor(invariant: InvariantName, what: string) {
    super(`${invariant} (${invariants[invariant]}): ${what}`)
    this.invariant = invariant
  }
}
