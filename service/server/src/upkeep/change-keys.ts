import { signingKeysMax } from '@mintmark/decisions/upkeep/decide-key-rotation'
import { decideKeyWithdrawal } from '@mintmark/decisions/upkeep/decide-key-withdrawal'
import type { SigningAlgorithm } from '@mintmark/registry/application'
import type { SigningKey } from '@mintmark/registry/signing-key'
import { makeSigningKey } from '../signing/signing-keys.ts'
import { type RotationParts, rotateKeys } from './rotate-keys.ts'

/** Who asks for a change of the signing keys; what the record has of it. */
interface KeyCaller {
  readonly ecid: string
  readonly actor: string
  readonly source: string
}

/** A change of the signing keys; plain data, it may come from another process. */
export type KeyCommand =
  /** A successor now, not when the key is old: it signs when everybody can know it. */
  | (KeyCaller & { readonly kind: 'rotate'; readonly algorithms: readonly SigningAlgorithm[] })
  /** The key is out of the key set now, and what it has signed is dead. */
  | (KeyCaller & {
      readonly kind: 'withdraw'
      readonly what: { readonly algorithm: SigningAlgorithm } | { readonly kid: string }
    })

export type KeyOutcome =
  | {
      readonly kind: 'done'
      /** Names of the keys that were made, and of those that were withdrawn. */
      readonly made: readonly string[]
      readonly withdrawn: readonly string[]
    }
  | { readonly kind: 'key-unknown' }
  | { readonly kind: 'keys-full' }

type CommandOf<Kind extends KeyCommand['kind']> = Extract<KeyCommand, { kind: Kind }>

/** Somebody else changed the keys while new ones were made; so often it is tried again. */
const triesMax = 5

const eventOf = ({ ecid, actor, source }: KeyCaller, nowMs: number) => ({
  at: nowMs,
  ecid,
  actor,
  source,
  result: 'ok' as const,
})

const isWaiting = ({ state }: SigningKey): boolean => state === 'announced' || state === 'published'

const make = (
  algorithm: SigningAlgorithm,
  state: SigningKey['state'],
  { domainId: domain, masterKey }: RotationParts,
): Promise<SigningKey> => makeSigningKey({ domain, algorithm, state, nowMs: Date.now(), masterKey })

/** Announces a successor where none waits already, and publishes it. */
const rotateNow = async (
  command: CommandOf<'rotate'>,
  parts: RotationParts,
): Promise<KeyOutcome> => {
  const made: string[] = []
  if ((await parts.keys()).length >= signingKeysMax) return { kind: 'keys-full' }
  for (const algorithm of command.algorithms) {
    const isTaken = (keys: readonly SigningKey[]): boolean =>
      keys.some((key) => key.algorithm === algorithm && isWaiting(key))
    if (isTaken(await parts.keys())) continue
    const key = await make(algorithm, 'announced', parts)
    await parts.change(async (transaction) => {
      if (isTaken(await transaction.signingKeys())) return
      await transaction.putSigningKey(key)
      const detail = { algorithm }
      const event = eventOf(command, key.createdAtMs)
      await transaction.audit({ ...event, action: 'signing-key.rotate', object: key.kid, detail })
      made.push(key.kid)
    })
  }
  await rotateKeys(parts, Date.now)
  return { kind: 'done', made, withdrawn: [] }
}

/**
 * One transaction: the old key leaves, a new one signs, and whoever follows revocations is told.
 * Null: meanwhile another key was needed than those that were made.
 */
const withdrawOnce = async (
  command: CommandOf<'withdraw'>,
  parts: RotationParts,
): Promise<KeyOutcome | null> => {
  const planned = decideKeyWithdrawal(await parts.keys(), command.what, Date.now())
  if (planned === null) return { kind: 'key-unknown' }
  const made = await Promise.all(planned.replaced.map((each) => make(each, 'active', parts)))
  return parts.change(async (transaction) => {
    // inside: whatever was signed before is older than this
    const nowMs = Date.now()
    const decided = decideKeyWithdrawal(await transaction.signingKeys(), command.what, nowMs)
    if (decided === null) return { kind: 'key-unknown' }
    if (decided.replaced.join() !== planned.replaced.join()) return null
    for (const { kid } of decided.keys) await transaction.deleteSigningKey(kid)
    for (const revocation of decided.revocations) await transaction.putRevocation(revocation)
    for (const key of made) await transaction.putSigningKey({ ...key, stateSinceMs: nowMs })
    const withdrawn = decided.keys.map(({ kid }) => kid)
    const active = made.map(({ kid }) => kid)
    await transaction.audit({
      ...eventOf(command, nowMs),
      action: 'signing-key.withdraw',
      object: withdrawn.join(' '),
      detail: { active },
    })
    return { kind: 'done', made: active, withdrawn }
  })
}

const withdraw = async (
  command: CommandOf<'withdraw'>,
  parts: RotationParts,
): Promise<KeyOutcome> => {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const outcome = await withdrawOnce(command, parts)
    if (outcome !== null) return outcome
  }
  throw new Error('the signing keys were changed by others again and again')
}

/** Changes the signing keys as an administrator asks; known everywhere when it returns. */
export const changeKeys = (command: KeyCommand, parts: RotationParts): Promise<KeyOutcome> =>
  command.kind === 'rotate' ? rotateNow(command, parts) : withdraw(command, parts)
