import {
  type CustomClaimWish,
  decideCustomClaimCreation,
  decideCustomClaimDeletion,
  decideCustomClaimReplacement,
} from '@mintmark/decisions/administration/decide-custom-claim-change'
import { ok } from '@mintmark/protocol/result'
import type { CustomClaim } from '@mintmark/registry/custom-claim'
import { customClaimSearch } from '@mintmark/registry/search/custom-claim-search'
import { attribute, attributes, commonAttributes, type ResourceSchema } from './attribute.ts'
import { type Exchange, resourceServersOf, stampOf } from './exchange.ts'
import type { Json, ReadResource } from './read-resource.ts'
import { type Resource, registryList } from './resource.ts'
import { frameAttributes } from './write-resource.ts'

const exact = { caseExact: true } as const

export const customClaimSchema: ResourceSchema = {
  urn: 'urn:ietf:params:scim:schemas:oracle:idcs:CustomClaim',
  resourceType: 'CustomClaim',
  endpoint: 'CustomClaims',
  attributes: [
    ...commonAttributes,
    attribute('name', 'string', { ...exact, required: true, uniqueness: 'server' }),
    attribute('value', 'string', { ...exact, required: true }),
    ...attributes('expression allScopes', 'boolean'),
    attribute('mode', 'string', {
      ...exact,
      required: true,
      values: ['always', 'request', 'never'],
    }),
    attribute('tokenType', 'string', { ...exact, required: true, values: ['AT', 'IT', 'BOTH'] }),
    attribute('scopes', 'list', exact),
  ],
  extension: null,
  keptExtensions: [],
}

const writeClaim = (claim: CustomClaim, url: string): Json => ({
  schemas: [customClaimSchema.urn],
  ...frameAttributes({ ...claim, url }, customClaimSchema),
  name: claim.name,
  value: claim.value,
  expression: false,
  mode: claim.mode,
  tokenType: claim.tokenType,
  allScopes: claim.allScopes,
  ...(claim.allScopes ? {} : { scopes: claim.scopes }),
})

const readWish = ({ values }: ReadResource): CustomClaimWish => ({
  name: values.get('name') as string,
  value: values.get('value') as string,
  expression: values.get('expression') === true,
  mode: values.get('mode') as CustomClaim['mode'],
  tokenType: values.get('tokenType') as CustomClaim['tokenType'],
  allScopes: values.get('allScopes') === true,
  scopes: (values.get('scopes') ?? []) as readonly string[],
})

const readView = async (exchange: Exchange) => ({
  present: await exchange.context.transaction.customClaims(),
  resourceServers: await resourceServersOf(exchange),
})

const create = async (exchange: Exchange, sent: ReadResource) => {
  const view = await readView(exchange)
  const made = decideCustomClaimCreation(readWish(sent), view, stampOf(exchange))
  return made.ok ? ok({ item: made.value.claim, change: made.value.change }) : made
}

const replace = async (exchange: Exchange, present: CustomClaim, sent: ReadResource) => {
  const view = await readView(exchange)
  const made = decideCustomClaimReplacement(present, readWish(sent), view, stampOf(exchange))
  return made.ok ? ok({ item: made.value.claim, change: made.value.change }) : made
}

/** Claims that administrators add to access tokens. */
export const customClaimResource: Resource<CustomClaim> = {
  schema: customClaimSchema,
  list: registryList('customClaim', customClaimSearch),
  find: ({ context }, id) => context.transaction.findCustomClaim(id),
  write: ({ context }, claim) => writeClaim(claim, context.address().url),
  version: (claim) => claim.version,
  create,
  replace,
  remove: async (_exchange, present) => ok(decideCustomClaimDeletion(present)),
}
