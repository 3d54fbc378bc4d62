/** Which tokens end with a change of what is declared, as steps of that change. */
import type { Application } from '@mintmark/registry/application'
import { type Revocation, subjectOfClient } from '@mintmark/registry/revocation'
import { credentialMark } from '../afterlife/credential-mark.ts'
import { endEverything } from '../afterlife/decide-revocation.ts'
import { lifetimeSecondsMax } from '../token/decide-lifetime.ts'
import type { ChangeStep, Stamp } from './change.ts'
import { audiencesOf } from './resource-server-index.ts'

type When = Pick<Stamp, 'domain' | 'nowMs'>

const put = (revocation: Revocation): ChangeStep => ({ step: 'put-revocation', revocation })

const step = (
  kind: Revocation['kind'],
  subject: string,
  { domain, nowMs }: When,
  clientId?: string,
): ChangeStep =>
  put({
    domain,
    kind,
    subject,
    ...(clientId !== undefined && { clientId }),
    issuedBeforeMs: nowMs,
    expiresAtMs: nowMs + lifetimeSecondsMax * 1000,
  })

/**
 * Decision 20: ends every token that a client was given up to now. The mark may go when the longest
 * possible token has expired.
 */
export const endTokensOf = (application: Application, nowMs: number): ChangeStep =>
  put(endEverything(application, nowMs))

/** Ends what these credentials have obtained up to now. @param credentials as proofs name them */
export const endTokensBy = (
  { id, clientId }: Application,
  credentials: readonly string[],
  when: When,
): readonly ChangeStep[] =>
  credentials.map((each) =>
    step('credential', subjectOfClient(credentialMark(id, each), clientId), when, clientId),
  )

/** Ends every token for these audiences, whose ever it is. */
export const endTokensFor = (audiences: readonly string[], when: When): readonly ChangeStep[] =>
  audiences.map((audience) => step('audience', audience, when))

/** Every token for an API; what is none has no tokens. */
export const endTokensForApi = (
  { resourceServer }: Pick<Application, 'resourceServer'>,
  when: When,
): readonly ChangeStep[] =>
  resourceServer === null ? [] : endTokensFor(audiencesOf(resourceServer), when)

/** What clients may do less at an API than before. */
export interface AccessLost {
  readonly audiences: readonly string[]
  /** `many`: more than are worth naming, so that the tokens of all end. */
  readonly clientIds: readonly string[] | 'many'
}

/** Ends the tokens that say more than is allowed now: of these clients, for these audiences. */
export const endAccess = (
  { audiences, clientIds }: AccessLost,
  when: When,
): readonly ChangeStep[] =>
  clientIds === 'many'
    ? endTokensFor(audiences, when)
    : audiences.flatMap((audience) =>
        clientIds.map((clientId) =>
          step('grant', subjectOfClient(audience, clientId), when, clientId),
        ),
      )
