/**
 * App roles of a client, looked up in the identity domain, because tokens of client credentials do
 * not carry them. The domain's Asserter answers whoever holds Authenticator Client.
 */
import type { FindAccount } from '@mintmark/guard'

export interface Lookup {
  /** `https://<domainURL>` */
  readonly domainUrl: string
  /** Display name of the application whose roles count. */
  readonly appName: string
  /** How long an answer is believed, in seconds: a role that was taken away works so long. */
  readonly seconds: number
  /** A token for the domain's own API. */
  readonly token: () => Promise<string>
}

interface Asserted {
  readonly displayName: string
  readonly appRoles?: readonly { readonly display: string; readonly appName: string }[]
}

/** What is known of a client; null: the domain asserts no such client, or it is inactive. */
type Known = { readonly name: string; readonly roles: readonly string[] } | null

const schema = 'urn:ietf:params:scim:schemas:oracle:idcs:Asserter'
const clientsMax = 10_000
const timeoutMs = 5000

const ask = async ({ domainUrl, appName, token }: Lookup, clientId: string): Promise<Known> => {
  const response = await fetch(`${domainUrl}/admin/v1/Asserter`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await token()}`,
      'content-type': 'application/scim+json',
    },
    body: JSON.stringify({
      schemas: [schema],
      mappingAttributeValue: clientId,
      subjectType: 'client',
      includeMemberships: true,
    }),
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  })
  console.log(`asserted ${clientId}: ${response.status}`)
  if (response.status === 400 || response.status === 404) return null
  if (!response.ok) throw new Error(`the Asserter answered ${response.status}`)
  const { displayName, appRoles = [] } = (await response.json()) as Asserted
  const roles = appRoles.filter((role) => role.appName === appName).map(({ display }) => display)
  return { name: displayName, roles }
}

/** Clients as accounts: the name is the application's, `attributes.roles` its roles here. */
export const rolesFromDomain = (lookup: Lookup): FindAccount => {
  const known = new Map<string, { readonly untilMs: number; readonly answer: Promise<Known> }>()
  const recall = (clientId: string): Promise<Known> => {
    const held = known.get(clientId)
    if (held !== undefined && performance.now() < held.untilMs) return held.answer
    if (known.size >= clientsMax) known.clear()
    const answer = ask(lookup, clientId)
    known.set(clientId, { untilMs: performance.now() + lookup.seconds * 1000, answer })
    // A question that failed is asked again.
    answer.catch(() => known.delete(clientId))
    return answer
  }
  return async (clientId) => {
    const found = await recall(clientId)
    return found && { name: found.name, attributes: { roles: found.roles } }
  }
}
