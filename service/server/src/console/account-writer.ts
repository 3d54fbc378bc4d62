import {
  type ConsoleAccount,
  findConsoleAccount,
  putConsoleAccount,
} from '@mintmark/storage/tables/console-account'
import {
  endConsoleAccess,
  findConsoleChallenge,
  renewConsoleSession,
  takeConsoleChallenge,
  takeConsolePairing,
} from '@mintmark/storage/tables/console-session'
import type { AccountChange, ConsoleOutcome } from './console-command.ts'
import { type CommandOf, eventOf, signUserIn, type Work } from './console-work.ts'
import { passkeysMax } from './passkey.ts'
import { hasSecondFactor, useEvidence } from './second-factor.ts'

const wrong: ConsoleOutcome = { kind: 'code-wrong', lockedForSeconds: 0 }
const gone: ConsoleOutcome = { kind: 'gone' }

/** The second half of a sign-in by password. */
export const signInByFactor = async (
  work: Work,
  command: CommandOf<'sign-in-by-factor'>,
): Promise<ConsoleOutcome> => {
  const { statements, domainId, transaction, nowMs } = work
  const { userId, challenge, evidence, digest } = command
  const wanted = { digest: challenge, purpose: 'sign-in', nowMs } as const
  if ((await findConsoleChallenge(statements, domainId, wanted)) !== userId) return gone
  if (evidence === null) return wrong
  const account = useEvidence(await findConsoleAccount(statements, domainId, userId), evidence)
  if (account === null) return wrong
  await takeConsoleChallenge(statements, domainId, challenge)
  await putConsoleAccount(statements, domainId, userId, account)
  const user = await transaction.findUser(userId)
  return signUserIn(work, command, { user, digest, method: `password and ${evidence.by}` })
}

/** Uses up what was shown for a session; false: it proves nothing. */
const useProof = async (work: Work, command: CommandOf<'prove'>): Promise<boolean> => {
  const { statements, domainId, transaction, nowMs } = work
  const { evidence, session, challenge } = command
  const { subjectId, subjectType } = session
  if (evidence === null) return false
  if (evidence.by === 'client-secret') return subjectType === 'App'
  if (subjectType !== 'User') return false
  if (evidence.by === 'pairing-code') {
    const userName = await takeConsolePairing(statements, domainId, evidence.digest, nowMs)
    const user = userName === null ? null : await transaction.findUserByName(userName)
    return user?.id === subjectId
  }
  if (evidence.by === 'passkey') {
    const wanted = { digest: challenge ?? '', purpose: 'proof', nowMs } as const
    if ((await findConsoleChallenge(statements, domainId, wanted)) !== subjectId) return false
    await takeConsoleChallenge(statements, domainId, wanted.digest)
  }
  const account = useEvidence(await findConsoleAccount(statements, domainId, subjectId), evidence)
  if (account === null) return false
  await putConsoleAccount(statements, domainId, subjectId, account)
  return true
}

/** Proves a session anew. What opened it before opens nothing: whoever had a copy has none now. */
export const proveAgain = async (
  work: Work,
  command: CommandOf<'prove'>,
): Promise<ConsoleOutcome> => {
  const { statements, domainId, transaction, nowMs } = work
  const { session, digest, evidence, actor } = command
  if (!(await useProof(work, command))) return wrong
  const renewed = { digest, provedAtMs: nowMs }
  if (!(await renewConsoleSession(statements, domainId, session.digest, renewed))) return gone
  const detail = { method: evidence?.by ?? '' }
  const event = { ...eventOf(command, nowMs), action: 'console.prove', actor, detail }
  await transaction.audit(event)
  return { kind: 'signed-in' }
}

const withPasskey = async (
  { statements, domainId, nowMs }: Work,
  account: ConsoleAccount,
  { passkey, challenge }: Extract<AccountChange, { kind: 'passkey' }>,
  userId: string,
): Promise<ConsoleAccount | null> => {
  const wanted = { digest: challenge, purpose: 'new-passkey', nowMs } as const
  if ((await findConsoleChallenge(statements, domainId, wanted)) !== userId) return null
  await takeConsoleChallenge(statements, domainId, challenge)
  const others = account.passkeys.filter(({ id }) => id !== passkey.id)
  return others.length < passkeysMax ? { ...account, passkeys: [...others, passkey] } : null
}

const applied = async (
  work: Work,
  account: ConsoleAccount,
  change: AccountChange,
  userId: string,
): Promise<ConsoleAccount | null> => {
  switch (change.kind) {
    case 'password':
      return { ...account, password: change.digest }
    case 'authenticator': {
      const { sealed, step } = change
      const authenticator = { sealed, usedStep: step, addedAtMs: work.nowMs }
      return { ...account, authenticator }
    }
    case 'no-authenticator':
      return account.authenticator === null ? null : { ...account, authenticator: null }
    case 'passkey':
      return withPasskey(work, account, change, userId)
    case 'no-passkey': {
      const passkeys = account.passkeys.filter(({ id }) => id !== change.id)
      return passkeys.length < account.passkeys.length ? { ...account, passkeys } : null
    }
    case 'recovery-codes':
      return account
  }
}

/**
 * Changes how a user signs in. The other sessions of that user end, and what was to become one:
 * whoever changes this because somebody else got in is alone afterwards.
 */
export const changeAccount = async (
  work: Work,
  command: CommandOf<'change-account'>,
): Promise<ConsoleOutcome> => {
  const { statements, domainId, transaction, nowMs } = work
  const { session, digest, change, recoveryDigests, actor } = command
  const userId = session.subjectId
  const present = await findConsoleAccount(statements, domainId, userId)
  const account = await applied(work, present, change, userId)
  if (account === null) return gone
  const renewed = { digest, provedAtMs: session.provedAtMs }
  if (!(await renewConsoleSession(statements, domainId, session.digest, renewed))) return gone
  const isAskedFor = change.kind === 'recovery-codes'
  const hasNewCodes =
    isAskedFor || (hasSecondFactor(account) && account.recoveryDigests.length === 0)
  const kept = hasNewCodes ? { ...account, recoveryDigests } : account
  await putConsoleAccount(statements, domainId, userId, kept)
  const user = await transaction.findUser(userId)
  if (user !== null) await endConsoleAccess(statements, domainId, user, digest)
  const action = `console.account.${change.kind}`
  await transaction.audit({ ...eventOf(command, nowMs), action, actor })
  return { kind: 'changed', hasNewCodes }
}
