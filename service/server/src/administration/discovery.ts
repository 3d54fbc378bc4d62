import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { didYouMean } from '@mintmark/protocol/closest-name'
import { ok, type Result } from '@mintmark/protocol/result'
import { bulkOperationsMax } from '@mintmark/protocol/rfc7644-bulk'
import { listResponse, pageCountMax } from '@mintmark/protocol/rfc7644-list-response'
import { administrationBodyBytesMax } from '../configuration/configuration.ts'
import type { Attribute, ResourceSchema } from './attribute.ts'
import type { Exchange, Outcome } from './exchange.ts'
import type { Json } from './read-resource.ts'

/** RFC 7644 §4: what the API says of itself; open to whoever has a token for it. */
export const discoveryEndpoints = ['Schemas', 'ResourceTypes', 'ServiceProviderConfig'] as const
export type DiscoveryEndpoint = (typeof discoveryEndpoints)[number]

const core = 'urn:ietf:params:scim:schemas:core:2.0:'

const typeOf = ({ type, format }: Attribute): string => {
  switch (type) {
    case 'string':
    case 'list':
      return format ?? 'string'
    case 'object':
    case 'objects':
      return 'complex'
    default:
      return type
  }
}

/** RFC 7643 §7. */
const describeAttribute = (attribute: Attribute): Json => {
  const { name, type, required, caseExact, mutability, returned, uniqueness, values } = attribute
  const kept = attribute.sub.filter((each) => each.kept)
  const isText = type === 'string' || type === 'list'
  return {
    name,
    type: typeOf(attribute),
    multiValued: type === 'list' || type === 'objects',
    required,
    ...(isText ? { caseExact } : {}),
    ...(values.length === 0 ? {} : { canonicalValues: values }),
    ...(attribute.format === 'reference' ? { referenceTypes: ['uri'] } : {}),
    mutability,
    returned,
    uniqueness,
    ...(kept.length === 0 ? {} : { subAttributes: kept.map(describeAttribute) }),
  }
}

interface Described {
  readonly urn: string
  readonly name: string
  readonly attributes: readonly Attribute[]
}

const urnsOf = (schema: ResourceSchema): readonly Described[] => {
  const { urn, resourceType: name, attributes, extension } = schema
  const own = extension === null ? [] : [{ ...extension, name: `${name} of Mintmark` }]
  return [{ urn, name, attributes }, ...own]
}

const describeSchema = ({ urn, name, attributes }: Described, url: string): Json => ({
  schemas: [`${core}Schema`],
  id: urn,
  name,
  attributes: attributes.filter((each) => each.kept).map(describeAttribute),
  meta: { resourceType: 'Schema', location: `${url}/admin/v1/Schemas/${urn}` },
})

const describeType = (schema: ResourceSchema, url: string): Json => {
  const { resourceType, endpoint, urn, extension } = schema
  const own = extension === null ? [] : [extension.urn]
  return {
    schemas: [`${core}ResourceType`],
    id: resourceType,
    name: resourceType,
    endpoint: `/${endpoint}`,
    schema: urn,
    schemaExtensions: [...own, ...schema.keptExtensions].map((each) => ({
      schema: each,
      required: false,
    })),
    meta: {
      resourceType: 'ResourceType',
      location: `${url}/admin/v1/ResourceTypes/${resourceType}`,
    },
  }
}

/** RFC 7643 §5. */
const describeProvider = (url: string): Json => ({
  schemas: [`${core}ServiceProviderConfig`],
  patch: { supported: true },
  bulk: {
    supported: true,
    maxOperations: bulkOperationsMax,
    maxPayloadSize: administrationBodyBytesMax,
  },
  filter: { supported: true, maxResults: pageCountMax },
  changePassword: { supported: false },
  sort: { supported: true },
  etag: { supported: true },
  authenticationSchemes: [
    {
      type: 'oauthbearertoken',
      name: 'OAuth Bearer Token',
      description: 'An access token of this domain with scope urn:opc:idm:__myscopes__.',
      specUri: 'https://www.rfc-editor.org/info/rfc6750',
      primary: true,
    },
  ],
  meta: {
    resourceType: 'ServiceProviderConfig',
    location: `${url}/admin/v1/ServiceProviderConfig`,
  },
})

const answer = (body: unknown): Outcome => ok({ status: 200, headers: {}, body })

const resourcesOf = (
  endpoint: DiscoveryEndpoint,
  schemas: readonly ResourceSchema[],
  url: string,
): readonly Json[] => {
  if (endpoint === 'ServiceProviderConfig') return [describeProvider(url)]
  if (endpoint === 'ResourceTypes') return schemas.map((schema) => describeType(schema, url))
  return schemas.flatMap(urnsOf).map((each) => describeSchema(each, url))
}

const refuseMethod = (
  method: string,
  endpoint: DiscoveryEndpoint,
): Result<never, AdministrationRefusal> =>
  refuseChange('METHOD_NOT_ALLOWED', `/${endpoint} has no ${method}.`, {
    fix: 'It has GET.',
    at: 'GET, HEAD',
  })

/**
 * GET of Schemas, ResourceTypes and ServiceProviderConfig, all of them or one by its id: written
 * from the same schemas by which requests are read.
 */
export const discover = (
  exchange: Exchange,
  endpoint: DiscoveryEndpoint,
  schemas: readonly ResourceSchema[],
): Outcome => {
  const { command, context, id } = exchange
  if (command.method !== 'GET' && command.method !== 'HEAD') {
    return refuseMethod(command.method, endpoint)
  }
  if (command.query['filter'] !== undefined) {
    return refuseChange('BUILT_IN', `/${endpoint} cannot be filtered.`, { at: 'filter' }) // §4
  }
  const resources = resourcesOf(endpoint, schemas, context.address().url)
  if (endpoint === 'ServiceProviderConfig') return answer(resources[0])
  if (id === null) {
    return answer(
      listResponse(resources, resources.length, { startIndex: 1, count: resources.length }),
    )
  }
  const found = resources.find((each) => String(each['id']).toLowerCase() === id.toLowerCase())
  if (found !== undefined) return answer(found)
  const fix = didYouMean(
    id,
    resources.map((each) => String(each['id'])),
  )
  return refuseChange('RESOURCE_NOT_FOUND', `/${endpoint} has no "${id.slice(0, 200)}".`, {
    ...(fix === undefined ? {} : { fix }),
  })
}
