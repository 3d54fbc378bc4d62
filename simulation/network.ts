import { hash } from 'node:crypto'
import type {
  AdministrationAnswer,
  AdministrationCommand,
} from '@mintmark/server/administration/command'
import { proveAdministrator } from '@mintmark/server/proof/prove-administrator'
import {
  knock,
  type OAuthAnswer,
  type OAuthRequest,
  type Running,
  type ServerNode,
} from './server-node.ts'
import type { Actor, World } from './world.ts'

/** An answer, or why there is none: `refused` has certainly done nothing. */
export type Answered<T> = T | 'refused' | 'lost'

const patienceMs = 10_000

/** Between whoever asks and the servers: it delays, and what is under way to a dead one is lost. */
export interface Network {
  /** A request from `from` to a server, handled there by `handle`. */
  send<T>(
    from: Actor,
    node: () => ServerNode,
    handle: (running: Running, answered: (answer: T) => void) => void,
  ): Promise<Answered<T>>
  delayMsMax: number
}

export const createNetwork = (world: World): Network => {
  const network: Network = {
    delayMsMax: 3,
    send: (from, node, handle) =>
      new Promise((resolve) => {
        const delay = (): number => world.random.next() * network.delayMsMax
        const settle = (answer: Parameters<typeof resolve>[0]): void => {
          patience.isOff = true
          resolve(answer)
        }
        const patience = world.after(from, patienceMs, () => settle('lost'))
        world.after(from, delay(), () => {
          const { link, running } = node()
          if (!link.actor.alive || running === null) {
            settle('refused')
            return
          }
          world.after(link.actor, 0, () => {
            handle(running, (answer) => {
              world.after(from, delay(), () => settle(answer))
            })
          })
        })
      }),
  }
  return network
}

/** One request of OAuth. */
export const askOAuth = (
  network: Network,
  from: Actor,
  node: () => ServerNode,
  request: OAuthRequest,
): Promise<Answered<OAuthAnswer>> =>
  network.send<OAuthAnswer>(from, node, (running, answered) => knock(running, request, answered))

export interface AdministrationRequest {
  readonly method: AdministrationCommand['method']
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
  /** Access token of an administrator. */
  readonly token: string
  readonly ecid: string
}

const notNow: AdministrationAnswer = { status: 503, headers: {}, body: null }
const denied: AdministrationAnswer = { status: 401, headers: {}, body: null }
const failed: AdministrationAnswer = { status: 500, headers: {}, body: null }

/** As the door does it: in touch, proven, then to the writer. */
const administerAt = async (
  { services }: Running,
  { token, ...request }: AdministrationRequest,
): Promise<AdministrationAnswer> => {
  if (services.outOfTouch() !== null) return notNow
  const shown = { headers: { authorization: `Bearer ${token}` } }
  const nowMs = Date.now()
  const proving = shown as Parameters<typeof proveAdministrator>[0]
  const principal = await proveAdministrator(proving, services, nowMs)
  if (principal === null) return denied
  return services.administer({ ...request, query: {}, principal, source: '10.0.0.1', nowMs })
}

/** One call of the administration API. */
export const askAdministration = (
  network: Network,
  from: Actor,
  node: () => ServerNode,
  request: AdministrationRequest,
): Promise<Answered<AdministrationAnswer>> =>
  network.send<AdministrationAnswer>(from, node, (running, answered) => {
    administerAt(running, request).then(answered, () => answered(failed))
  })

export const basicOf = (clientId: string, secret: string): string => {
  const pair = `${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

let lastEcid = 0

export const resetEcids = (): void => {
  lastEcid = 0
}

/** An id of a request that nothing else has; chance has no part in it. */
export const nextEcid = (): string => {
  lastEcid += 1
  return hash('sha256', `ecid ${lastEcid}`, 'hex').slice(0, 20)
}
