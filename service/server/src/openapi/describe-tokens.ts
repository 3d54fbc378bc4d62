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
