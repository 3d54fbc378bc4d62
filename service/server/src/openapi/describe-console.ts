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

const renewedSession = {
  200: jsonAnswer(
    'Done; the session goes on under the cookie of this answer.',
    reference('ConsoleSession'),
  ),
}

/** What a session changes of itself, or of its user. */
const change = (id: string, body: string | null, responses: object): JsonSchema =>
  operation(id, {
    security: [{ session: [] }],
    parameters: [csrf],
    ...(body === null
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: reference(body) } },
          },
        }),
    responses: { ...responses, ...refusal },
  })

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
        202: jsonAnswer(
          'The password is right; it takes a second factor.',
          reference('ConsoleFactorWanted'),
        ),
        ...refusal,
      },
    }),
    delete: operation('consoleSignOut', {
      security: [{ session: [] }],
      parameters: [csrf],
      responses: { 204: { description: 'The session has ended.' }, ...refusal },
    }),
  },
  '/console/session/challenge': {
    post: change('consoleChallenge', null, {
      200: jsonAnswer('For the answer of a passkey.', reference('ConsoleChallenge')),
    }),
  },
  '/console/session/proof': {
    post: change('consoleProve', 'ConsoleProof', renewedSession),
  },
  '/console/session/account': {
    get: operation('consoleAccount', {
      security: [{ session: [] }],
      responses: {
        200: jsonAnswer('How the user of this session signs in.', reference('ConsoleAccount')),
        ...refusal,
      },
    }),
  },
  '/console/session/account/password': {
    put: change('consoleSetPassword', 'ConsolePassword', renewedSession),
  },
  '/console/session/account/authenticator': {
    post: change('consoleOfferAuthenticator', null, {
      200: jsonAnswer('To be confirmed by a code.', reference('ConsoleAuthenticatorOffer')),
    }),
    put: change('consoleAddAuthenticator', 'ConsoleAuthenticator', renewedSession),
    delete: change('consoleRemoveAuthenticator', null, renewedSession),
  },
  '/console/session/account/passkeys': {
    post: change('consoleOfferPasskey', null, {
      200: jsonAnswer('For navigator.credentials.create.', reference('ConsoleChallenge')),
    }),
    put: change('consoleAddPasskey', 'ConsolePasskey', renewedSession),
  },
  '/console/session/account/passkeys/{id}': {
    parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
    delete: change('consoleRemovePasskey', null, renewedSession),
  },
  '/console/session/account/recovery-codes': {
    post: change('consoleRenewRecoveryCodes', null, renewedSession),
  },
  '/console/pairing': {
    post: operation('consolePairing', {
      security: [{ bearer: [] }],
      requestBody: {
        required: false,
        content: {
          'application/json': {
            schema: object({ userName: text('Whom it signs in; administrator unless said.') }, []),
          },
        },
      },
      responses: {
        200: jsonAnswer('A code that signs in once.', reference('ConsolePairing')),
        ...refusal,
      },
    }),
  },
}

const webAuthn = { type: ['object', 'null'], description: 'As WebAuthn writes it in JSON.' }
const passkeyAnswer = object(
  { challenge: text(), passkey: { type: 'object', description: 'As WebAuthn writes it in JSON.' } },
  ['challenge', 'passkey'],
)

const time = { type: 'string', format: 'date-time' }

export const consoleSchemas: Readonly<Record<string, JsonSchema>> = {
  ConsoleSignIn: {
    oneOf: [
      object({ pairingCode: text('From mintmark admin pair; works once.') }, ['pairingCode']),
      object({ clientId: text(), clientSecret: text() }, ['clientId', 'clientSecret']),
      object({ userName: text(), password: text() }, ['userName', 'password']),
      object({ challenge: text(), code: text('Of an authenticator, or a recovery code.') }, [
        'challenge',
        'code',
      ]),
      passkeyAnswer,
    ],
  },
  ConsoleFactorWanted: object(
    {
      challenge: text('Sent back with what it asks for, within 5 minutes.'),
      secondFactors: listOf({ enum: ['code', 'passkey'] }),
      passkey: webAuthn,
    },
    ['challenge', 'secondFactors', 'passkey'],
  ),
  ConsoleChallenge: object({ challenge: text(), passkey: webAuthn }, ['challenge', 'passkey']),
  ConsoleProof: {
    oneOf: [
      object({ password: text() }, ['password']),
      object({ code: text('Of an authenticator, or a recovery code.') }, ['code']),
      passkeyAnswer,
      object({ pairingCode: text() }, ['pairingCode']),
      object({ clientSecret: text() }, ['clientSecret']),
    ],
  },
  ConsoleAccount: object(
    {
      userName: text(),
      hasPassword: { type: 'boolean' },
      authenticator: {
        oneOf: [object({ addedAt: time }, ['addedAt']), { type: 'null' }],
      },
      passkeys: listOf(
        object({ id: text(), label: text(), host: text(), addedAt: time }, [
          'id',
          'label',
          'host',
          'addedAt',
        ]),
      ),
      recoveryCodes: { type: 'integer', description: 'How many are left.' },
    },
    ['userName', 'hasPassword', 'authenticator', 'passkeys', 'recoveryCodes'],
  ),
  ConsolePassword: object({ password: text('12 characters or more.') }, ['password']),
  ConsoleAuthenticatorOffer: object(
    {
      secret: text('Base 32, to be typed in.'),
      address: text('otpauth://'),
      offer: text('Sent back with a code, within 10 minutes.'),
    },
    ['secret', 'address', 'offer'],
  ),
  ConsoleAuthenticator: object({ offer: text(), code: text() }, ['offer', 'code']),
  ConsolePasskey: object({ challenge: text(), label: text(), passkey: webAuthn }, [
    'challenge',
    'label',
    'passkey',
  ]),
  ConsoleSessions: object(
    {
      sessions: listOf(
        object(
          {
            id: text(),
            administrator: object(
              { type: { enum: ['User', 'App'] }, id: text(), name: { type: ['string', 'null'] } },
              ['type', 'id', 'name'],
            ),
            method: text('How it began.'),
            source: text('Address that it began from.'),
            signedInAt: time,
            usedAt: time,
            expiresAt: time,
            endsAt: { ...time, description: 'However much it is used.' },
          },
          [
            'id',
            'administrator',
            'method',
            'source',
            'signedInAt',
            'usedAt',
            'expiresAt',
            'endsAt',
          ],
        ),
      ),
    },
    ['sessions'],
  ),
  ConsoleSession: object(
    {
      id: text('As GET /api/v1/sessions names it.'),
      administrator: object({ id: text(), type: { enum: ['User', 'App'] }, displayName: text() }, [
        'id',
        'type',
        'displayName',
      ]),
      roles: listOf(text()),
      csrfToken: text('Sent as X-CSRF-Token with every request that changes something.'),
      expiresAt: { ...time, description: '30 minutes after the last use, 8 hours at most.' },
      endsAt: { ...time, description: '8 hours after the sign-in.' },
      provenUntil: { ...time, description: 'Then keys and secrets take a new proof.' },
      proofs: listOf({ enum: ['password', 'code', 'passkey', 'pairingCode', 'clientSecret'] }),
      recoveryCodes: listOf(text('Shown once, in the answer that has made them.')),
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
    [
      'id',
      'administrator',
      'roles',
      'csrfToken',
      'expiresAt',
      'endsAt',
      'provenUntil',
      'proofs',
      'domain',
    ],
  ),
  ConsolePairing: object({ pairingCode: text(), expiresAt: time, url: text() }, [
    'pairingCode',
    'expiresAt',
    'url',
  ]),
}
