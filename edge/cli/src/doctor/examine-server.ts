import { X509Certificate } from 'node:crypto'
import { isObject, listOf, textOf } from '../domain-file/present-state.ts'
import { clockOffsetMaxMs } from '../setup/check-place.ts'
import { createExamination, type Examination, type Examined } from './finding.ts'
import { type Probe, probe, type SeenTls } from './probe.ts'

/** Nothing answered at the address. */
export class NothingAnswers extends Error {}

const dayMs = 86_400_000
const expiryNoticeDays = 30
const isHere = (hostname: string): boolean =>
  /^(?:localhost|127(?:\.\d+){3}|\[::1\])$|\.localhost$/.test(hostname)

const days = (ms: number): number => Math.floor(ms / dayMs)

const reasons: Readonly<Record<string, string>> = {
  ENOTFOUND: 'no such name is known. Fix the name, or its entry in DNS',
  ECONNREFUSED: 'nothing listens there. Start it: mintmark serve',
  ECONNRESET: 'the connection was cut. Is it the port of the other scheme (http, https)?',
  EPROTO: 'that is no TLS. Is it the plain port?',
  ETIMEDOUT: 'nobody answers. A firewall may be in between',
}

const reach = async (base: string): Promise<Probe> => {
  try {
    return await probe(`${base}/healthz`)
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    throw new NothingAnswers(`${base} was not reached: ${reasons[code] ?? message}.`)
  }
}

const examineTls = ({ error, warning, isWell }: Examination, tls: SeenTls, host: string): void => {
  const { certificate, distrust, misnomer } = tls
  const left = certificate.validToDate.getTime() - Date.now()
  const until = certificate.validToDate.toISOString().slice(0, 10)
  if (left <= 0) {
    const what = `The TLS certificate expired on ${until}.`
    error('tls-expiry', what, 'No caller connects.', 'Renew it; the server reads it by itself.')
  } else if (left < expiryNoticeDays * dayMs) {
    const what = `The TLS certificate expires in ${days(left)} days (${until}).`
    warning('tls-expiry', what, 'Then no caller connects.', 'See that its renewal runs.')
  }
  if (misnomer !== null) {
    const why = `It is for ${certificate.subjectAltName ?? 'no name'}, so callers refuse it.`
    const fix = 'Use a certificate with that name, or the name that it has.'
    error('tls-name', `The TLS certificate is not for ${host}.`, why, fix)
  }
  if (distrust !== null && distrust !== 'CERT_HAS_EXPIRED') {
    const what = `This machine does not trust the TLS certificate (${distrust}).`
    const why = 'Its chain leads to no authority that is known here, or is not sent whole.'
    const fix = 'Send the whole chain; an authority of your own goes into NODE_EXTRA_CA_CERTS.'
    error('tls-trust', what, why, fix)
  }
  if (left >= expiryNoticeDays * dayMs && misnomer === null && distrust === null) {
    isWell(`TLS certificate for ${host}, until ${until}`)
  }
}

const examineClock = ({ error, isWell, skip }: Examination, { headers, atMs }: Probe): void => {
  const told = Date.parse(String(headers['date'] ?? ''))
  // The header has whole seconds (RFC 9110 §6.6.1).
  const offset = Math.round((told + 500 - atMs) / 1000)
  const agrees = Math.abs(offset) * 1000 <= clockOffsetMaxMs
  if (Number.isNaN(told)) skip('clock: the server tells no time')
  else if (agrees) isWell(`clocks agree (${offset} s)`)
  else {
    const way = offset > 0 ? 'ahead' : 'behind'
    const what = `The clock of the server is ${Math.abs(offset)} s ${way}.`
    const why = 'Tokens and assertions are refused as expired or as not yet valid.'
    error('clock', what, `${why} It may be the clock of this machine, too.`, 'Set both with NTP.')
  }
}

const examineReadiness = async ({ error, isWell }: Examination, base: string): Promise<void> => {
  const { status, json } = await probe(`${base}/readyz`)
  if (status === 200) return isWell('ready: database and signing keys')
  const said = isObject(json) && Array.isArray(json['reasons']) ? json['reasons'] : []
  const why = said.map(String).join('; ') || `/readyz answered with status ${status}.`
  error('readiness', 'The server is not ready.', why, 'Look into its log from its start on.')
}

const examineIssuer = (
  { error, warning, isWell }: Examination,
  base: string,
  metadata: { readonly issuer: string; readonly token: string },
): void => {
  const { issuer, token } = metadata
  const url = URL.parse(issuer)
  if (url?.protocol === 'http:' && !isHere(url.hostname)) {
    const why = 'Whoever sits between can read tokens and hand out keys (RFC 8414 §2).'
    error('issuer', `The issuer ${issuer} is plain http.`, why, `Set issuer and url to https.`)
  }
  if (URL.parse(token)?.origin !== new URL(base).origin) {
    const why = `Discovery at ${base} sends callers to ${token}.`
    const fix = 'Set url to the address that callers use, or ask at that address.'
    warning('address', `This address is not the one of the server.`, why, fix)
  }
  if (issuer.replace(/\/$/, '') === base) isWell(`issuer ${issuer}`)
  else {
    const why = 'A caller that looks it up here refuses an issuer of another name (RFC 8414 §3.3).'
    const fix = `Set issuer to ${base}, or give callers ${issuer} as the address.`
    warning('issuer', `The issuer is ${issuer}, not ${base}.`, why, fix)
  }
}

const examineDiscovery = async (examination: Examination, base: string): Promise<string> => {
  const { error } = examination
  const { status, json } = await probe(`${base}/.well-known/oauth-authorization-server`)
  if (status !== 200 || !isObject(json)) {
    const what = `There is no discovery at ${base}: status ${status}.`
    const why = 'It is another server, or a proxy does not let /.well-known/ through.'
    error('discovery', what, why, 'Let the proxy forward every path.')
    return ''
  }
  const issuer = textOf(json, 'issuer')
  examineIssuer(examination, base, { issuer, token: textOf(json, 'token_endpoint') })
  return textOf(json, 'jwks_uri')
}

/** The day that a key was made is the beginning of its id. */
const bornOf = (kid: string): number => Date.parse(/^\d{4}-\d\d-\d\d/.exec(kid)?.[0] ?? '')

const examineKeys = async (
  { error, warning, isWell }: Examination,
  base: string,
  rotationMs: number | null,
): Promise<void> => {
  const { status, json } = await probe(`${base}/.well-known/jwks.json`)
  const keys = isObject(json) ? listOf(json, 'keys') : []
  if (status !== 200 || keys.length === 0) {
    const what = `No signing keys are published: status ${status}, ${keys.length} keys.`
    const fix = 'Let the proxy forward /.well-known/jwks.json; look into /readyz.'
    return error('keys', what, 'No API can check a token.', fix)
  }
  const born = Math.max(...keys.map((key) => bornOf(textOf(key, 'kid'))).filter(Number.isFinite))
  const age = days(Date.now() - born)
  if (rotationMs !== null && Number.isFinite(born) && Date.now() - born > rotationMs + dayMs) {
    const what = `The newest signing key is ${age} days old; it rotates every ${days(rotationMs)}.`
    warning('keys', what, 'Rotation has stopped.', 'Look for key rotation in the log.')
  }
  for (const key of keys) {
    const [der] = Array.isArray(key['x5c']) ? key['x5c'].map(String) : []
    if (der === undefined) continue
    const { validToDate } = new X509Certificate(Buffer.from(der, 'base64'))
    if (validToDate.getTime() - Date.now() > expiryNoticeDays * dayMs) continue
    const what = `The certificate of key ${textOf(key, 'kid')} ends ${validToDate.toISOString()}.`
    warning(
      'keys',
      what,
      'APIs that were given it refuse tokens then.',
      'Rotate: give out the next.',
    )
  }
  const next =
    rotationMs === null || !Number.isFinite(born)
      ? ''
      : `, the next about ${new Date(born + rotationMs).toISOString().slice(0, 10)}`
  isWell(`${keys.length} signing keys, the newest ${age} days old${next}`)
}

const examineExposure = async ({ warning }: Examination, base: string): Promise<void> => {
  if (isHere(new URL(base).hostname)) return
  const { status } = await probe(`${base}/metrics`)
  if (status !== 200) return
  const why = 'Whoever reaches the server can see how much it does, and what is refused.'
  const fix = 'Set metrics.listen to an address of its own, or close /metrics in the proxy.'
  warning('metrics', `Everybody can read ${base}/metrics.`, why, fix)
}

/**
 * Looks at a server from the outside, as its callers see it.
 * @param rotationMs how often its keys change, where that is known
 * @throws NothingAnswers
 */
export const examineServer = async (base: string, rotationMs: number | null): Promise<Examined> => {
  const examination = createExamination()
  const first = await reach(base)
  const { hostname, protocol } = new URL(base)
  if (first.tls !== null) examineTls(examination, first.tls, hostname.replace(/^\[|\]$/g, ''))
  else if (protocol === 'http:' && !isHere(hostname)) {
    const why = 'Secrets and tokens can be read on the way.'
    examination.error('tls', `${base} is plain http.`, why, 'Use https; a proxy can do TLS.')
  }
  examineClock(examination, first)
  await examineReadiness(examination, base)
  const jwksUri = await examineDiscovery(examination, base)
  if (jwksUri !== '') await examineKeys(examination, base, rotationMs)
  await examineExposure(examination, base)
  return examination.examined
}
