import type { Guard } from '@mintmark/guard/guard'
import type { SigningKey } from '@mintmark/registry/signing-key'
import type { FirstData, Known } from './first-data.ts'
import type { ModelDatabase } from './model-database.ts'
import type { Network } from './network.ts'
import { createRegister, type PendingChange, type Register } from './register.ts'
import type { ServerNode } from './server-node.ts'
import { InvariantBroken, type InvariantName } from './violation.ts'
import { type Actor, createActor, type World } from './world.ts'

/** A token as it was answered. */
export interface HeldToken {
  readonly text: string
  readonly jti: string
  readonly kid: string
  readonly client: number
  readonly scopes: readonly string[]
  readonly expiresAtMs: number
  readonly answeredMs: number
  /** Since when it is certainly dead by itself; null: nobody was told so. */
  revokedMs: number | null
  /** Somebody has asked for something that may have ended it. */
  mayBeDead: boolean
}

/** A secret; null: whoever asked for it has not got the answer. */
export interface SecretBox {
  text: string | null
}

/** A client as its owner and its administrator know it. */
export interface ClientState {
  readonly known: Known
  /** The secret that its owner would use now. */
  secret: string
  readonly secrets: Register<SecretBox>
  readonly activity: Register<boolean>
  readonly grants: Register<string>
  readonly description: Register<string>
  /** When each acknowledged deactivation was answered. */
  readonly deactivatedMs: number[]
  /** Everything issued before `invokedMs` is dead since `ackedMs`. */
  readonly ended: { readonly invokedMs: number; readonly ackedMs: number }[]
  /** Version that each acknowledged description was written over. */
  readonly written: Map<string, string>
  readonly successes: Map<string, number>
  /** Failures by source: when each was answered as one that was judged. */
  readonly judged: Map<string, number[]>
}

/** The signing keys, as far as they were seen in the database. */
export interface KeyKnowledge {
  /** Since when a key is in the key set. */
  readonly published: Map<string, number>
  readonly retired: Map<string, number>
  /** Somebody has asked to withdraw them. */
  readonly mayBeGone: Set<string>
  /** Withdrawals under way: a key that signs at once then is none of a rotation. */
  emergencies: number
  /** As they were committed last. */
  stored: readonly SigningKey[]
}

/** An API with a guard in front. */
export interface GuardedApi {
  readonly actor: Actor
  readonly guard: Guard
}

/** Everything of one world. */
export interface Scene {
  readonly world: World
  readonly database: ModelDatabase
  readonly data: FirstData
  readonly network: Network
  readonly people: Actor
  readonly nodes: ServerNode[]
  readonly guards: GuardedApi[]
  readonly clients: readonly ClientState[]
  readonly tokens: HeldToken[]
  /** How each change ended, by the id of its request. */
  readonly changes: Map<string, 'done' | 'done or so before' | 'refused' | 'unknown'>
  /** Ids of the requests of one change that was asked for again and again. */
  readonly repeats: { readonly ecids: readonly string[]; readonly isDone: boolean }[]
  /** Since when keys are certainly withdrawn. */
  readonly withdrawn: Map<string, number>
  readonly keys: KeyKnowledge
  /** Clients of which all tokens are just being ended. */
  readonly endingNow: number[]
  /** Until when tokens of a client, or of all of them, may have been ended. */
  readonly endedMs: Map<number | 'all', number>
  administratorToken: string | null
  /** Every secret that somebody has, or has tried. */
  readonly secrets: string[]
  /** What servers have written into their logs. */
  readonly said: string[]
  /** Steps that have begun and not ended. */
  underWay: number
  /** Requests of people and programs, and checks at guards. */
  operations: number
  /** How often each promise was looked after. */
  readonly checks: Map<InvariantName, number>
  /** The first promise that was broken. */
  broken: InvariantBroken | null
  readonly allBroken: Set<InvariantName>
}

export const allScopes = 'read write'

const clientState = (known: Known): ClientState => ({
  known,
  secret: known.secret,
  secrets: createRegister<SecretBox>({ text: known.secret }),
  activity: createRegister(true),
  grants: createRegister(allScopes),
  description: createRegister(''),
  deactivatedMs: [],
  ended: [],
  written: new Map(),
  successes: new Map(),
  judged: new Map(),
})

export const createScene = (
  parts: Pick<Scene, 'world' | 'database' | 'data' | 'network'>,
): Scene => ({
  ...parts,
  people: createActor('people'),
  nodes: [],
  guards: [],
  clients: parts.data.clients.map(clientState),
  tokens: [],
  changes: new Map(),
  repeats: [],
  withdrawn: new Map(),
  keys: {
    published: new Map(),
    retired: new Map(),
    mayBeGone: new Set(),
    emergencies: 0,
    stored: [],
  },
  endingNow: [],
  endedMs: new Map(),
  administratorToken: null,
  secrets: [parts.data.administrator, parts.data.api, ...parts.data.clients].map(
    ({ secret }) => secret,
  ),
  said: [],
  underWay: 0,
  operations: 0,
  checks: new Map(),
  broken: null,
  allBroken: new Set(),
})

/** Notes that a promise was broken; the first one counts. */
export const breakPromise = (scene: Scene, invariant: InvariantName, what: string): void => {
  scene.allBroken.add(invariant)
  if (scene.broken !== null) return
  scene.broken = new InvariantBroken(invariant, what)
  scene.world.tell(`BROKEN ${scene.broken.message}`)
}

/** Everybody is about to sleep: what may yet happen may do so later. */
export const noteSleep = ({ world, clients, endedMs }: Scene, ms: number): void => {
  const nowMs = world.nowMs()
  for (const { secrets, activity, grants, description } of clients) {
    for (const each of [secrets, activity, grants, description]) each.sleep(nowMs, ms)
  }
  for (const [whose, lastMs] of endedMs) if (lastMs > nowMs) endedMs.set(whose, lastMs + ms)
}

export const noteOperation = (scene: Scene): void => {
  scene.operations += 1
}

/** Counts that a promise was looked after. */
export const noteCheck = ({ checks }: Scene, invariant: InvariantName): void =>
  void checks.set(invariant, (checks.get(invariant) ?? 0) + 1)

export const must = (
  scene: Scene,
  holds: boolean,
  invariant: InvariantName,
  what: string,
): void => {
  noteCheck(scene, invariant)
  if (!holds) breakPromise(scene, invariant, what)
}

export type { PendingChange }
