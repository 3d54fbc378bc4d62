import type { RegistryTransaction } from '@mintmark/registry/registry'
import type { User } from '@mintmark/registry/user'
import type { Statements } from '@mintmark/storage/database'
import { type ConsoleSession, putConsoleSession } from '@mintmark/storage/tables/console-session'
import { builtInRolesOf } from '../administration/standing.ts'
import type { ConsoleCaller, ConsoleCommand, ConsoleOutcome } from './console-command.ts'
import { administers, expiryOf, userActor } from './prove-session.ts'

export type CommandOf<Kind extends ConsoleCommand['kind']> = Extract<ConsoleCommand, { kind: Kind }>

/** One transaction: the registry, and the statements of what is no part of it. */
export interface Work {
  readonly transaction: RegistryTransaction
  readonly statements: Statements
  readonly domainId: string
  readonly nowMs: number
}

export const eventOf = ({ ecid, source }: ConsoleCaller, nowMs: number) => ({
  at: nowMs,
  ecid,
  source,
  result: 'ok' as const,
})

type NewSession = Pick<
  ConsoleSession,
  'digest' | 'subjectType' | 'subjectId' | 'credential' | 'method' | 'source'
>

export const keepSession = (
  { statements, domainId, nowMs }: Work,
  session: NewSession,
): Promise<void> =>
  putConsoleSession(statements, domainId, {
    ...session,
    signedInAtMs: nowMs,
    provedAtMs: nowMs,
    seenAtMs: nowMs,
    expiresAtMs: expiryOf(nowMs, nowMs),
  })

/** Begins the session of a user, if it may administer anything. */
export const signUserIn = async (
  work: Work,
  caller: ConsoleCaller,
  { user, digest, method }: { user: User | null; digest: string; method: string },
): Promise<ConsoleOutcome> => {
  const { transaction, nowMs } = work
  const roles = user === null ? [] : await builtInRolesOf(transaction, 'User', user.id)
  if (user === null || !user.active || !administers(roles)) return { kind: 'account-powerless' }
  const subject = { subjectType: 'User', subjectId: user.id, credential: '' } as const
  await keepSession(work, { digest, ...subject, method, source: caller.source })
  await transaction.audit({
    ...eventOf(caller, nowMs),
    action: 'console.sign-in',
    actor: userActor(user.userName),
    object: `${user.id} ${user.userName}`,
    detail: { method },
  })
  return { kind: 'signed-in' }
}
