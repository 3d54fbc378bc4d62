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

/** Paths of `/api/v1/tokens`: what a token is worth now. */
export const tokenPaths: Readonly<Record<string, JsonSchema>> = {
  '/api/v1/tokens/call': {
    post: {
      operationId: 'imagineCall',
      tags: ['Happenings'],
      security: [{ bearer: [] }],
      requestBody: {
        required: true,
        content: { 'application/json': { schema: reference('ImaginedCall') } },
      },
      responses: {
        200: jsonAnswer('What the guard of the API would answer.', reference('GuardVerdict')),
        ...refusedAs('Problem'),
      },
    },
  },
  '/api/v1/tokens/verify': {
    post: {
      operationId: 'verifyToken',
      tags: ['Happenings'],
      security: [{ bearer: [] }],
      requestBody: {
        required: true,
        content: { 'application/json': { schema: reference('TokenQuestion') } },
      },
      responses: {
        200: jsonAnswer('Whether it would be accepted, and why.', reference('TokenVerdict')),
        ...refusedAs('Problem'),
      },
    },
  },
}

const textOrNull = { type: ['string', 'null'] }

export const tokenSchemas: Readonly<Record<string, JsonSchema>> = {
  ImaginedCall: object(
    {
      token: text('Written nowhere.'),
      api: text('Audience, id or name of the API that would be called.'),
      method: text('GET unless said.'),
      url: text('http or https; nothing is sent there.'),
      scopes: listOf(text('What the route demands, of those that the API defines.')),
      roles: listOf(text('App roles that the route demands.')),
    },
    ['token', 'api'],
  ),
  GuardVerdict: object(
    {
      verdict: { enum: ['let-in', 'refused'] },
      refusal: {
        type: ['object', 'null'],
        description: 'The answer in place of the own one of the API; null: it is let in.',
        properties: {
          reason: text(),
          detail: text(),
          status: { type: 'integer' },
          headers: { type: 'object', additionalProperties: text() },
          body: { type: 'object' },
        },
        required: ['reason', 'detail', 'status', 'headers', 'body'],
      },
      demands: {
        ...listOf(
          object({ kind: { enum: ['scope', 'role'] }, name: text(), held: { type: 'boolean' } }),
        ),
        description: 'Each demand by itself; empty where the token is good for nothing.',
      },
      endedEarly: {
        type: 'boolean',
        description: 'Guards that do not follow revocations let it in until it expires.',
      },
      api: openObject({ id: text(), displayName: text(), audience: text() }, ['id']),
      profile: {
        enum: ['identity-domain', 'rfc9068'],
        description: 'Tokens of an identity domain name no app roles.',
      },
      declared: object({ scopes: listOf(text()), roles: listOf(text()) }, ['scopes', 'roles']),
    },
    ['verdict', 'refusal', 'demands', 'endedEarly', 'api', 'profile', 'declared'],
  ),
  TokenQuestion: object(
    {
      token: text('Written nowhere.'),
      api: text('Audience, id or name of the API that it would be shown to.'),
      scope: text('One that this API defines, in either spelling.'),
    },
    ['token'],
  ),
  TokenVerdict: object(
    {
      verdict: { enum: ['valid', 'refused'] },
      reason: textOrNull,
      steps: listOf(
        openObject({ step: text(), ok: { type: 'boolean' }, what: text() }, ['step', 'ok']),
      ),
      jti: textOrNull,
      expiresAt: textOrNull,
      client: { type: ['object', 'null'] },
    },
    ['verdict', 'reason', 'steps', 'jti', 'expiresAt', 'client'],
  ),
}
