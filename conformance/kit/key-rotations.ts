/**
 * Signing keys change again and again under load, while guards check what is signed: those that
 * hold the keys, and those that have just been made. All clocks of the domain and of the guards go
 * so much faster that what takes ten minutes takes seconds; no bound of either is another one.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { createGuard, type Guard } from '@mintmark/guard'
import { assertOk } from './answers.ts'
import { askToken } from './ask.ts'
import type { FastClock } from './clock.ts'
import { send } from './http.ts'
import { decode } from './jwt.ts'
import type { MintmarkDomain } from './mintmark-domain.ts'
import type { Client } from './test-domain.ts'

export interface RotationWish {
  /** Of each of the two algorithms. */
  readonly rotations: number
  readonly requestsPerSecond: number
  readonly warmGuards: number
  readonly clock: FastClock
  readonly onRotation?: (count: number) => void
}

export interface RotationReport {
  readonly rotations: number
  readonly tokens: number
  readonly seconds: number
  /** Why requests for tokens failed. */
  readonly failed: readonly string[]
  /** Checks by guards that hold keys, and by guards that were made for one token. */
  readonly warmChecks: number
  readonly coldChecks: number
  /** Why good tokens were refused, each with the kind of guard. */
  readonly refused: readonly string[]
  /** In the key set at the end. */
  readonly keys: number
}

interface Target {
  readonly audience: string
  readonly scope: string
  readonly client: Client
}

/** Longer than the trial: what the first key signed must be good when the last one signs. */
const lifetimeSeconds = 30 * 86_400
const oldTokensMax = 2000
const anything = { scopes: [], anyScope: [], roles: [], anyRole: [] }
const coldEveryMs = 200
const inFlightMax = 200
const algorithms = ['ES256', 'RS256'] as const

const makeTargets = (domain: MintmarkDomain): Promise<readonly Target[]> =>
  Promise.all(
    algorithms.map(async (algorithm) => {
      const audience = `https://${algorithm.toLowerCase()}.example/`
      const wish = { audience, scopes: ['read'], profile: 'rfc9068', algorithm } as const
      await domain.createApi({ ...wish, lifetimeSeconds })
      const client = await domain.createClient({ scopes: [`${audience}read`] })
      return { audience, scope: `${audience}read`, client }
    }),
  )

/** What guards have said so far. */
interface Judged {
  readonly old: string[]
  readonly refused: string[]
  warm: number
  cold: number
}

const guardOf = (domain: MintmarkDomain, targets: readonly Target[], clock: FastClock): Guard =>
  createGuard({
    issuer: domain.issuer,
    audience: targets.map(({ audience }) => audience),
    nowMs: clock.nowMs,
    // each look is a whole check
    rememberedTokensMax: 0,
  })

const check = async (guard: Guard, kind: string, token: string, judged: Judged) => {
  const verdict = await guard.checkToken(token, anything)
  if (verdict.ok) return
  const { reason, detail } = verdict.failure
  judged.refused.push(`${kind} guard: ${reason}: ${detail}`)
}

const pick = <T>(all: readonly T[]): T | undefined => all[Math.floor(Math.random() * all.length)]

/** Keeps some of all tokens there were. */
const keep = (token: string, { old }: Judged, count: number): void => {
  if (old.length < oldTokensMax) old.push(token)
  else if (Math.random() < oldTokensMax / count) {
    old[Math.floor(Math.random() * old.length)] = token
  }
}

/** Asks for so many tokens a second, whether answers come or not, and has each checked. */
const load = (
  domain: MintmarkDomain,
  targets: readonly Target[],
  wish: RotationWish,
  judged: Judged,
) => {
  const warm = Array.from({ length: wish.warmGuards }, () => guardOf(domain, targets, wish.clock))
  const failed: string[] = []
  const open = new Set<Promise<void>>()
  const beganMs = performance.now()
  let sent = 0
  let tokens = 0
  const ask = async (target: Target): Promise<void> => {
    const token = assertOk(await askToken(domain, target.client, { scope: target.scope }))
    tokens += 1
    keep(token, judged, tokens)
    const checks = [token, pick(judged.old) ?? token].map((each) =>
      check(pick(warm) as Guard, 'warm', each, judged),
    )
    judged.warm += checks.length
    await Promise.all(checks)
  }
  const timer = setInterval(() => {
    const due = ((performance.now() - beganMs) * wish.requestsPerSecond) / 1000
    while (sent < due && open.size < inFlightMax) {
      sent += 1
      // an RSA signature costs as much as twenty others
      const target = targets[sent % 5 === 0 ? 1 : 0] as Target
      const asked = ask(target)
        .catch((error: Error) => void failed.push(error.message))
        .finally(() => open.delete(asked))
      open.add(asked)
    }
  }, 5)
  return {
    failed,
    stop: async () => {
      clearInterval(timer)
      await Promise.all(open)
      return { tokens, seconds: (performance.now() - beganMs) / 1000 }
    },
  }
}

/** Again and again a guard is made that knows nothing, for the newest token and for an old one. */
const checkCold = (
  domain: MintmarkDomain,
  targets: readonly Target[],
  { clock }: RotationWish,
  judged: Judged,
) => {
  let running = true
  const repeat = async (): Promise<void> => {
    while (running) {
      const target = pick(targets) as Target
      const fresh = await askToken(domain, target.client, { scope: target.scope }).catch(() => null)
      const newest = fresh?.json?.['access_token']
      const all = [newest, pick(judged.old)].filter((each) => typeof each === 'string')
      const guard = guardOf(domain, targets, clock)
      for (const token of all) await check(guard, 'new', token, judged)
      judged.cold += all.length
      await sleep(coldEveryMs)
    }
  }
  const ended = repeat()
  return async () => {
    running = false
    await ended
  }
}

interface ToldKeys {
  readonly keys: readonly {
    readonly kid: string
    readonly state: string
    readonly since: string
  }[]
  readonly policy: { readonly publishLeadSeconds: number }
}

/** A successor of each algorithm is published, if there is none; those that may sign do. */
const turn = async (domain: MintmarkDomain): Promise<ToldKeys> => {
  const { token } = await domain.administrate()
  const headers = { authorization: `Bearer ${token}` }
  const answer = await send({ url: `${domain.url}/api/v1/keys/rotate`, headers })
  if (answer.status !== 200) throw new Error(`rotation: ${answer.status} ${answer.text}`)
  return answer.json as unknown as ToldKeys
}

const kidsOf = ({ keys }: ToldKeys, state: string): readonly string[] =>
  keys.filter((key) => key.state === state).map(({ kid }) => kid)

/**
 * As soon as a successor may sign, it does. Upkeep takes the same steps beside it, so it may be
 * ahead with one algorithm. @returns names of those that sign
 */
const rotate = async (domain: MintmarkDomain, targets: readonly Target[], clock: FastClock) => {
  const told = await turn(domain)
  const waiting = kidsOf(told, 'published')
  const sinceMs = told.keys.filter(({ kid }) => waiting.includes(kid)).map((key) => key.since)
  const dueMs = Math.max(...sinceMs.map((since) => Date.parse(since)))
  while (clock.nowMs() <= dueMs + told.policy.publishLeadSeconds * 1000) await sleep(10)
  const turned = await turn(domain)
  const active = kidsOf(turned, 'active')
  const left = waiting.filter((kid) => kidsOf(turned, 'published').includes(kid))
  if (left.length > 0) throw new Error(`due, and idle: ${left.join()}`)
  for (const { client, scope } of targets) {
    const kid = String(decode(assertOk(await askToken(domain, client, { scope }))).header['kid'])
    if (kidsOf(turned, 'retired').includes(kid)) throw new Error(`${kid} still signs`)
  }
  return { active, keys: turned.keys.length }
}

/** @param domain started with the clock of the wish */
export const tryKeyRotations = async (
  domain: MintmarkDomain,
  wish: RotationWish,
): Promise<RotationReport> => {
  const targets = await makeTargets(domain)
  const judged: Judged = { old: [], refused: [], warm: 0, cold: 0 }
  const loading = load(domain, targets, wish, judged)
  const endCold = checkCold(domain, targets, wish, judged)
  const signed = new Set<string>()
  let keys = 0
  for (let count = 0; count < wish.rotations; ) {
    const rotated = await rotate(domain, targets, wish.clock)
    for (const kid of rotated.active) signed.add(kid)
    keys = rotated.keys
    count = Math.floor(signed.size / algorithms.length)
    wish.onRotation?.(count)
  }
  await endCold()
  const { tokens, seconds } = await loading.stop()
  const { refused, warm: warmChecks, cold: coldChecks } = judged
  const { rotations } = wish
  const { failed } = loading
  return { rotations, tokens, seconds, failed, warmChecks, coldChecks, refused, keys }
}
