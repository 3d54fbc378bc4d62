import { signingKeysMax } from '@mintmark/decisions/upkeep/decide-key-rotation'
import { foretellKeyStep } from '@mintmark/decisions/upkeep/foretell-key-steps'
import type { SigningAlgorithm } from '@mintmark/registry/application'
import type { SigningKey } from '@mintmark/registry/signing-key'
import { keySetMaxAgeSeconds } from '../endpoints/discovery.ts'
import type { KeyCommand } from '../upkeep/change-keys.ts'
import { checkNames } from './audit.ts'
import { type AnswerHappening, type HappeningAnswer, problem } from './happening.ts'
import { memberInvalid, readObject } from './read-object.ts'

const algorithms: readonly SigningAlgorithm[] = ['ES256', 'RS256']
const members = ['algorithm', 'emergency', 'kid'] as const
const kidCharsMax = 100

const timeOf = (ms: number): string => new Date(ms).toISOString()

/** Every key of the domain with its next step; nothing of a private key. */
export const toldKeys = async ({ services, nowMs }: Parameters<AnswerHappening>[0]) => {
  const { signingKeys } = await services.registry.catalog()
  const policy = services.rotationPolicy
  const told = (key: SigningKey) => {
    const { step, atMs } = foretellKeyStep(key, signingKeys, policy)
    return {
      kid: key.kid,
      algorithm: key.algorithm,
      state: key.state,
      created: timeOf(key.createdAtMs),
      ageSeconds: Math.max(0, Math.floor((nowMs - key.createdAtMs) / 1000)),
      since: timeOf(key.stateSinceMs),
      next: { step, at: timeOf(Math.max(atMs, nowMs)) },
    }
  }
  return {
    keys: signingKeys.map(told),
    policy: {
      rotateAfterSeconds: policy.rotateAfterMs / 1000,
      publishLeadSeconds: policy.publishLeadMs / 1000,
      keepRetiredSeconds: policy.keepRetiredMs / 1000,
      keySetMaxAgeSeconds,
    },
  }
}

/** `GET /api/v1/keys`: state and age of every signing key, and what happens to it when. */
export const listKeys: AnswerHappening = async (call) => {
  const wrong = checkNames(call.query, new Set())
  return wrong ?? { kind: 'json', body: await toldKeys(call) }
}

type Wish = Pick<Extract<KeyCommand, { kind: 'rotate' }>, 'kind' | 'algorithms'>
type Withdrawal = Pick<Extract<KeyCommand, { kind: 'withdraw' }>, 'kind' | 'what'>

/** What is asked for, or why it cannot be read. */
const readWish = (body: Uint8Array): { wish: Wish | Withdrawal } | { fault: HappeningAnswer } => {
  if (body.length === 0) return { wish: { kind: 'rotate', algorithms } }
  const read = readObject(body, members, '{"algorithm": "ES256", "emergency": false}')
  if ('fault' in read) return read
  const { algorithm: name, emergency = false, kid } = read.object
  const algorithm = algorithms.find((each) => each === name)
  if (name !== undefined && algorithm === undefined) {
    return { fault: memberInvalid('algorithm', `Send one of ${algorithms.join(', ')}.`) }
  }
  if (typeof emergency !== 'boolean') {
    return { fault: memberInvalid('emergency', 'Send true or false.') }
  }
  if (kid !== undefined && (typeof kid !== 'string' || kid === '' || kid.length > kidCharsMax)) {
    return { fault: memberInvalid('kid', 'Send the name of a key, as GET keys lists it.') }
  }
  if (!emergency) {
    const fault = memberInvalid('kid', 'It names a key to withdraw: send "emergency": true too.')
    if (kid !== undefined) return { fault }
    return { wish: { kind: 'rotate', algorithms: algorithm ? [algorithm] : algorithms } }
  }
  if (kid !== undefined && algorithm === undefined)
    return { wish: { kind: 'withdraw', what: { kid } } }
  if (kid === undefined && algorithm !== undefined) {
    return { wish: { kind: 'withdraw', what: { algorithm } } }
  }
  const fix = 'An emergency is about one algorithm or one kid: send either.'
  return { fault: memberInvalid(kid === undefined ? 'algorithm' : 'kid', fix) }
}

/**
 * `POST /api/v1/keys/rotate`: a successor now; or, in an emergency, another key at once and the end
 * of all that the old one has signed. A success is known to every process of the server.
 */
export const rotateKeysNow: AnswerHappening = async (call) => {
  const { services, ecid, clientId: actor, source } = call
  const read = readWish(call.body)
  if ('fault' in read) return read.fault
  const outcome = await services.changeKeys({ ...read.wish, ecid, actor, source })
  if (outcome.kind === 'key-unknown') {
    return problem('SIGNING_KEY_UNKNOWN', {
      detail: 'No signing key of this domain has this name: it was withdrawn or removed already.',
      fix: 'GET keys lists those there are.',
    })
  }
  if (outcome.kind === 'keys-full') {
    return problem('SIGNING_KEYS_FULL', {
      detail: `The key set has ${signingKeysMax} keys, and keeps each until its tokens are dead.`,
      fix: 'GET keys says when the oldest one leaves; in an emergency withdraw the key that signs.',
    })
  }
  const { made, withdrawn } = outcome
  return { kind: 'json', body: { made, withdrawn, ...(await toldKeys(call)) } }
}
