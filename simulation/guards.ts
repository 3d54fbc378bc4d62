import type { Readable } from 'node:stream'
import { createGuard } from '@mintmark/guard/guard'
import { readRequirement } from '@mintmark/guard/requirement'
import { revocationFeedMetadata } from '@mintmark/protocol/revocation-feed'
import { keySet } from '@mintmark/protocol/rfc7517-key-set'
import { publishedKeys } from '@mintmark/server/endpoints/discovery'
import type { HappeningAnswer, HappeningCall } from '@mintmark/server/happenings/happening'
import { tellRevocations, tellSnapshot } from '@mintmark/server/happenings/revocations'
import { reproveAdministrator } from '@mintmark/server/proof/prove-administrator'
import { nextEcid } from './network.ts'
import { checkOutput } from './output-checks.ts'
import type { Step } from './plan.ts'
import { type GuardedApi, type HeldToken, must, noteOperation, type Scene } from './scene.ts'
import { issuer, knock, type Running } from './server-node.ts'
import { deathOf } from './token-checks.ts'
import { introspect, pickToken } from './token-operations.ts'
import { type Actor, createActor } from './world.ts'

const staleSecondsMax = 2
const skewSeconds = 5
/**
 * After so long without word nobody is let in on what was heard before: the time that the guard
 * states, and what a message may have waited on its way without being older than clocks may differ.
 */
const boundMs = (staleSecondsMax + skewSeconds) * 1000 + 500

const jsonOf = (body: unknown, status = 200): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'max-age=300' },
  })

const metadata = {
  issuer,
  jwks_uri: `${issuer}/.well-known/jwks.json`,
  token_endpoint: `${issuer}/oauth2/v1/token`,
  introspection_endpoint: `${issuer}/oauth2/v1/introspect`,
  [revocationFeedMetadata]: `${issuer}/api/v1/revocations`,
}

const fieldsOf = (init: RequestInit): Readonly<Record<string, string>> =>
  Object.fromEntries(new Headers(init.headers).entries())

type Answered = (response: Response) => void

const askToken = (running: Running, init: RequestInit, answered: Answered): void =>
  knock(
    running,
    {
      door: 'token',
      source: '10.3.0.1',
      authorization: fieldsOf(init)['authorization'] ?? null,
      form: String(init.body),
    },
    ({ status, body }) => answered(jsonOf(body, status)),
  )

/** Bytes travel in the name of whoever reads them, and no faster than the network. */
const streamOf = (scene: Scene, from: Actor, node: Actor, source: Readable): Response => {
  let isOver = false
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      const deliver = (act: () => void): void => {
        scene.world.after(from, scene.world.random.next() * scene.network.delayMsMax, () => {
          if (!isOver) act()
        })
      }
      source.on('data', (chunk: Buffer | string) => {
        checkOutput(scene, 'the feed', String(chunk))
        deliver(() => controller.enqueue(Buffer.from(chunk)))
      })
      source.on('end', () =>
        deliver(() => {
          isOver = true
          controller.close()
        }),
      )
    },
    cancel: () => {
      isOver = true
      scene.world.after(node, 0, () => source.destroy())
    },
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
}

const answerHappening = async (
  scene: Scene,
  from: Actor,
  node: Actor,
  { services }: Running,
  url: URL,
  init: RequestInit,
): Promise<Response> => {
  if (services.outOfTouch() !== null) return jsonOf({}, 503)
  const headers = fieldsOf(init)
  const request = { headers } as unknown as Parameters<typeof reproveAdministrator>[0]
  const prove = () => reproveAdministrator(request, services, Date.now())
  const principal = await prove()
  if (principal === null) return jsonOf({}, 401)
  const isSnapshot = url.pathname.endsWith('/snapshot')
  const call: HappeningCall = {
    endpoint: 'revocations',
    method: 'GET',
    id: null,
    query: url.searchParams,
    body: new Uint8Array(0),
    field: (name) => headers[name],
    clientId: principal.clientId,
    source: '10.3.0.1',
    mayStill: async () => services.outOfTouch() === null && (await prove()) !== null,
    ecid: nextEcid(),
    nowMs: Date.now(),
    services,
    administer: services.administer as unknown as HappeningCall['administer'],
  }
  const answer: HappeningAnswer = await (isSnapshot ? tellSnapshot(call) : tellRevocations(call))
  if (answer.kind === 'json') return jsonOf(answer.body)
  if (answer.kind === 'events') return streamOf(scene, from, node, answer.stream)
  return jsonOf({}, answer.kind === 'problem' && answer.reason === 'CURSOR_GONE' ? 410 : 503)
}

const handle = (
  scene: Scene,
  from: Actor,
  node: Actor,
  running: Running,
  text: string,
  init: RequestInit,
  answered: Answered,
): void => {
  const url = new URL(text)
  const { services } = running
  const failed = (): void => answered(jsonOf({}, 503))
  if (url.pathname === '/oauth2/v1/token') askToken(running, init, answered)
  else if (url.pathname.startsWith('/.well-known/oauth-')) answered(jsonOf(metadata))
  else if (url.pathname === '/.well-known/jwks.json') {
    Promise.resolve(services.registry.catalog()).then(
      (catalog) => answered(jsonOf(keySet(publishedKeys(catalog), false))),
      failed,
    )
  } else answerHappening(scene, from, node, running, url, init).then(answered, failed)
}

/** Sends to a server that chance chooses; a connection ends with it, or when it is asked to. */
const fetchBy = (scene: Scene, from: Actor) => async (text: string, init: RequestInit) => {
  const at = scene.world.random.below(scene.nodes.length)
  const node = () => scene.nodes[at] as Scene['nodes'][number]
  const sending = scene.network.send<Response>(from, node, (running, answered) =>
    handle(scene, from, node().link.actor, running, text, init, answered),
  )
  const { signal } = init
  const ended = new Promise<never>((_, reject) => {
    signal?.addEventListener('abort', () => reject(new Error('aborted')), { once: true })
  })
  const answer = await Promise.race([sending, ended])
  if (typeof answer === 'string') throw new Error(`the server is ${answer}`)
  if (!/event-stream/.test(answer.headers.get('content-type') ?? '')) return answer
  return abortable(answer, signal ?? null)
}

const abortable = (answer: Response, signal: AbortSignal | null): Response => {
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      signal?.addEventListener('abort', () => {
        reader.cancel().catch(() => {})
        controller.error(new Error('aborted'))
      })
    },
    pull: async (controller) => {
      const { done, value } = await reader.read()
      if (done) controller.close()
      else controller.enqueue(value)
    },
  })
  return new Response(body, { headers: answer.headers })
}

export const placeGuard = (scene: Scene, at: number): void => {
  const actor = createActor(`guard ${at}`)
  const { api } = scene.data
  scene.world.after(actor, 0, () => {
    const guard = createGuard({
      issuer,
      audience: api.audience,
      profile: 'identity-domain',
      clockSkewSeconds: skewSeconds,
      revocations: { clientId: api.clientId, clientSecret: api.secret, staleSecondsMax },
      fetch: fetchBy(scene, actor),
      timeoutMs: 2000,
      keyCooldownSeconds: 2,
      onEvent: (event) => {
        if (event.kind === 'trouble') scene.world.tell(`${actor.name}: ${event.message}`)
      },
    })
    scene.guards.push({ actor, guard })
  })
}

/** What a guard says of a token: `good`, or why not. */
const showTo = ({ world }: Scene, { actor, guard }: GuardedApi, text: string): Promise<string> =>
  new Promise((resolve) => {
    world.after(actor, 0, () => {
      guard.checkToken(text, readRequirement(undefined)).then(
        (result) => resolve(result.ok ? 'good' : result.failure.reason),
        (error: Error) => resolve(error.message),
      )
    })
  })

const mustBeLive = (
  scene: Scene,
  { actor }: GuardedApi,
  token: HeldToken,
  sinceMs: number,
): void => {
  const death = deathOf(scene, token, sinceMs)
  const name = token.jti.slice(0, 8)
  must(scene, death === null, 'INV-2', `${name} is let in by ${actor.name}, but ${death}`)
}

/** An API is shown a token; where it has no guard, it asks a server. */
export const checkAtGuard = async (scene: Scene, step: Step): Promise<void> => {
  const token = pickToken(scene, step)
  const guarded = scene.guards[step.node % Math.max(1, scene.guards.length)]
  if (token === null || guarded === undefined) return introspect(scene, step)
  noteOperation(scene)
  const startedMs = scene.world.nowMs()
  const verdict = await showTo(scene, guarded, token.text)
  scene.world.tell(`${token.jti.slice(0, 8)} at ${guarded.actor.name}: ${verdict}`)
  if (verdict === 'good') mustBeLive(scene, guarded, token, startedMs - boundMs)
}

const shownAtRest = 12

/**
 * When the world is at rest every guard has heard of all that ended before.
 * @param sinceMs by then all faults were over
 */
export const checkGuardsAtRest = async (scene: Scene, sinceMs: number): Promise<void> => {
  const dead = scene.tokens.filter((token) => deathOf(scene, token, sinceMs) !== null)
  const shown = scene.guards.flatMap((guarded) =>
    dead.slice(-shownAtRest).map(async (token) => {
      const verdict = await showTo(scene, guarded, token.text)
      if (verdict === 'good') mustBeLive(scene, guarded, token, sinceMs)
    }),
  )
  await Promise.all(shown)
}
