/** Oracle's own SDK for identity domains, pointed at our server the way its users point it. */
import { AssertionError } from 'node:assert/strict'
import { after } from 'node:test'
import sdk, { type IdentityDomainsClient, type models } from 'oci-identitydomains'
import type { MintmarkDomain } from './mintmark-domain.ts'

const core = 'urn:ietf:params:scim:schemas:oracle:idcs:'
const patchUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

/** An application as it was made: what the SDK's types leave open is there. */
export type MadeApp = models.App & { readonly id: string; readonly name: string }

/** A client without a signer, and the bearer that goes with every request of it. */
export interface OracleSdk {
  readonly client: IdentityDomainsClient
  readonly bearer: { readonly authorization: string }
  createApp(app: models.App): Promise<MadeApp>
}

/** The SDK against a domain, ended with the tests of the file. */
export const useOracleSdk = (domain: MintmarkDomain): OracleSdk => {
  // The SDK's types know no null, which is what stands for "not signed".
  const provider = { authenticationDetailsProvider: null } as never
  const client = new sdk.IdentityDomainsClient(provider)
  client.endpoint = domain.url
  after(() => client.close())
  const bearer = { authorization: `Bearer ${domain.admin.token}` }
  const createApp: OracleSdk['createApp'] = async (app) =>
    (await client.createApp({ app, ...bearer })).app as MadeApp
  return { client, bearer, createApp }
}

/** One operation of a PATCH, its name in upper case as the SDK has it. */
export interface SdkOperation {
  readonly op: 'ADD' | 'REMOVE' | 'REPLACE'
  readonly path?: string
  readonly value?: unknown
}

/** The body of a PATCH. */
export const patchOf = (...operations: readonly SdkOperation[]): models.PatchOp => ({
  schemas: [patchUrn],
  operations: operations as unknown as models.PatchOp['operations'],
})

const template = { value: 'CustomWebAppTemplateId' }

/** A confidential client as the SDK's types want one. */
export const clientApp = (displayName: string, more: Partial<models.App> = {}): models.App => ({
  schemas: [`${core}App`],
  displayName,
  basedOnTemplate: template,
  active: true,
  isOAuthClient: true,
  clientType: 'confidential' as models.App.ClientType,
  allowedGrants: ['client_credentials'],
  ...more,
})

/** A resource server with two scopes. */
export const resourceApp = (
  displayName: string,
  audience: string,
  more: Partial<models.App> = {},
): models.App => ({
  schemas: [`${core}App`],
  displayName,
  basedOnTemplate: template,
  active: true,
  isOAuthResource: true,
  audience,
  scopes: [
    { value: 'read', description: 'Reads', requiresConsent: false },
    { value: 'write', description: 'Writes', requiresConsent: false },
  ],
  ...more,
})

/** A refusal reaches the SDK's users as an OciError with the status of the answer. */
export const assertRefusedBySdk = async (
  work: Promise<unknown>,
  statusCode: number,
): Promise<void> => {
  let found = 'success'
  try {
    await work
  } catch (error) {
    const { statusCode: status } = error as { readonly statusCode?: unknown }
    if (status === statusCode) return
    found = `${String(status)} ${String(error)}`
  }
  throw new AssertionError({
    message: `expected an OciError with ${statusCode}, got ${found}`,
    actual: found,
    expected: String(statusCode),
    operator: 'refused',
    stackStartFn: assertRefusedBySdk,
  })
}
