/** Requests to the three endpoints as clients send them. */
import { type Answer, basic, type Call, form, formHeaders, type Parameters, send } from './http.ts'
import { type AssertionWish, assertionType, makeAssertion, type SigningPair } from './jwt.ts'
import { type Client, type TestDomain, tokenPath } from './test-domain.ts'

type Headers = NonNullable<Call['headers']>

/** Posts a form to a path, with these headers and no credentials of its own. */
export const post = (
  domain: TestDomain,
  path: string,
  parameters: Parameters,
  headers: Headers = {},
): Promise<Answer> =>
  send({ url: domain.url + path, headers: formHeaders(headers), body: form(parameters) })

const withGrant = (parameters: Parameters): Parameters =>
  Array.isArray(parameters)
    ? parameters
    : { grant_type: 'client_credentials', ...(parameters as Record<string, string>) }

/** Headers of a client that proves itself by Basic. */
export const basicOf = (
  client: Pick<Client, 'clientId' | 'secret'>,
): { authorization: string } => ({
  authorization: basic(client.clientId, client.secret),
})

/**
 * Asks for a token by Basic. A record is completed with the grant type; a list of pairs is sent as
 * it is.
 */
export const askToken = (
  domain: TestDomain,
  client: Pick<Client, 'clientId' | 'secret'>,
  parameters: Parameters = {},
  headers: Headers = {},
): Promise<Answer> =>
  post(domain, tokenPath, withGrant(parameters), { ...basicOf(client), ...headers })

/** Asks for a token with the credentials in the body. */
export const askTokenInBody = (
  domain: TestDomain,
  client: Pick<Client, 'clientId' | 'secret'>,
  parameters: Readonly<Record<string, string>> = {},
): Promise<Answer> =>
  post(domain, tokenPath, {
    grant_type: 'client_credentials',
    client_id: client.clientId,
    client_secret: client.secret,
    ...parameters,
  })

/** Asks for a token with this assertion. */
export const askWithAssertion = (
  domain: TestDomain,
  assertion: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<Answer> =>
  post(domain, tokenPath, {
    grant_type: 'client_credentials',
    client_assertion_type: assertionType,
    client_assertion: assertion,
    ...parameters,
  })

/** Asks for a token with an assertion that is right but for `wish`. */
export const askByAssertion = (
  domain: TestDomain,
  client: Client & { readonly pair: Pick<SigningPair, 'alg' | 'kid' | 'privateKey'> },
  wish: AssertionWish = {},
  pair: Pick<SigningPair, 'alg' | 'kid' | 'privateKey'> = client.pair,
): Promise<Answer> => askWithAssertion(domain, makeAssertion(client, domain.issuer, pair, wish))

/** Asks for a token at the TLS door, showing a certificate where there is one. */
export const askSecurely = (
  domain: TestDomain,
  parameters: Parameters,
  more: { readonly shown?: Call['shown']; readonly headers?: Headers } = {},
): Promise<Answer> =>
  send({
    url: `${domain.secureUrl}${tokenPath}`,
    headers: formHeaders(more.headers),
    body: form(withGrant(parameters)),
    authority: domain.authority,
    shown: more.shown,
  })
