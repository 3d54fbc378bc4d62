import { createPublicKey, verify } from 'node:crypto'
import type { SigningKey } from '@mintmark/registry/signing-key'
import { mayHaveEnded } from './endings.ts'
import {
  breakPromise,
  type ClientState,
  type HeldToken,
  must,
  noteCheck,
  type Scene,
} from './scene.ts'
import { failuresMax } from './server-node.ts'

/** What a token was asked with, and what came. */
export interface Issued {
  readonly client: number
  /** null: it was asked for with an assertion. */
  readonly secret: string | null
  readonly startedMs: number
  readonly body: Readonly<Record<string, unknown>>
}

const lifetimeSeconds = 3600
/** A server that has not heard of a key's end acts on nothing after its lease. */
const leaseMsMax = 2500

const decode = (part: string | undefined): Readonly<Record<string, unknown>> =>
  JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8'))

const readKeys = ({ database, data }: Scene): readonly SigningKey[] =>
  database
    .look('SELECT record FROM signing_key WHERE domain_id = $1', [data.domainId])
    .map((row) => JSON.parse(String(row['record'])) as SigningKey)

const isSignedBy = (key: SigningKey, text: string): boolean => {
  const [header, claims, signature = ''] = text.split('.')
  const data = Buffer.from(`${header}.${claims}`)
  const publicKey = createPublicKey({ key: { ...key.publicJwk }, format: 'jwk' })
  return verify('sha256', data, publicKey, Buffer.from(signature, 'base64url'))
}

/** INV-4: by which key a token that was asked for at an instant may be signed. */
export const checkSignature = (scene: Scene, text: string, startedMs: number): void => {
  const kid = String(decode(text.split('.')[0])['kid'])
  const key = scene.keys.stored.find((each) => each.kid === kid)
  const withdrawnMs = scene.withdrawn.get(kid)
  const isWithdrawn = withdrawnMs !== undefined && withdrawnMs <= startedMs
  must(scene, !isWithdrawn, 'INV-4', `${kid} was withdrawn, and signed a token`)
  if (key === undefined) {
    // a withdrawal that is under way may have taken one that nobody has seen before
    const isKnownGone = scene.keys.emergencies > 0 || scene.keys.mayBeGone.has(kid)
    must(scene, isKnownGone, 'INV-4', `${kid} signed a token and is in no key set`)
    return
  }
  must(scene, isSignedBy(key, text), 'INV-4', `${kid} has not signed this token`)
  must(scene, key.state !== 'announced', 'INV-4', `${kid} signs and is not published`)
  const retiredMs = scene.keys.retired.get(kid)
  const isLate = retiredMs !== undefined && retiredMs + leaseMsMax <= startedMs
  must(scene, !isLate, 'INV-4', `${kid} is retired, and signed a token`)
  const publishedMs = scene.keys.published.get(kid)
  const leadMs = scene.world.nowMs() - (publishedMs ?? Number.NEGATIVE_INFINITY)
  must(scene, leadMs >= 300_000, 'INV-4', `${kid} signs ${leadMs} ms after it was published`)
}

/** Looks at the keys after each commit that has changed them. */
export const noteKeys = (scene: Scene): void => {
  const nowMs = scene.world.nowMs()
  const { keys } = scene
  keys.stored = readKeys(scene)
  for (const { kid, state } of keys.stored) {
    // one that signs when it is first seen replaces one that may be trusted no more
    const isAtOnce = state === 'active' && keys.emergencies > 0
    if (isAtOnce && !keys.published.has(kid)) keys.published.set(kid, Number.NEGATIVE_INFINITY)
    if (!keys.published.has(kid) && state !== 'announced') keys.published.set(kid, nowMs)
    if (state === 'retired' && !keys.retired.has(kid)) keys.retired.set(kid, nowMs)
  }
}

/** A token was answered: whether it may be, and what it says. */
export const checkToken = (scene: Scene, issued: Issued): void => {
  const { client, startedMs, secret } = issued
  const state = scene.clients[client] as ClientState
  const nowMs = scene.world.nowMs()
  const text = String(issued.body['access_token'])
  const [header, payload] = text.split('.')
  const { kid } = decode(header)
  const { jti, exp, iat, scope } = decode(payload)
  const token: HeldToken = {
    text,
    jti: String(jti),
    kid: String(kid),
    client,
    scopes: String(scope).split(' '),
    expiresAtMs: Number(exp) * 1000,
    answeredMs: nowMs,
    revokedMs: null,
    mayBeDead: mayHaveEnded(scene, client, startedMs),
  }
  scene.tokens.push(token)
  const life = Number(exp) - Number(iat)
  must(scene, life === lifetimeSeconds, 'INV-7', `a token lives for ${life} s`)
  const isActive = state.activity.during(startedMs, nowMs).has(true)
  must(scene, isActive, 'INV-2', `a token for inactive client ${client}`)
  const secrets = [...state.secrets.during(startedMs, nowMs)]
  const isLive = secret === null || secrets.some((each) => each.text === secret)
  must(scene, isLive, 'INV-2', `a token for an ended secret of client ${client}`)
  const granted = [...state.grants.during(startedMs, nowMs)]
  for (const each of token.scopes) {
    const isGranted = granted.some((grants) => grants.split(' ').includes(each))
    must(
      scene,
      isGranted,
      'INV-6',
      `client ${client} got ${each}; granted: ${granted.join(' or ')}`,
    )
  }
  checkSignature(scene, text, startedMs)
}

/** Its client was not active between a deactivation and the token: it is dead for good. */
const isEndedBefore = (
  { activity, deactivatedMs }: ClientState,
  { answeredMs }: HeldToken,
  sinceMs: number,
): boolean =>
  deactivatedMs.some(
    (ackedMs) =>
      ackedMs <= sinceMs && !activity.during(ackedMs, Math.max(ackedMs, answeredMs)).has(true),
  )

/** Why a token is certainly dead; null: it may live. */
export const deathOf = (scene: Scene, token: HeldToken, sinceMs: number): string | null => {
  const state = scene.clients[token.client] as ClientState
  if (token.revokedMs !== null && token.revokedMs <= sinceMs) return 'it was revoked'
  const isEnded = state.ended.some(
    ({ invokedMs, ackedMs }) => token.answeredMs <= invokedMs && ackedMs <= sinceMs,
  )
  if (isEnded) return 'all tokens of its client were ended'
  if (isEndedBefore(state, token, sinceMs)) return 'its client was deactivated'
  const withdrawnMs = scene.withdrawn.get(token.kid)
  if (withdrawnMs !== undefined && withdrawnMs <= sinceMs) return 'its key was withdrawn'
  const isInactive = !state.activity.during(sinceMs, scene.world.nowMs()).has(true)
  return isInactive ? 'its client is inactive' : null
}

/** Ahead and behind of the clocks of a world. */
const clocksMs = 60_000

export const checkIntrospection = (
  scene: Scene,
  token: HeldToken,
  startedMs: number,
  isActive: boolean,
): void => {
  const death = deathOf(scene, token, startedMs)
  const name = token.jti.slice(0, 8)
  if (isActive) {
    must(scene, death === null, 'INV-2', `${name} is called active, but ${death}`)
    return
  }
  const isYoung = scene.world.nowMs() < token.expiresAtMs - clocksMs
  const isGood = isYoung && !token.mayBeDead && death === null
  must(scene, !isGood, 'INV-4', `${name} is called inactive, and nothing has ended it`)
}

const windowMs = 280_000
/** Less than the least lock, which is measured by clocks of servers. */
const lockMs = 19_000

/** INV-11: whoever has used up the budget is judged no more, whether right or wrong. */
export const checkJudgement = (
  scene: Scene,
  { judged, known }: ClientState,
  { source, startedMs, status }: { source: string; startedMs: number; status: number },
): void => {
  if (status !== 401 && status !== 200) return
  noteCheck(scene, 'INV-11')
  const nowMs = scene.world.nowMs()
  const times = (judged.get(source) ?? []).filter((at) => at > nowMs - windowMs)
  const before = times.filter((at) => at <= startedMs)
  const latest = before.at(failuresMax - 1) ?? Number.NEGATIVE_INFINITY
  if (before.length >= failuresMax && nowMs - latest < lockMs) {
    breakPromise(scene, 'INV-11', `guess ${before.length + 1} for ${known.clientId} was judged`)
  }
  if (status === 401) judged.set(source, [...times, nowMs])
}
