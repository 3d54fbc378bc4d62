import { createHmac, randomBytes, randomInt } from 'node:crypto'
import { counterBytes, hotpOf } from '@mintmark/protocol/rfc4226-hotp'
import { totpSteps } from '@mintmark/protocol/rfc6238-totp'
import type { ConsoleAccount } from '@mintmark/storage/tables/console-account'
import { sameDigest } from '../proof/secret-digest.ts'
import type { MasterKey } from '../signing/master-key.ts'

/** What somebody has shown, checked as far as a process can that does not write. */
export type Evidence =
  /** The password whose digest was this. */
  | { readonly by: 'password'; readonly digest: string }
  /** The code of this step, by the secret that was sealed like this. */
  | { readonly by: 'authenticator'; readonly sealed: string; readonly step: number }
  | { readonly by: 'recovery-code'; readonly digest: string }
  | { readonly by: 'passkey'; readonly id: string; readonly counter: number }

/** RFC 4226 §4: 160 bits. */
export const newSharedSecret = (): Buffer => randomBytes(20)

/** To whom a sealed shared secret belongs. */
export const sharedSecretContext = (userId: string): string => `console/authenticator ${userId}`

/** The step whose code this is; null: none that counts now. */
export const stepOfCode = (
  code: string,
  secret: Uint8Array,
  nowMs: number,
  usedStep: number,
): number | null => {
  const codeOf = (step: number) =>
    hotpOf(createHmac('sha1', secret).update(counterBytes(step)).digest())
  return totpSteps(nowMs, usedStep).filter((step) => sameDigest(code, codeOf(step)))[0] ?? null
}

const recoveryAlphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const recoveryChars = 12
export const recoveryCodesCount = 10

/** 60 random bits as people write them down: `8KQ2-M4ZR-7DTX`. */
const newRecoveryCode = (): string =>
  Array.from({ length: 3 }, () =>
    Array.from({ length: 4 }, () => recoveryAlphabet[randomInt(recoveryAlphabet.length)]).join(''),
  ).join('-')

/** What is kept of a recovery code; null: this is not the form of one. */
const recoveryDigest = (code: string, userId: string, masterKey: MasterKey): string | null => {
  const plain = code.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1')
  if (plain.length !== recoveryChars) return null
  const key = masterKey.derive('console/recovery')
  return createHmac('sha256', key).update(`${userId} ${plain}`).digest('base64url')
}

/** New codes, and what is kept of them. */
export const newRecoveryCodes = (userId: string, masterKey: MasterKey) => {
  const codes = Array.from({ length: recoveryCodesCount }, newRecoveryCode)
  const digests = codes.map((code) => recoveryDigest(code, userId, masterKey) ?? '')
  return { codes, digests }
}

/** Six digits of an authenticator, or a recovery code; null: neither of this account. */
export const readCode = (
  code: string,
  userId: string,
  account: ConsoleAccount,
  { masterKey, nowMs }: { readonly masterKey: MasterKey; readonly nowMs: number },
): Evidence | null => {
  const { authenticator } = account
  const digits = code.replaceAll(/\s/g, '')
  if (/^\d{6}$/.test(digits)) {
    if (authenticator === null) return null
    const { sealed, usedStep } = authenticator
    const secret = Buffer.from(masterKey.unseal(sealed, sharedSecretContext(userId)), 'base64url')
    const step = stepOfCode(digits, secret, nowMs, usedStep)
    return step === null ? null : { by: 'authenticator', sealed, step }
  }
  const digest = recoveryDigest(code, userId, masterKey)
  return digest === null ? null : { by: 'recovery-code', digest }
}

/** The account after what was shown has been used up; null: it is not of this account any more. */
export const useEvidence = (account: ConsoleAccount, evidence: Evidence): ConsoleAccount | null => {
  const { password, authenticator, passkeys, recoveryDigests } = account
  switch (evidence.by) {
    case 'password':
      return password === evidence.digest ? account : null
    case 'authenticator': {
      if (authenticator === null || authenticator.sealed !== evidence.sealed) return null
      if (evidence.step <= authenticator.usedStep) return null
      return { ...account, authenticator: { ...authenticator, usedStep: evidence.step } }
    }
    case 'recovery-code': {
      const left = recoveryDigests.filter((each) => !sameDigest(each, evidence.digest))
      return left.length < recoveryDigests.length ? { ...account, recoveryDigests: left } : null
    }
    case 'passkey': {
      if (!passkeys.some(({ id }) => id === evidence.id)) return null
      const used = passkeys.map((each) =>
        each.id === evidence.id ? { ...each, counter: evidence.counter } : each,
      )
      return { ...account, passkeys: used }
    }
  }
}

/** Whether a password signs in: it takes something beside it. */
export const hasSecondFactor = ({ authenticator, passkeys }: ConsoleAccount): boolean =>
  authenticator !== null || passkeys.length > 0
