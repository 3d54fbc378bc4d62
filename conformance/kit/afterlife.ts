/** What becomes of a token once it is issued: questions about it, and its end. */
import { assertOk } from './answers.ts'
import { askToken, basicOf, post } from './ask.ts'
import type { Answer, Call } from './http.ts'
import { type Client, introspectionPath, revocationPath, type TestDomain } from './test-domain.ts'

type Headers = NonNullable<Call['headers']>
type Caller = Pick<Client, 'clientId' | 'secret'>

/** A token that a client gets by Basic. */
export const issue = async (
  domain: TestDomain,
  client: Caller,
  parameters: Readonly<Record<string, string>> = {},
): Promise<string> => assertOk(await askToken(domain, client, parameters))

/** Asks about a token, proven by Basic. */
export const introspect = (
  domain: TestDomain,
  caller: Caller,
  token: string,
  more: Readonly<Record<string, string>> = {},
  headers: Headers = {},
): Promise<Answer> =>
  post(domain, introspectionPath, { token, ...more }, { ...basicOf(caller), ...headers })

/** Ends a token, proven by Basic. */
export const revoke = (
  domain: TestDomain,
  client: Caller,
  token: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Answer> => post(domain, revocationPath, { token, ...more }, basicOf(client))
