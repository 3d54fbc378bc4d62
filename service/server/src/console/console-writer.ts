import {
  builtInRoles,
  identityDomainAdministrator,
} from '@mintmark/decisions/administration/built-in-roles'
import type { RegistryTransaction } from '@mintmark/registry/registry'
import { builtInApplicationId } from '@mintmark/registry/snapshot'
import type { User } from '@mintmark/registry/user'
import type { Statements } from '@mintmark/storage/database'
import {
  type ConsoleSession,
  deleteConsoleSession,
  putConsolePairing,
  putConsoleSession,
  takeConsolePairing,
  touchConsoleSession,
} from '@mintmark/storage/tables/console-session'
import { builtInRolesOf } from '../administration/standing.ts'
import type { ServerLedger } from '../services.ts'
import { newId } from '../signing/random-ids.ts'
import type { ChangeRegistry } from '../writer/change-registry.ts'
import type { ConsoleCaller, ConsoleCommand, ConsoleOutcome } from './console-command.ts'
import { pairingMs } from './pairing-code.ts'
import { administers, expiryOf, userActor } from './prove-session.ts'

export interface ConsoleWriterParts {
  readonly change: ChangeRegistry
  readonly domainId: string
  readonly ledger: ServerLedger
}

type CommandOf<Kind extends ConsoleCommand['kind']> = Extract<ConsoleCommand, { kind: Kind }>

/** One transaction: the registry, and the statements of what is no part of it. */
interface Work {
  readonly transaction: RegistryTransaction
  readonly statements: Statements
  readonly domainId: string
  readonly nowMs: number
}

/** Whom a pairing code signs in. */
const pairedUserName = 'administrator'
/** Under this name wrong codes are counted, by source. */
export const pairingAttempts = 'console pairing code'

const eventOf = ({ ecid, source }: ConsoleCaller, nowMs: number) => ({
  at: nowMs,
  ecid,
  source,
  result: 'ok' as const,
})

/** The account that pairing codes sign in, made by the first of them with every power. */
const pairedUser = async ({ transaction, domainId, nowMs }: Work): Promise<User> => {
  const found = await transaction.findUserByName(pairedUserName)
  if (found !== null) return found
  const user: User = {
    domain: domainId,
    id: newId(),
    userName: pairedUserName,
    displayName: 'Administrator',
    externalId: null,
    active: true,
    givenName: null,
    familyName: 'Administrator',
    emails: [],
    attributes: {},
    version: 1,
    createdAtMs: nowMs,
    modifiedAtMs: nowMs,
  }
  await transaction.putUser(user)
  const role = builtInRoles.find((each) => each.name === identityDomainAdministrator)
  await transaction.putGrant({
    domain: domainId,
    id: newId(),
    applicationId: builtInApplicationId,
    roleId: role?.id ?? '',
    granteeType: 'User',
    granteeId: user.id,
    mechanism: 'ADMINISTRATOR_TO_USER',
    grantorId: null,
    createdAtMs: nowMs,
  })
  return user
}

const keepSession = (
  { statements, domainId, nowMs }: Work,
  session: Pick<ConsoleSession, 'digest' | 'subjectType' | 'subjectId' | 'credential'>,
): Promise<void> =>
  putConsoleSession(statements, domainId, {
    ...session,
    signedInAtMs: nowMs,
    seenAtMs: nowMs,
    expiresAtMs: expiryOf(nowMs, nowMs),
  })

const signInByCode = async (
  work: Work,
  command: CommandOf<'sign-in-by-code'>,
): Promise<ConsoleOutcome> => {
  const { transaction, statements, domainId, nowMs } = work
  const { codeDigest, digest } = command
  const isTaken =
    codeDigest !== null && (await takeConsolePairing(statements, domainId, codeDigest, nowMs))
  if (!isTaken) return { kind: 'code-wrong', lockedForSeconds: 0 }
  const user = await pairedUser(work)
  const roles = await builtInRolesOf(transaction, 'User', user.id)
  if (!user.active || !administers(roles)) return { kind: 'account-powerless' }
  await keepSession(work, { digest, subjectType: 'User', subjectId: user.id, credential: '' })
  await transaction.audit({
    ...eventOf(command, nowMs),
    action: 'console.sign-in',
    actor: userActor(user.userName),
    object: `${user.id} ${user.userName}`,
    detail: { method: 'pairing-code' },
  })
  return { kind: 'signed-in' }
}

const signIn = async (work: Work, command: CommandOf<'sign-in'>): Promise<ConsoleOutcome> => {
  const { digest, applicationId, clientId, secretId } = command
  const subject = { subjectType: 'App', subjectId: applicationId, credential: secretId } as const
  await keepSession(work, { digest, ...subject })
  await work.transaction.audit({
    ...eventOf(command, work.nowMs),
    action: 'console.sign-in',
    actor: clientId,
    object: `${applicationId} ${clientId}`,
    detail: { method: 'client-secret', credential: secretId },
  })
  return { kind: 'signed-in' }
}

const signOut = async (work: Work, command: CommandOf<'sign-out'>): Promise<ConsoleOutcome> => {
  const { statements, domainId, nowMs, transaction } = work
  if (await deleteConsoleSession(statements, domainId, command.digest)) {
    const { actor } = command
    await transaction.audit({ ...eventOf(command, nowMs), action: 'console.sign-out', actor })
  }
  return { kind: 'done' }
}

const pair = async (work: Work, command: CommandOf<'pair'>): Promise<ConsoleOutcome> => {
  const { statements, domainId, nowMs, transaction } = work
  const expiresAtMs = nowMs + pairingMs
  await putConsolePairing(statements, domainId, command.digest, expiresAtMs)
  const { actor } = command
  await transaction.audit({ ...eventOf(command, nowMs), action: 'console.pair', actor })
  return { kind: 'paired', expiresAtMs }
}

const run = async (work: Work, command: ConsoleCommand): Promise<ConsoleOutcome> => {
  switch (command.kind) {
    case 'pair':
      return pair(work, command)
    case 'sign-in-by-code':
      return signInByCode(work, command)
    case 'sign-in':
      return signIn(work, command)
    case 'sign-out':
      return signOut(work, command)
    case 'touch':
      await touchConsoleSession(work.statements, work.domainId, command)
      return { kind: 'done' }
  }
}

/** What the one writer does for the console. */
export const createConsoleWriter = ({ change, domainId, ledger }: ConsoleWriterParts) => {
  const perform = (command: ConsoleCommand): Promise<ConsoleOutcome> =>
    change((transaction, statements) =>
      run({ transaction, statements, domainId, nowMs: Date.now() }, command),
    )
  /** A lock that another process has made is known here. */
  const performUnlocked = async (command: CommandOf<'sign-in'>): Promise<ConsoleOutcome> => {
    const seconds = ledger.lockedFor(command.clientId, command.source)
    return seconds > 0 ? { kind: 'locked', lockedForSeconds: seconds } : perform(command)
  }
  /** Wrong codes are counted here, where what other processes counted is known. */
  const performCounted = async (command: CommandOf<'sign-in-by-code'>): Promise<ConsoleOutcome> => {
    const attempt = { clientId: pairingAttempts, source: command.source } as const
    const seconds = ledger.lockedFor(attempt.clientId, attempt.source)
    if (seconds > 0) return { kind: 'locked', lockedForSeconds: seconds }
    const outcome = await perform(command)
    if (outcome.kind !== 'code-wrong') return outcome
    const reason = 'SIGN_IN_REFUSED'
    const counted = await ledger.recordFailure({ ...attempt, reason, kind: 'secret' })
    return { kind: 'code-wrong', lockedForSeconds: counted.lockedForSeconds }
  }
  return (command: ConsoleCommand): Promise<ConsoleOutcome> => {
    if (command.kind === 'sign-in' && !command.isExempt) return performUnlocked(command)
    if (command.kind === 'sign-in-by-code' && !command.isExempt) return performCounted(command)
    return perform(command)
  }
}
