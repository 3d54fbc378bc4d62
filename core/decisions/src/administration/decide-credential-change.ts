import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import type { Application } from '@mintmark/registry/application'
import type { ClientCertificate, ClientSecret } from '@mintmark/registry/client-credential'
import type { NewSecret } from './application-wish.ts'
import type { Change, ChangeStep, Stamp } from './change.ts'
import { decideReach } from './decide-access.ts'
import { endTokensBy, endTokensOf } from './end-tokens.ts'
import { refuseLastAdministrator, type Succession } from './refuse-lock-out.ts'

/** A client has no more secrets than this that work at the same time. */
export const liveSecretsMax = 5
/** Ended secrets are kept so that their use can be told from a wrong one; the oldest go. */
export const endedSecretsMax = 20
/** 90 days: an old secret that works for longer was not rotated. */
export const overlapSecondsMax = 7_776_000
export const labelCharsMax = 100

/** A wish for a new secret of a client. */
export interface RegenerationWish {
  /** How long older secrets go on working; 0: they end at once (decision 19). */
  readonly overlapSeconds: number
  /** Older secrets stay as they are: one more is added, none is rotated out. */
  readonly keepOthers: boolean
  /** Decision 20: rotation ends the old secret, and tokens only when this is asked. */
  readonly revokeTokens: boolean
}

const isLive = (secret: ClientSecret, nowMs: number): boolean =>
  (secret.expiresAtMs === null || secret.expiresAtMs > nowMs) &&
  (secret.endsAtMs === null || secret.endsAtMs > nowMs)

const checkOwner = (
  present: Application,
  heldBuiltInRoles: readonly string[],
  stamp: Stamp,
): Result<null, AdministrationRefusal> => {
  if (present.builtIn) {
    return refuseChange('BUILT_IN', `'${present.displayName}' has no credentials.`)
  }
  const reach = decideReach(stamp.administrator, present, heldBuiltInRoles)
  if (!reach.ok) return reach
  const client = present.client
  if (client !== null && client.clientType !== 'public') return ok(null)
  return refuseChange('NOT_A_CLIENT', `'${present.displayName}' is no confidential client.`, {
    why: 'Only a confidential or trusted client has a secret.',
    fix: 'Set isOAuthClient to true and clientType to confidential first.',
    at: 'appId',
  })
}

/** What a regeneration looks at. */
export interface SecretView {
  readonly secrets: readonly ClientSecret[]
  readonly heldBuiltInRoles: readonly string[]
}

/** Of the secrets that have ended the newest are kept. */
const forgetOldest = (
  { id: applicationId }: Application,
  ended: readonly ClientSecret[],
): readonly ChangeStep[] =>
  ended
    .toSorted((a, b) => b.createdAtMs - a.createdAtMs)
    .slice(endedSecretsMax)
    .map(({ id }) => ({ step: 'delete-secret', applicationId, id }))

/** A new secret for a client: older ones end now, or when the overlap is over. */
export const decideSecretRegeneration = (
  present: Application,
  view: SecretView,
  wish: RegenerationWish & { readonly secret: NewSecret },
  stamp: Stamp,
): Result<Change, AdministrationRefusal> => {
  const owner = checkOwner(present, view.heldBuiltInRoles, stamp)
  if (!owner.ok) return owner
  const { overlapSeconds, keepOthers } = wish
  if (keepOthers && overlapSeconds !== 0) {
    return refuseChange('VALUE_INVALID', 'keepOthers and overlapSeconds exclude each other.', {
      why: 'Older secrets either stay, or end after a time.',
      fix: 'Leave one of them out.',
      at: 'overlapSeconds',
    })
  }
  if (overlapSeconds < 0 || overlapSeconds > overlapSecondsMax) {
    return refuseChange('VALUE_INVALID', `overlapSeconds must be 0 to ${overlapSecondsMax}.`, {
      at: 'overlapSeconds',
    })
  }
  const live = view.secrets.filter((each) => isLive(each, stamp.nowMs))
  if ((keepOthers || overlapSeconds > 0) && live.length + 1 > liveSecretsMax) {
    return refuseChange(
      'TOO_MANY_SECRETS',
      `'${present.displayName}' has ${live.length} live secrets.`,
      {
        why: `A client has at most ${liveSecretsMax} at the same time.`,
        fix: 'End one of them, or regenerate without overlap, which ends them all.',
        at: 'overlapSeconds',
      },
    )
  }
  const endsAtMs = keepOthers ? null : stamp.nowMs + overlapSeconds * 1000
  const steps: ChangeStep[] = live
    .filter((each) => endsAtMs !== null && (each.endsAtMs === null || each.endsAtMs > endsAtMs))
    .map((each) => ({ step: 'put-secret', secret: { ...each, endsAtMs } }))
  const ended = view.secrets.filter((each) => !live.includes(each) || endsAtMs === stamp.nowMs)
  steps.push(...forgetOldest(present, ended))
  const secret: ClientSecret = {
    kind: 'secret',
    domain: present.domain,
    applicationId: present.id,
    createdAtMs: stamp.nowMs,
    endsAtMs: null,
    ...wish.secret,
  }
  steps.push({ step: 'put-secret', secret })
  if (wish.revokeTokens) steps.push(endTokensOf(present, stamp.nowMs))
  const { label, ending, origin, expiresAtMs } = secret
  return ok({
    steps,
    action: 'application.secret.regenerate',
    object: `${present.id} ${present.displayName}`,
    before: { liveSecrets: live.length },
    after: {
      label,
      ending,
      origin,
      expiresAtMs,
      ...(keepOthers ? { keepOthers } : { overlapSeconds }),
      revokeTokens: wish.revokeTokens,
    },
  })
}

/** What the end of one secret looks at. */
export interface SecretEndView extends SecretView, Succession {
  /** Certificates that are attached to the client. */
  readonly certificates: number
}

/** Whether the client could still say who it is without any secret. */
const provesWithoutSecret = ({ client }: Application, certificates: number): boolean =>
  client !== null &&
  (client.jwks !== null ||
    client.jwksUri !== null ||
    client.certificateSubject !== null ||
    certificates > 0)

/**
 * Ends one secret of a client now; the others stay as they are. One that has ended already is let
 * be, and the tokens that it obtained end all the same where that is wished.
 * @param id of the secret
 */
export const decideSecretEnd = (
  present: Application,
  view: SecretEndView,
  wish: { readonly id: string; readonly revokeTokens: boolean },
  stamp: Stamp,
): Result<Change, AdministrationRefusal> => {
  const reach = decideReach(stamp.administrator, present, view.heldBuiltInRoles)
  if (!reach.ok) return reach
  const secret = view.secrets.find(({ id }) => id === wish.id)
  if (secret === undefined) {
    return refuseChange('RESOURCE_NOT_FOUND', `'${present.displayName}' has no such secret.`)
  }
  const live = view.secrets.filter((each) => isLive(each, stamp.nowMs))
  const ends = live.includes(secret)
  if (ends && live.length === 1 && !provesWithoutSecret(present, view.certificates)) {
    const last = refuseLastAdministrator(present.displayName, view)
    if (!last.ok) return last
  }
  const steps: ChangeStep[] = []
  if (ends) steps.push({ step: 'put-secret', secret: { ...secret, endsAtMs: stamp.nowMs } })
  const ended = view.secrets.filter((each) => each === secret || !live.includes(each))
  if (ends) steps.push(...forgetOldest(present, ended))
  if (wish.revokeTokens) steps.push(...endTokensBy(present, [secret.id], stamp))
  const { label, ending, origin } = secret
  return ok({
    steps,
    action: 'application.secret.end',
    object: `${present.id} ${present.displayName}`,
    before: { liveSecrets: live.length },
    after: {
      secretId: secret.id,
      label,
      ending,
      origin,
      liveSecrets: live.length - (ends ? 1 : 0),
      revokeTokens: wish.revokeTokens,
    },
  })
}

/** A certificate as read from its bytes, with the alias it shall have. */
export type CertificateWish = Pick<
  ClientCertificate,
  'alias' | 'der' | 'x5t' | 'x5tS256' | 'notBeforeMs' | 'notAfterMs'
>

/** A new certificate in the domain's store: alias and bytes each once. */
export const decideCertificateCreation = (
  wish: CertificateWish,
  view: {
    readonly sameAlias: ClientCertificate | null
    readonly sameBytes: ClientCertificate | null
  },
  stamp: Stamp,
): Result<
  { readonly certificate: ClientCertificate; readonly change: Change },
  AdministrationRefusal
> => {
  const { alias } = wish
  if (alias.trim() === '' || alias.length > 125 || /\p{Cc}/u.test(alias)) {
    return refuseChange(
      'VALUE_INVALID',
      'certificateAlias must be a name of 1 to 125 characters.',
      {
        at: 'certificateAlias',
      },
    )
  }
  if (view.sameAlias !== null) {
    return refuseChange('VALUE_TAKEN', `There is a certificate "${alias}" already.`, {
      fix: 'Take another alias: a certificate cannot be replaced.',
      at: 'certificateAlias',
    })
  }
  if (view.sameBytes !== null) {
    return refuseChange('VALUE_TAKEN', `This certificate is stored as "${view.sameBytes.alias}".`, {
      fix: 'Use that alias: several applications can share a certificate.',
      at: 'x509Base64Certificate',
    })
  }
  if (wish.notAfterMs <= stamp.nowMs) {
    return refuseChange('CERTIFICATE_UNREADABLE', 'This certificate has expired.', {
      at: 'x509Base64Certificate',
    })
  }
  const certificate: ClientCertificate = {
    domain: stamp.domain,
    id: stamp.id,
    ...wish,
    version: 1,
    createdAtMs: stamp.nowMs,
  }
  const { x5tS256, notBeforeMs, notAfterMs } = wish
  const change: Change = {
    steps: [{ step: 'put-certificate', certificate }],
    action: 'certificate.create',
    object: `${stamp.id} ${alias}`,
    before: null,
    after: { alias, x5tS256, notBeforeMs, notAfterMs },
  }
  return ok({ certificate, change })
}

/** A certificate goes only when no application proves itself by it any more. */
export const decideCertificateDeletion = (
  present: ClientCertificate,
  userNames: readonly string[],
): Result<Change, AdministrationRefusal> => {
  if (userNames.length > 0) {
    const users = userNames.slice(0, 10).map((name) => `'${name}'`)
    return refuseChange('CERTIFICATE_IN_USE', `The certificate "${present.alias}" is in use.`, {
      why: `By: ${users.join(', ')}.`,
      fix: 'Take it out of their certificates first.',
    })
  }
  const { alias, x5tS256 } = present
  return ok({
    steps: [{ step: 'delete-certificate', id: present.id }],
    action: 'certificate.delete',
    object: `${present.id} ${alias}`,
    before: { alias, x5tS256 },
    after: null,
  })
}
