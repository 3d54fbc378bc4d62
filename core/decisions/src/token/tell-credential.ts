import type { Refusal } from '@mintmark/protocol/refusal'
import type { Result } from '@mintmark/protocol/result'
import type { ClientCertificate, ClientSecret } from '@mintmark/registry/client-credential'
import { isLiveSecret, provableMethods } from './decide-client-fitness.ts'
import type { Situation } from './explanation.ts'

const dayMs = 86_400_000
const hourMs = 3_600_000

const span = (ms: number): string => {
  if (ms >= 2 * dayMs) return `${Math.floor(ms / dayMs)} d`
  if (ms >= hourMs) return `${Math.floor(ms / hourMs)} h`
  return `${Math.max(1, Math.floor(ms / 60_000))} min`
}

const endOf = (untilMs: number | null, nowMs: number): string => {
  if (untilMs === null) return 'does not expire'
  return untilMs > nowMs
    ? `expires in ${span(untilMs - nowMs)}`
    : `expired ${span(nowMs - untilMs)} ago`
}

/** Label, last characters and end of a secret; nothing that could be guessed from. */
const tellSecret = (secret: ClientSecret, nowMs: number): string => {
  const label = secret.label === '' ? '' : ` '${secret.label}'`
  const ending = secret.ending === '' ? '' : ` (ends ...${secret.ending})`
  const ends = [secret.expiresAtMs, secret.endsAtMs].filter((each) => each !== null)
  const untilMs = ends.length === 0 ? null : Math.min(...ends)
  const isRotated = secret.endsAtMs !== null && secret.endsAtMs === untilMs
  const how = isRotated ? 'was rotated out and ' : ''
  return `Secret${label}${ending} ${how}${endOf(untilMs, nowMs)}`
}

const tellCertificate = (certificate: ClientCertificate, nowMs: number): string =>
  `Certificate '${certificate.alias}' ${endOf(certificate.notAfterMs, nowMs)}`

/** What the client proves itself by, or what it has that it cannot. */
export const tellCredential = (
  { proof, snapshot, nowMs }: Situation,
  judged: Result<unknown, Refusal>,
): string => {
  const { secrets, certificates } = snapshot.client
  const named =
    secrets.find((each) => each.id === proof.credential) ??
    certificates.find((each) =>
      [each.alias, each.x5t, each.x5tS256].includes(proof.credential ?? ''),
    )
  if (named !== undefined) {
    return `${'alias' in named ? tellCertificate(named, nowMs) : tellSecret(named, nowMs)}.`
  }
  if (!judged.ok && judged.failure.reason === 'OLD_SECRET') {
    return 'The secret that it used is not there any more.'
  }
  if (proof.credential !== null) return `It was proven by '${proof.credential}'.`
  const isMissing =
    !judged.ok && ['CREDENTIALS_MISSING', 'EXPIRED_SECRET'].includes(judged.failure.reason)
  const kept = isMissing ? secrets : secrets.filter((each) => isLiveSecret(each, nowMs))
  const told = [
    ...kept.map((each) => tellSecret(each, nowMs)),
    ...certificates.map((each) => tellCertificate(each, nowMs)),
  ]
  const methods = provableMethods(snapshot.client, nowMs)
  if (told.length === 0 && methods.length === 0) return 'It has no credential.'
  if (told.length === 0) return `It has what ${methods.join(', ')} take.`
  return `${told.slice(0, 10).join('; ')}.`
}
