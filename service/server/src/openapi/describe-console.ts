import {
  type JsonSchema,
  jsonAnswer,
  listOf,
  object,
  reference,
  refusedAs,
  text,
} from './json-schema.ts'

const refusal = refusedAs('Problem')
const operation = (id: string, parts: Readonly<Record<string, unknown>>): JsonSchema => ({
  operationId: id,
  tags: ['Console'],
  ...parts,
})

const csrf = {
  name: 'X-CSRF-Token',
  in: 'header',
  required: true,
  description: 'csrfToken of the session.',
  schema: { type: 'string' },
}

/** Paths of the console: who is signed in, and codes that sign in. */
export const consolePaths: Readonly<Record<string, JsonSchema>> = {
  '/console/session': {
    get: operation('consoleSession', {
      security: [{ session: [] }],
      responses: { 200: jsonAnswer('Who is signed in.', reference('ConsoleSession')), ...refusal },
    }),
    post: operation('consoleSignIn', {
      security: [],
      requestBody: {
        required: true,
        content: { 'application/json': { schema: reference('ConsoleSignIn') } },
      },
      responses: {
        200: jsonAnswer('Signed in; Set-Cookie has the session.', reference('ConsoleSession')),
        ...refusal,
      },
    }),
    delete: operation('consoleSignOut', {
      security: [{ session: [] }],
      parameters: [csrf],
      responses: { 204: { description: 'The session has ended.' }, ...refusal },
    }),
  },
  '/console/pairing': {
    post: operation('consolePairing', {
      security: [{ bearer: [] }],
      responses: {
        200: jsonAnswer('A code that signs in once.', reference('ConsolePairing')),
        ...refusal,
      },
    }),
  },
}

const time = { type: 'string', format: 'date-time' }

export const consoleSchemas: Readonly<Record<string, JsonSchema>> = {
  ConsoleSignIn: {
    oneOf: [
      object({ pairingCode: text('From mintmark admin pair; works once.') }, ['pairingCode']),
      object({ clientId: text(), clientSecret: text() }, ['clientId', 'clientSecret']),
    ],
  },
  ConsoleSession: object(
    {
      administrator: object({ id: text(), type: { enum: ['User', 'App'] }, displayName: text() }, [
        'id',
        'type',
        'displayName',
      ]),
      roles: listOf(text()),
      csrfToken: text('Sent as X-CSRF-Token with every request that changes something.'),
      expiresAt: { ...time, description: '30 minutes after the last use, 8 hours at most.' },
      domain: object(
        {
          displayName: text(),
          url: text(),
          secureUrl: { type: ['string', 'null'] },
          issuer: text(),
        },
        ['displayName', 'url', 'secureUrl', 'issuer'],
      ),
    },
    ['administrator', 'roles', 'csrfToken', 'expiresAt', 'domain'],
  ),
  ConsolePairing: object({ pairingCode: text(), expiresAt: time, url: text() }, [
    'pairingCode',
    'expiresAt',
    'url',
  ]),
}
