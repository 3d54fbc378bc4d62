import { isDeepStrictEqual } from 'node:util'
import {
  decideKeyRotation,
  type RotationPolicy,
} from '@mintmark/decisions/upkeep/decide-key-rotation'
import type { SigningAlgorithm } from '@mintmark/registry/application'
import type { RegistryTransaction } from '@mintmark/registry/registry'
import type { SigningKey, SigningKeyState } from '@mintmark/registry/signing-key'
import type { MasterKey } from '../signing/master-key.ts'
import { makeSigningKey } from '../signing/signing-keys.ts'
import type { ChangeRegistry } from '../writer/change-registry.ts'

const algorithms: readonly SigningAlgorithm[] = ['ES256', 'RS256']
/** More than one rotation can need, and few enough to see a loop that does not end. */
const stepsMax = 16

export interface RotationParts {
  readonly change: ChangeRegistry
  readonly keys: () => Promise<readonly SigningKey[]>
  readonly masterKey: MasterKey
  readonly domainId: string
  readonly policy: RotationPolicy
}

/**
 * Takes every step of key rotation that is due. Each step is one transaction, decided from what is
 * stored, so a process that was killed between two of them goes on where it stopped.
 */
export const rotateKeys = async (parts: RotationParts, now: () => number): Promise<void> => {
  for (const algorithm of algorithms) {
    for (let at = 0; at < stepsMax; at += 1) {
      const step = decideKeyRotation(await parts.keys(), algorithm, now(), parts.policy)
      if (step === null) break
      await takeStep(step, { ...parts, change: unlessTaken(step, algorithm, parts, now) }, now)
    }
  }
}

type Step = NonNullable<ReturnType<typeof decideKeyRotation>>

type StepParts = Pick<RotationParts, 'masterKey' | 'domainId'> & {
  readonly change: ReturnType<typeof unlessTaken>
}

/**
 * Decided once more inside the transaction: of two servers on one database, one takes the step. The
 * instant is that of the transaction: one from before would count the time that a stopped server
 * slept as time in which a key was published.
 */
const unlessTaken =
  (step: Step, algorithm: SigningAlgorithm, parts: RotationParts, now: () => number) =>
  (work: (transaction: RegistryTransaction, nowMs: number) => Promise<unknown>): Promise<void> =>
    parts.change(async (transaction) => {
      const keys = await transaction.signingKeys()
      const nowMs = now()
      const decided = decideKeyRotation(keys, algorithm, nowMs, parts.policy)
      if (isDeepStrictEqual(decided, step)) await work(transaction, nowMs)
    })

const takeStep = async (step: Step, parts: StepParts, now: () => number): Promise<void> => {
  const { change, masterKey, domainId } = parts
  const enter = (key: SigningKey, state: SigningKeyState, stateSinceMs: number): SigningKey => ({
    ...key,
    state,
    stateSinceMs,
  })
  if (step.step === 'create') {
    const { algorithm, as: state } = step
    const wish = { domain: domainId, algorithm, state, nowMs: now(), masterKey }
    const key = await makeSigningKey(wish)
    await change((transaction) => transaction.putSigningKey(key))
  } else if (step.step === 'publish') {
    await change((transaction, nowMs) =>
      transaction.putSigningKey(enter(step.key, 'published', nowMs)),
    )
  } else if (step.step === 'activate') {
    await change(async (transaction, nowMs) => {
      for (const old of step.retire) await transaction.putSigningKey(enter(old, 'retired', nowMs))
      await transaction.putSigningKey(enter(step.key, 'active', nowMs))
    })
  } else {
    await change((transaction) => transaction.deleteSigningKey(step.key.kid))
  }
}
