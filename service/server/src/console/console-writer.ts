import {
  builtInRoles,
  identityDomainAdministrator,
} from '@mintmark/decisions/administration/built-in-roles'
import { builtInApplicationId } from '@mintmark/registry/snapshot'
import type { User } from '@mintmark/registry/user'
import {
  deleteConsoleSession,
  putConsoleChallenge,
  putConsolePairing,
  takeConsolePairing,
  touchConsoleSession,
} from '@mintmark/storage/tables/console-session'
import type { ServerLedger } from '../services.ts'
import { newId } from '../signing/random-ids.ts'
import type { ChangeRegistry } from '../writer/change-registry.ts'
import { changeAccount, proveAgain, signInByFactor } from './account-writer.ts'
import type { ConsoleCommand, ConsoleOutcome } from './console-command.ts'
import { type CommandOf, eventOf, keepSession, signUserIn, type Work } from './console-work.ts'
import { pairedUserName, pairingMs } from './pairing-code.ts'
import { userActor } from './prove-session.ts'

export interface ConsoleWriterParts {
  readonly change: ChangeRegistry
  readonly domainId: string
  readonly ledger: ServerLedger
}

/** Under this name wrong codes are counted, by source. */
export const pairingAttempts = 'console pairing code'

/** Whom a code signs in; the first one for `administrator` makes that user, with every power. */
const pairedUser = async (
  { transaction, domainId, nowMs }: Work,
  userName: string,
): Promise<User | null> => {
  const found = await transaction.findUserByName(userName)
  if (found !== null || userName !== pairedUserName) return found
  const user: User = {
    domain: domainId,
    id: newId(),
    userName,
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

const signInByCode = async (
  work: Work,
  command: CommandOf<'sign-in-by-code'>,
): Promise<ConsoleOutcome> => {
  const { statements, domainId, nowMs } = work
  const { codeDigest, digest } = command
  const userName =
    codeDigest === null ? null : await takeConsolePairing(statements, domainId, codeDigest, nowMs)
  if (userName === null) return { kind: 'code-wrong', lockedForSeconds: 0 }
  const user = await pairedUser(work, userName)
  return signUserIn(work, command, { user, digest, method: 'pairing-code' })
}

const signIn = async (work: Work, command: CommandOf<'sign-in'>): Promise<ConsoleOutcome> => {
  const { digest, applicationId, clientId, secretId } = command
  const subject = { subjectType: 'App', subjectId: applicationId, credential: secretId } as const
  const method = 'client-secret'
  await keepSession(work, { digest, ...subject, method, source: command.source })
  await work.transaction.audit({
    ...eventOf(command, work.nowMs),
    action: 'console.sign-in',
    actor: clientId,
    object: `${applicationId} ${clientId}`,
    detail: { method, credential: secretId },
  })
  return { kind: 'signed-in' }
}

const signOut = async (work: Work, command: CommandOf<'sign-out'>): Promise<ConsoleOutcome> => {
  const { statements, domainId, nowMs, transaction } = work
  if (await deleteConsoleSession(statements, domainId, command.digest)) {
    const { actor, object } = command
    const action = object === undefined ? 'console.sign-out' : 'console.session.end'
    const about = object === undefined ? {} : { object }
    await transaction.audit({ ...eventOf(command, nowMs), action, actor, ...about })
  }
  return { kind: 'done' }
}

const pair = async (work: Work, command: CommandOf<'pair'>): Promise<ConsoleOutcome> => {
  const { statements, domainId, nowMs, transaction } = work
  const expiresAtMs = nowMs + pairingMs
  const { digest, userName, actor } = command
  await putConsolePairing(statements, domainId, { digest, userName, expiresAtMs })
  const told = { action: 'console.pair', actor, object: userActor(userName) }
  await transaction.audit({ ...eventOf(command, nowMs), ...told })
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
    case 'challenge':
      await putConsoleChallenge(work.statements, work.domainId, command.challenge)
      return { kind: 'done' }
    case 'sign-in-by-factor':
      return signInByFactor(work, command)
    case 'prove':
      return proveAgain(work, command)
    case 'change-account':
      return changeAccount(work, command)
    case 'touch':
      await touchConsoleSession(work.statements, work.domainId, command)
      return { kind: 'done' }
  }
}

interface Attempt {
  readonly clientId: string
  readonly source: string
}

type CountedCommand = CommandOf<'sign-in-by-code' | 'sign-in-by-factor' | 'prove'>

/**
 * What wrong codes are counted by. Whoever tries second factors has the password or the cookie
 * already, so these are counted by the account, from wherever they come.
 */
const attemptOf = (command: CountedCommand): Attempt => {
  if (command.kind === 'sign-in-by-code') {
    return { clientId: pairingAttempts, source: command.source }
  }
  const id = command.kind === 'prove' ? command.session.subjectId : command.userId
  return { clientId: `console second factor ${id}`, source: 'any' }
}

/** What the one writer does for the console. */
export const createConsoleWriter = ({ change, domainId, ledger }: ConsoleWriterParts) => {
  const perform = (command: ConsoleCommand): Promise<ConsoleOutcome> =>
    change((transaction, statements) =>
      run({ transaction, statements, domainId, nowMs: Date.now() }, command),
    )
  /** A lock that another process has made is known here. */
  const performUnlocked = async (
    command: ConsoleCommand,
    attempt: Attempt,
  ): Promise<ConsoleOutcome> => {
    const seconds = ledger.lockedFor(attempt.clientId, attempt.source)
    return seconds > 0 ? { kind: 'locked', lockedForSeconds: seconds } : perform(command)
  }
  /** Wrong codes are counted here, where what other processes counted is known. */
  const performCounted = async (
    command: CountedCommand,
    attempt: Attempt,
  ): Promise<ConsoleOutcome> => {
    const outcome = await performUnlocked(command, attempt)
    if (outcome.kind !== 'code-wrong') return outcome
    const reason = 'SIGN_IN_REFUSED'
    const counted = await ledger.recordFailure({ ...attempt, reason, kind: 'secret' })
    return { kind: 'code-wrong', lockedForSeconds: counted.lockedForSeconds }
  }
  return (command: ConsoleCommand): Promise<ConsoleOutcome> => {
    if (command.kind === 'challenge' && command.attempt !== null) {
      return performUnlocked(command, command.attempt)
    }
    if (!('isExempt' in command) || command.isExempt) return perform(command)
    if (command.kind === 'sign-in') return performUnlocked(command, command)
    return performCounted(command, attemptOf(command))
  }
}
