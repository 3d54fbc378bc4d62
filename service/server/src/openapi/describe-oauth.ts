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

const form = (schema: JsonSchema) => ({
  required: true,
  content: { 'application/x-www-form-urlencoded': { schema } },
})
const refusal = refusedAs('OAuthError')

/** RFC 6749 §2.3 and its successors: who the client is, unless by Basic or mutual TLS. */
const clientParameters = {
  client_id: text(),
  client_secret: text('Or by Basic, or not at all with an assertion or a certificate.'),
  client_assertion_type: text('urn:ietf:params:oauth:client-assertion-type:jwt-bearer'),
  client_assertion: text('RFC 7523 §2.2'),
}

const security = [{ basic: [] }, {}]

const endpoint = (
  id: string,
  parameters: Readonly<Record<string, JsonSchema>>,
  required: readonly string[],
  success: unknown,
): JsonSchema => ({
  post: {
    operationId: id,
    tags: ['OAuth'],
    security,
    requestBody: form(openObject({ ...parameters, ...clientParameters }, required)),
    responses: { 200: success, ...refusal },
  },
})

const document = (id: string, description: string, schema: JsonSchema): JsonSchema => ({
  get: {
    operationId: id,
    tags: ['Discovery'],
    security: [],
    responses: { 200: jsonAnswer(description, schema), 304: { description: 'Not changed.' } },
  },
})

const metadata = openObject(
  {
    issuer: text(),
    token_endpoint: text(),
    introspection_endpoint: text(),
    revocation_endpoint: text(),
    jwks_uri: text(),
    grant_types_supported: listOf(text()),
    token_endpoint_auth_methods_supported: listOf(text()),
  },
  ['issuer', 'token_endpoint', 'jwks_uri'],
)

const tokenRequest = {
  grant_type: text('client_credentials'),
  scope: text('Scopes, or fully qualified scopes, separated by spaces (RFC 6749 §3.3).'),
  resource: text('Audience of the API (RFC 8707); may be repeated.'),
}

export const oauthPaths: Readonly<Record<string, JsonSchema>> = {
  '/oauth2/v1/token': endpoint(
    'token',
    tokenRequest,
    ['grant_type'],
    jsonAnswer('A token, or several.', {
      anyOf: [reference('TokenAnswer'), reference('TokenAnswers')],
    }),
  ),
  '/oauth2/v1/introspect': endpoint(
    'introspect',
    { token: text(), token_type_hint: text() },
    ['token'],
    jsonAnswer('RFC 7662 §2.2', reference('IntrospectionAnswer')),
  ),
  '/oauth2/v1/revoke': endpoint(
    'revoke',
    {
      token: text(),
      token_type_hint: text(),
      all_tokens: text('true: every token of the client.'),
    },
    [],
    { description: 'RFC 7009 §2.2: done, or there was nothing to do.' },
  ),
  '/.well-known/oauth-authorization-server': document('metadata', 'RFC 8414 §2', metadata),
  '/.well-known/openid-configuration': document('configuration', 'The same document.', metadata),
  '/.well-known/jwks.json': document('keys', 'RFC 7517 §5', reference('KeySet')),
}

export const oauthSchemas: Readonly<Record<string, JsonSchema>> = {
  TokenAnswer: object(
    {
      access_token: text(),
      token_type: { enum: ['Bearer', 'DPoP'] },
      expires_in: { type: 'integer', description: 'Seconds.' },
      scope: text('Where it is not what was asked for.'),
    },
    ['access_token', 'token_type', 'expires_in'],
  ),
  TokenAnswers: object({ tokenResponses: listOf(reference('TokenAnswer')) }, ['tokenResponses']),
  IntrospectionAnswer: openObject(
    {
      active: { type: 'boolean' },
      scope: text(),
      client_id: text(),
      sub: text(),
      exp: { type: 'integer' },
      iat: { type: 'integer' },
    },
    ['active'],
  ),
  KeySet: object({ keys: listOf(openObject({ kty: text(), kid: text() }, ['kty', 'kid'])) }, [
    'keys',
  ]),
  OAuthError: object(
    { error: text(), error_description: text(), error_uri: text(), ecid: text() },
    ['error', 'ecid'],
  ),
}
