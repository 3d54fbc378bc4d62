import { appExtension } from '../domain-file/app-view.ts'
import {
  isObject,
  type Json,
  listAll,
  listOf,
  type Send,
  textOf,
} from '../domain-file/present-state.ts'
import { createExamination, type Examination, type Examined } from './finding.ts'

const dayMs = 86_400_000
const noticeDays = 30

const secretsOf = (app: Json): readonly Json[] => {
  const inside = app[appExtension]
  return isObject(inside) ? listOf(inside, 'secrets') : []
}

/** When a credential ends that ends at all. */
const endOf = (credential: Json): number =>
  Math.min(
    ...['ends', 'expires', 'certEndDate']
      .map((name) => Date.parse(textOf(credential, name)))
      .filter(Number.isFinite),
  )

const examineSecrets = ({ warning, error }: Examination, app: Json, nowMs: number): void => {
  const name = textOf(app, 'displayName')
  const ends = secretsOf(app).map(endOf)
  const last = Math.max(...ends)
  // Of several the last one counts: that is what rotation is for.
  if (ends.length === 0 || last === Number.POSITIVE_INFINITY || app['active'] !== true) return
  const fix = `mintmark app secret rotate "${name}"`
  const day = new Date(last).toISOString().slice(0, 10)
  if (last <= nowMs) {
    error('secrets', `The last secret of ${name} ended on ${day}.`, 'It gets no tokens.', fix)
  } else if (last - nowMs < noticeDays * dayMs) {
    const left = Math.floor((last - nowMs) / dayMs)
    const what = `The last secret of ${name} ends in ${left} days (${day}).`
    warning('secrets', what, 'Then it gets no tokens.', fix)
  }
}

const examineCertificates = (
  { warning }: Examination,
  certificates: readonly Json[],
  nowMs: number,
): void => {
  for (const certificate of certificates) {
    const end = endOf(certificate)
    if (!(end - nowMs < noticeDays * dayMs)) continue
    const alias = textOf(certificate, 'certificateAlias')
    const day = new Date(end).toISOString().slice(0, 10)
    const what = `The certificate ${alias} ${end <= nowMs ? 'ended' : 'ends'} on ${day}.`
    warning(
      'certificates',
      what,
      'Who proves itself by it gets no tokens.',
      'Register the next one.',
    )
  }
}

/** Looks for credentials that end soon. @throws UnexpectedAnswer when a list is refused */
export const examineCredentials = async (send: Send, nowMs: number): Promise<Examined> => {
  const examination = createExamination()
  const apps = await listAll(send, '/Apps', 'isOAuthClient eq true')
  for (const app of apps) examineSecrets(examination, app, nowMs)
  const certificates = await listAll(send, '/OAuthClientCertificates')
  examineCertificates(examination, certificates, nowMs)
  if (examination.examined.findings.length === 0) {
    examination.isWell(`no secret or certificate ends within ${noticeDays} days`)
  }
  return examination.examined
}
