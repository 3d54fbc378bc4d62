import { builtInRoles } from '@mintmark/decisions/administration/built-in-roles'
import { credentialMark } from '@mintmark/decisions/afterlife/credential-mark'
import { isLiveSecret } from '@mintmark/decisions/token/decide-client-fitness'
import { builtInApplicationId, type ClientSnapshot } from '@mintmark/registry/snapshot'
import type { ConsoleSession } from '@mintmark/storage/tables/console-session'
import type { FastifyRequest } from 'fastify'
import type { Principal } from '../proof/principal.ts'
import type { Services } from '../services.ts'
import { judgeSite, sessionTokenOf } from './request-site.ts'
import { type SessionToken, sessionDigest } from './session-cookie.ts'

/** A session that is good, and of whom. */
export interface LiveSession {
  readonly token: SessionToken
  readonly session: ConsoleSession
  readonly principal: Principal
}

/** Unused for longer, a session ends; in milliseconds. */
export const idleMs = 30 * 60 * 1000
/** However much it is used, a session ends; in milliseconds. */
export const absoluteMs = 8 * 60 * 60 * 1000
/** Uses nearer to each other are not written down. */
const touchMs = 60_000

/** When a session ends that was used at an instant. */
export const expiryOf = (signedInAtMs: number, seenAtMs: number): number =>
  Math.min(seenAtMs + idleMs, signedInAtMs + absoluteMs)

const administratorRoles: ReadonlySet<string> = new Set(
  builtInRoles.filter((role) => role.adminRole).map((role) => role.name),
)

/** Whether any of these makes an administrator. */
export const administers = (roleNames: readonly string[]): boolean =>
  roleNames.some((name) => administratorRoles.has(name))

/** How a user is called where applications are called by their client id. */
export const userActor = (userName: string): string => `user:${userName}`

const userPrincipal = async (id: string, { console }: Services): Promise<Principal | null> => {
  const found = await console.findUser(id)
  if (found === null || !found.user.active) return null
  const { userName, displayName } = found.user
  return {
    type: 'User',
    applicationId: id,
    clientId: userActor(userName),
    displayName: displayName ?? userName,
    roleNames: found.roleNames,
  }
}

/** Names of the built-in roles that a client holds now. */
export const builtInRolesOfClient = async (
  client: ClientSnapshot,
  services: Services,
): Promise<readonly string[]> => {
  const catalog = await services.registry.catalog()
  const roles = catalog.byId.get(builtInApplicationId)?.roles ?? []
  return roles.filter((role) => client.roleIds.has(role.id)).map((role) => role.displayName)
}

/** An application is signed in for as long as the secret lives that it signed in by. */
const appPrincipal = async (
  session: ConsoleSession,
  services: Services,
  nowMs: number,
): Promise<Principal | null> => {
  const clientId = await services.console.clientIdOf(session.subjectId)
  const client = clientId === null ? null : await services.registry.client(clientId)
  if (client === null || !client.application.active) return null
  const { id: applicationId, displayName } = client.application
  const isKept = client.secrets.some(
    (secret) => secret.id === session.credential && isLiveSecret(secret, nowMs),
  )
  const token = {
    jti: session.digest,
    applicationId,
    clientId: client.application.clientId,
    audience: [],
    credential: credentialMark(applicationId, session.credential),
    issuedAtMs: session.signedInAtMs,
  }
  if (!isKept || (await services.isRevoked(token))) return null
  const roleNames = await builtInRolesOfClient(client, services)
  return {
    type: 'App',
    applicationId,
    clientId: client.application.clientId,
    displayName,
    roleNames,
  }
}

/**
 * Whose session this is, with the roles held now: one that was taken away ends at once.
 * @returns null when it has ended, or its owner administers nothing any more
 */
export const findSession = async (
  token: SessionToken,
  services: Services,
  nowMs: number,
): Promise<LiveSession | null> => {
  const session = await services.console.findSession(sessionDigest(token))
  if (session === null || session.expiresAtMs <= nowMs) return null
  if (session.signedInAtMs + absoluteMs <= nowMs) return null
  const found =
    session.subjectType === 'User'
      ? await userPrincipal(session.subjectId, services)
      : await appPrincipal(session, services, nowMs)
  if (found === null || !administers(found.roleNames)) return null
  return { token, session, principal: { ...found, provedAtMs: session.provedAtMs } }
}

/** Says that a session is used, now and then; nobody waits for it. */
const touch = ({ session }: LiveSession, services: Services, ecid: string, nowMs: number): void => {
  if (nowMs - session.seenAtMs < touchMs) return
  const { digest, signedInAtMs } = session
  const expiresAtMs = expiryOf(signedInAtMs, nowMs)
  services.console
    .write({ kind: 'touch', digest, seenAtMs: nowMs, expiresAtMs })
    .catch((error: Error) => services.fault(ecid, 'RECORD_UNAVAILABLE', error))
}

/**
 * The administrator whose browser sent this, by the session cookie.
 * @returns null without a session that is good, and where another site may have sent it
 */
export const proveSession = async (
  request: FastifyRequest,
  services: Services,
  nowMs: number,
): Promise<LiveSession | null> => {
  const token = await sessionTokenOf(request, services)
  if (token === null || (await judgeSite(request, token, services)) !== null) return null
  const live = await findSession(token, services, nowMs)
  if (live !== null) touch(live, services, request.id, nowMs)
  return live
}
