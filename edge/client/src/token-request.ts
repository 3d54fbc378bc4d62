import { ClientError } from './client-error.ts'
import type { AudienceStyle } from './client-options.ts'
import type { Issuer } from './find-issuer.ts'
import type { Credentials } from './read-credentials.ts'
import type { ClientSettings, TokenTarget } from './read-settings.ts'
import { signAssertion } from './sign-assertion.ts'

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** One token request, ready to be sent. */
export interface TokenRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Parts of it that no message may quote. */
  readonly confidential: readonly string[]
}

type Parameters = readonly (readonly [string, string])[]

/** RFC 6749 Appendix B: id and secret are form-encoded before Basic joins them. */
const formEncoded = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1)

const basic = (clientId: string, secret: string): string => {
  const pair = `${formEncoded(clientId)}:${formEncoded(secret)}`
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

/** The domain's own URNs and scopes that hold their audience already stay as they are. */
const joined = (audience: string, scope: string): string =>
  scope.startsWith('urn:opc:') || scope.startsWith(audience) ? scope : audience + scope

const styleOf = (settings: ClientSettings, issuer: Issuer): AudienceStyle =>
  settings.audienceStyle ?? (issuer.isIdentityDomain ? 'scope' : 'audience')

/** What is asked for, in the words that this server reads. */
const targetParameters = (target: TokenTarget, style: AudienceStyle): Parameters => {
  const { audience, scopes, resource } = target
  const parameters: [string, string][] = []
  // A domain without scopes to join the audience with still reads RFC 8707.
  const inScopes = audience !== null && style === 'scope' && scopes.length > 0
  const list = inScopes ? scopes.map((each) => joined(audience, each)) : scopes
  if (list.length > 0) parameters.push(['scope', list.join(' ')])
  if (audience !== null && style === 'scope' && !inScopes && !URL.canParse(audience)) {
    throw new ClientError(
      'not_configured',
      `The audience "${audience}" is no URI: this server takes it with a scope only. Set scope.`,
    )
  }
  if (audience !== null && !inScopes) {
    parameters.push([style === 'audience' ? 'audience' : 'resource', audience])
  }
  if (resource !== null && (resource !== audience || style === 'audience')) {
    parameters.push(['resource', resource])
  }
  return parameters
}

/** What of a request says who asks. */
export interface ClientProof {
  readonly headers: Readonly<Record<string, string>>
  readonly parameters: Parameters
  readonly confidential: readonly string[]
}

const secretProof = (settings: ClientSettings, issuer: Issuer, secret: string): ClientProof => {
  const { clientId, secretIn } = settings
  const { methods } = issuer
  const bodyOnly =
    methods?.includes('client_secret_post') === true && !methods.includes('client_secret_basic')
  if ((secretIn ?? (bodyOnly ? 'body' : 'header')) === 'body') {
    const parameters: Parameters = [
      ['client_id', clientId],
      ['client_secret', secret],
    ]
    return { headers: {}, parameters, confidential: [secret] }
  }
  // Beside a certificate, identity domains want the id in the body too.
  const parameters: Parameters = settings.certificate === null ? [] : [['client_id', clientId]]
  const authorization = basic(clientId, secret)
  const confidential = [authorization.slice('Basic '.length), formEncoded(secret), secret]
  return { headers: { authorization }, parameters, confidential }
}

/**
 * A secret in header or body (RFC 6749 §2.3.1), an assertion (RFC 7523 §2.2), or nothing but the id
 * beside a certificate (RFC 8705 §2).
 * @param nowMs by the server's clock, for assertions
 */
export const proveClient = async (
  settings: ClientSettings,
  issuer: Issuer,
  credentials: Credentials,
  nowMs: number,
): Promise<ClientProof> => {
  const { clientId, kid, alg, x5t } = settings
  const { secret, key } = credentials
  if (secret !== null) return secretProof(settings, issuer, secret)
  if (key === null) {
    return { headers: {}, parameters: [['client_id', clientId]], confidential: [] }
  }
  const audience = issuer.assertionAudience
  const assertion = await signAssertion({ clientId, audience, key, kid, alg, x5t, nowMs })
  const parameters: Parameters = [
    ['client_id', clientId],
    ['client_assertion_type', assertionType],
    ['client_assertion', assertion],
  ]
  return { headers: {}, parameters, confidential: [assertion] }
}

/**
 * Puts together one token request (RFC 6749 §4.4.2) with its proof of who asks: a secret in header
 * or body (§2.3.1), an assertion (RFC 7523 §2.2), a certificate (RFC 8705 §2), or certificate and
 * secret together, as identity domains have it.
 * @param nowMs by the server's clock, for assertions
 */
export const makeTokenRequest = async (
  settings: ClientSettings,
  found: { readonly issuer: Issuer; readonly target: TokenTarget },
  credentials: Credentials,
  nowMs: number,
): Promise<TokenRequest> => {
  const { issuer, target } = found
  const proof = await proveClient(settings, issuer, credentials, nowMs)
  const parameters: Parameters = [
    ['grant_type', settings.grantType],
    ...targetParameters(target, styleOf(settings, issuer)),
    ...proof.parameters,
  ]
  return {
    url: credentials.certificate === null ? issuer.tokenEndpoint : issuer.certificateEndpoint,
    headers: {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      ...proof.headers,
    },
    body: new URLSearchParams(parameters.map(([name, value]) => [name, value])).toString(),
    confidential: proof.confidential,
  }
}
