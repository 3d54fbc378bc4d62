import type { Route } from '../administration/route.ts'
import { describeResource } from './describe-resource.ts'
import {
  type JsonSchema,
  jsonAnswer,
  listOf,
  object,
  openObject,
  reference,
  refusedAs,
  text,
} from './json-schema.ts'

const messages = 'urn:ietf:params:scim:api:messages:2.0:'

const parameter = (name: string, description: string, schema: JsonSchema = { type: 'string' }) => ({
  name,
  in: 'query',
  description,
  schema,
})

const projections = [
  parameter('attributes', 'Only these, and what is always returned; separated by commas.'),
  parameter('attributeSets', 'all, always, never, request, default.'),
]

const listParameters = [
  parameter('filter', 'RFC 7644 §3.4.2.2, e.g. displayName eq "Orders"'),
  parameter('sortBy', 'Path of an attribute with one value.'),
  parameter('sortOrder', 'ascending or descending.'),
  parameter('startIndex', 'From 1.', { type: 'integer', minimum: 1 }),
  parameter('count', 'At most this many; 1000 at most.', { type: 'integer' }),
  ...projections,
]

const idParameter = { name: 'id', in: 'path', required: true, schema: { type: 'string' } }
const versionParameter = {
  name: 'If-Match',
  in: 'header',
  description: 'Entity tag of the version that the change is based on; 412 if it is another.',
  schema: { type: 'string' },
}
const retryParameter = {
  name: 'opc-retry-token',
  in: 'header',
  description: 'Makes the request safe to repeat for 24 hours.',
  schema: { type: 'string', maxLength: 64 },
}

const json = (schema: JsonSchema) => ({ 'application/scim+json': { schema } })
const refusal = refusedAs('ScimError')
const noContent = { description: 'Done.' }

const operation = (
  id: string,
  tag: string,
  parts: Readonly<Record<string, unknown>>,
): JsonSchema => ({ operationId: id, tags: [tag], security: [{ bearer: [] }], ...parts })

const collectionPath = (endpoint: string, route: Route): JsonSchema => {
  const type = route.schema.resourceType
  const list = jsonAnswer('The resources that match.', reference(`${type}List`))
  const made = jsonAnswer('What was made.', reference(type))
  const body = { required: true, content: json(reference(`${type}Request`)) }
  return {
    ...(route.list === undefined
      ? {}
      : {
          get: operation(`list${endpoint}`, endpoint, {
            parameters: listParameters,
            responses: { 200: list, ...refusal },
          }),
        }),
    ...(route.create === undefined
      ? {}
      : {
          post: operation(`create${type}`, endpoint, {
            parameters: [retryParameter, ...projections],
            requestBody: body,
            responses: { 201: made, ...refusal },
          }),
        }),
  }
}

const searchPath = (endpoint: string, { schema }: Route): JsonSchema => ({
  post: operation(`search${endpoint}`, endpoint, {
    requestBody: { required: true, content: json(reference('SearchRequest')) },
    responses: {
      200: jsonAnswer('What matches.', reference(`${schema.resourceType}List`)),
      ...refusal,
    },
  }),
})

const flags = (query: Readonly<Record<string, string>> = {}) =>
  Object.entries(query).map(([name, what]) => parameter(name, what, { type: 'boolean' }))

const resourcePath = (endpoint: string, route: Route): JsonSchema => {
  const type = route.schema.resourceType
  const whole = { 200: jsonAnswer('The resource.', reference(type)), ...refusal }
  const changing = {
    parameters: [versionParameter, ...projections, ...flags(route.replaceQuery)],
    responses: whole,
  }
  const methods: Record<string, JsonSchema> = {}
  if (route.read) {
    const parts = { parameters: projections, responses: whole }
    methods['get'] = operation(`get${type}`, endpoint, parts)
  }
  if (route.replace) {
    const requestBody = { required: true, content: json(reference(`${type}Request`)) }
    methods['put'] = operation(`put${type}`, endpoint, { ...changing, requestBody })
  }
  if (route.patch) {
    const requestBody = { required: true, content: json(reference('PatchOp')) }
    methods['patch'] = operation(`patch${type}`, endpoint, { ...changing, requestBody })
  }
  if (route.remove) {
    const responses = { 204: noContent, ...refusal }
    methods['delete'] = operation(`delete${type}`, endpoint, {
      parameters: route.removeQuery ? flags(route.removeQuery) : [versionParameter],
      responses,
    })
  }
  return { parameters: [idParameter], ...methods }
}

const pathsOf = (endpoint: string, route: Route): readonly (readonly [string, JsonSchema])[] => {
  const paths: (readonly [string, JsonSchema])[] = []
  if (route.list || route.create) {
    paths.push([`/admin/v1/${endpoint}`, collectionPath(endpoint, route)])
  }
  if (route.list) paths.push([`/admin/v1/${endpoint}/.search`, searchPath(endpoint, route)])
  if (route.read || route.replace || route.remove) {
    paths.push([`/admin/v1/${endpoint}/{id}`, resourcePath(endpoint, route)])
  }
  return paths
}

const bulkPath = operation('bulk', 'Bulk', {
  requestBody: { required: true, content: json(reference('BulkRequest')) },
  responses: { 200: jsonAnswer('What became of each operation.', { type: 'object' }), ...refusal },
})

const listSchema = (type: string): JsonSchema =>
  object(
    {
      schemas: listOf(text()),
      totalResults: { type: 'integer' },
      startIndex: { type: 'integer' },
      itemsPerPage: { type: 'integer' },
      Resources: listOf(reference(type)),
    },
    ['schemas', 'totalResults', 'Resources'],
  )

const messageSchemas: Readonly<Record<string, JsonSchema>> = {
  SearchRequest: object(
    {
      schemas: listOf({ const: `${messages}SearchRequest` }),
      attributes: listOf(text()),
      excludedAttributes: listOf(text()),
      attributeSets: listOf(text()),
      filter: text(),
      sortBy: text(),
      sortOrder: text(),
      startIndex: { type: 'integer' },
      count: { type: 'integer' },
    },
    ['schemas'],
  ),
  PatchOp: object(
    {
      schemas: listOf({ const: `${messages}PatchOp` }),
      Operations: listOf(
        object({ op: text('add, replace or remove, in any case.'), path: text(), value: {} }, [
          'op',
        ]),
      ),
    },
    ['schemas', 'Operations'],
  ),
  BulkRequest: openObject(
    {
      schemas: listOf({ const: `${messages}BulkRequest` }),
      failOnErrors: { type: 'integer' },
      Operations: listOf(
        object(
          {
            method: { enum: ['POST', 'PUT', 'PATCH', 'DELETE'] },
            path: text(),
            bulkId: text(),
            version: text(),
            data: { type: 'object' },
          },
          ['method', 'path'],
        ),
      ),
    },
    ['schemas', 'Operations'],
  ),
  ScimError: openObject(
    { schemas: listOf(text()), detail: text(), status: text(), scimType: text() },
    ['schemas', 'detail', 'status'],
  ),
}

/** Paths and schemas of `/admin/v1`, from the routes that answer it. */
export const describeAdministration = (routes: Readonly<Record<string, Route>>) => {
  const types = new Map(Object.values(routes).map(({ schema }) => [schema.resourceType, schema]))
  const schemas = [...types.values()].flatMap((schema) => Object.entries(describeResource(schema)))
  const listed = Object.values(routes).filter(({ list }) => list !== undefined)
  return {
    paths: {
      ...Object.fromEntries(Object.entries(routes).flatMap(([name, each]) => pathsOf(name, each))),
      '/admin/v1/Bulk': { post: bulkPath },
    },
    schemas: {
      ...messageSchemas,
      ...Object.fromEntries(schemas),
      ...Object.fromEntries(
        listed.map(({ schema }) => [`${schema.resourceType}List`, listSchema(schema.resourceType)]),
      ),
    },
  }
}
