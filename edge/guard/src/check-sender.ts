/** RFC 7800: what belongs to a key is taken only from whoever has proven to hold it. */
import { ok, type Result } from '@mintmark/protocol/result'
import type { JsonObject } from '@mintmark/protocol/rfc8259-strict-json'
import type { GuardOptions } from './guard-options.ts'
import { type GuardRefusal, refuse } from './guard-refusal.ts'
import type { GuardRequest } from './guard-request.ts'
import { certificateFinder } from './sender-certificate.ts'
import { createKeySender, type KeySender, type KeySenderClocks } from './sender-key.ts'

/** A token as it was shown. */
export interface ShownToken {
  readonly text: string
  readonly scheme: 'bearer' | 'dpop'
  /** null: it came in another way than in a request, so that nothing can be shown with it. */
  readonly request: GuardRequest | null
}

export interface SenderCheck {
  /** @param confirmation `cnf` of the token; null: it is bound to nothing */
  check(confirmation: JsonObject | null, shown: ShownToken): Promise<Result<true, GuardRefusal>>
  /** null: this API takes no tokens that are bound to keys. */
  readonly keySender: KeySender | null
}

const unproven = (detail: string) => refuse('SENDER_UNPROVEN', detail)

const notThisWay = () => unproven('The token is bound to a key that this request does not prove.')

const noKey = () =>
  refuse('TOKEN_UNBOUND', 'The token is bound to no key, so that no proof can be for it.')

const asBearer = () =>
  unproven('The token is bound to a key: send it with the scheme DPoP and a proof.')

/** @param report told why `proveSender` or `claimProof` failed */
export const createSenderCheck = (
  options: GuardOptions,
  clocks: KeySenderClocks,
  report: (message: string) => void,
): SenderCheck => {
  const { dpop, certificates, proveSender } = options
  const keySender = dpop === undefined ? null : createKeySender(dpop, clocks)
  const findThumbprint = certificateFinder(certificates)

  const checkUnbound = ({ scheme }: ShownToken): Result<true, GuardRefusal> => {
    if (scheme === 'dpop') return noKey()
    if (dpop?.required === true || certificates?.required === true) {
      const to = dpop?.required === true ? 'a key (DPoP)' : 'a certificate'
      return refuse('TOKEN_UNBOUND', `This API takes only tokens that are bound to ${to}.`)
    }
    return ok(true)
  }

  const checkCertificate = (thumbprint: unknown, request: GuardRequest) => {
    if (thumbprint === undefined) {
      if (certificates?.required !== true) return ok(true as const)
      return refuse('TOKEN_UNBOUND', 'This API takes only tokens that are bound to a certificate.')
    }
    return typeof thumbprint === 'string' && findThumbprint(request) === thumbprint
      ? ok(true as const)
      : unproven('The token is bound to a certificate that this request does not show.')
  }

  const checkKey = async (
    thumbprint: unknown,
    { text, scheme }: ShownToken,
    request: GuardRequest,
  ): Promise<Result<true, GuardRefusal>> => {
    // Bound to a certificate only: for DPoP it is bound to nothing.
    if (thumbprint === undefined) {
      const isKeyNeeded = scheme === 'dpop' || dpop?.required === true
      return isKeyNeeded ? noKey() : ok(true)
    }
    if (keySender === null || typeof thumbprint !== 'string') return notThisWay()
    return scheme === 'dpop' ? keySender.prove(thumbprint, text, request) : asBearer()
  }

  const checkBound = async (
    confirmation: JsonObject,
    shown: ShownToken,
  ): Promise<Result<true, GuardRefusal>> => {
    const { request } = shown
    if (request === null) return notThisWay()
    if (proveSender !== undefined) {
      return (await proveSender(confirmation, request)) === true ? ok(true) : notThisWay()
    }
    const { jkt, 'x5t#S256': x5t, ...others } = confirmation
    // A binding that is not known here is one that cannot be checked.
    if (Object.keys(others).length > 0 || (jkt ?? x5t) === undefined) return notThisWay()
    const certificate = checkCertificate(x5t, request)
    return certificate.ok ? checkKey(jkt, shown, request) : certificate
  }

  return {
    keySender,
    check: async (confirmation, shown) => {
      if (confirmation === null) return checkUnbound(shown)
      try {
        return await checkBound(confirmation, shown)
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        report(`The sender of a token cannot be checked: ${why}`)
        return notThisWay()
      }
    },
  }
}
