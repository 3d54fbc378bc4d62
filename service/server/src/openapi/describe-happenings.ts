import { clientAuthenticationMethods } from '@mintmark/registry/application'
import { accessPaths, accessSchemas } from './describe-access.ts'
import { operationSchemas } from './describe-operation.ts'
import { tokenPaths, tokenSchemas } from './describe-tokens.ts'
import { usagePaths, usageSchemas } from './describe-usage.ts'
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

const refusal = refusedAs('Problem')
const operation = (id: string, parts: Readonly<Record<string, unknown>>): JsonSchema => ({
  operationId: id,
  tags: ['Happenings'],
  security: [{ bearer: [] }],
  ...parts,
})
const query = (name: string, description: string) => ({
  name,
  in: 'query',
  description,
  schema: { type: 'string' },
})

const times = [query('from', 'RFC 3339, e.g. 2026-11-21T12:00:00Z'), query('to', 'RFC 3339')]

const auditParameters = [
  ...times,
  query('action', 'A word, or a beginning with *.'),
  query('actor', 'Client id of who acted.'),
  query('object', 'Any part of an id or name.'),
  query('result', 'ok or refused.'),
  query('reason', 'Reason of the refusal.'),
  query('ecid', 'Id of the answer.'),
  query('limit', '100 unless said, at most 1000.'),
  query('cursor', 'From the answer before.'),
]

/** Paths of `/api/v1`: what has happened, and why. */
export const happeningPaths: Readonly<Record<string, JsonSchema>> = {
  ...accessPaths,
  ...tokenPaths,
  ...usagePaths,
  '/api/v1/sessions': {
    get: operation('sessions', {
      responses: {
        200: jsonAnswer('Who is signed in at the console.', reference('ConsoleSessions')),
        ...refusal,
      },
    }),
  },
  '/api/v1/sessions/{id}': {
    parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
    delete: operation('endConsoleSession', {
      responses: {
        200: jsonAnswer('It has ended.', object({ ended: text() }, ['ended'])),
        ...refusal,
      },
    }),
  },
  '/api/v1/preview': {
    post: operation('preview', {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: reference('PreviewRequest') } },
      },
      responses: {
        200: jsonAnswer('The verdict and its story.', reference('Preview')),
        ...refusal,
      },
    }),
  },
  '/api/v1/decisions/{id}': {
    parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
    get: operation('decision', {
      responses: {
        200: jsonAnswer('What was decided, and now.', reference('Decision')),
        ...refusal,
      },
    }),
  },
  '/api/v1/audit': {
    get: operation('audit', {
      parameters: auditParameters,
      responses: { 200: jsonAnswer('Newest first.', reference('AuditPage')), ...refusal },
    }),
  },
  '/api/v1/audit/checkpoint': {
    get: operation('auditCheckpoint', {
      responses: {
        200: jsonAnswer('The newest pack, signed.', reference('Checkpoint')),
        ...refusal,
      },
    }),
  },
  '/api/v1/audit/export': {
    get: operation('auditExport', {
      parameters: times,
      responses: {
        200: {
          description: 'Packs and their events, a line each; followed by their hashes.',
          content: { 'application/x-ndjson': { schema: text() } },
        },
        ...refusal,
      },
    }),
  },
  '/api/v1/audit/verify': {
    get: operation('auditVerify', {
      parameters: times,
      responses: {
        200: jsonAnswer('Whether the chain of hashes holds.', reference('AuditVerdict')),
        ...refusal,
      },
    }),
  },
  '/api/v1/backup': {
    post: operation('backUp', {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: reference('BackupRequest') } },
      },
      responses: {
        200: {
          description: 'All data as it is at one moment, encrypted under the passphrase.',
          content: { 'application/octet-stream': { schema: text() } },
        },
        ...refusal,
      },
    }),
  },
  '/api/v1/domain-file': {
    get: operation('exportDomainFile', {
      responses: {
        200: jsonAnswer('The domain as YAML, without secrets.', object({ text: text() }, ['text'])),
        ...refusal,
      },
    }),
  },
  '/api/v1/domain-file/apply': {
    post: operation('applyDomainFile', {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: reference('DomainFileRequest') } },
      },
      responses: {
        200: jsonAnswer('What changes, or why nothing.', reference('DomainFileVerdict')),
        ...refusal,
      },
    }),
  },
  '/api/v1/health': {
    get: operation('health', {
      responses: { 200: jsonAnswer('How it is doing.', reference('Health')), ...refusal },
    }),
  },
  '/api/v1/keys': {
    get: operation('signingKeys', {
      responses: { 200: jsonAnswer('Every signing key.', reference('SigningKeys')), ...refusal },
    }),
  },
  '/api/v1/keys/check': {
    get: operation('checkSigningKeys', {
      responses: {
        200: jsonAnswer('What the master key opens.', reference('KeyCheck')),
        ...refusal,
      },
    }),
  },
  '/api/v1/keys/rotate': {
    post: operation('rotateSigningKeys', {
      requestBody: {
        required: false,
        content: { 'application/json': { schema: reference('KeyRotation') } },
      },
      responses: {
        200: jsonAnswer('What was made and withdrawn, and what is.', reference('SigningKeys')),
        ...refusal,
      },
    }),
  },
  '/api/v1/requests': {
    get: operation('requests', {
      parameters: [
        query('denied', 'true: only those that were refused.'),
        query('app', 'Only of this application: id, client id or name.'),
        query('api', 'Only of tokens for this API, by its name.'),
        query('reason', 'Only those refused for this reason.'),
        query('limit', 'So many of the last ones: 0 to 500; 100 unless said, in a stream 0.'),
        query('heartbeat', 'Seconds between signs of life in a stream: 1 to 60, or 5.'),
      ],
      responses: {
        200: {
          description: 'OAuth requests answered lately; as they are answered for who accepts it.',
          content: {
            'application/json': { schema: reference('RequestPage') },
            'text/event-stream': {
              schema: text(
                'Events named request, whose ids Last-Event-ID takes; dropped with how many were ' +
                  'left out; gap where some since Last-Event-ID are forgotten.',
              ),
            },
          },
        },
        ...refusal,
      },
    }),
  },
  '/api/v1/revocations': {
    get: operation('revocations', {
      parameters: [
        query(
          'cursor',
          'Where to go on; from now on unless said. In a stream Last-Event-ID says it.',
        ),
        query('heartbeat', 'Seconds between messages without news in a stream: 1 to 60, or 5.'),
      ],
      responses: {
        200: {
          description: 'What has ended tokens since, signed; a stream for who accepts one.',
          content: {
            'application/json': { schema: reference('RevocationPage') },
            'text/event-stream': { schema: text('Events named revocations; data is the JWS.') },
          },
        },
        ...refusal,
      },
    }),
  },
  '/api/v1/revocations/snapshot': {
    get: operation('revocationSnapshot', {
      parameters: [query('after', 'snapshot.next of the page before.')],
      responses: {
        200: jsonAnswer('All that is revoked and could be alive.', reference('RevocationPage')),
        ...refusal,
      },
    }),
  },
  '/api/v1/settings': {
    get: operation('settings', {
      responses: {
        200: jsonAnswer('Values and sources.', reference('ServerSettings')),
        ...refusal,
      },
    }),
  },
}

const step = openObject({ step: text(), ok: { type: 'boolean' }, what: text() }, ['step', 'ok'])

const told = {
  keys: listOf(
    object({
      kid: text(),
      algorithm: { enum: ['ES256', 'RS256'] },
      state: { enum: ['announced', 'published', 'active', 'retired'] },
      created: { type: 'string', format: 'date-time' },
      ageSeconds: { type: 'integer' },
      since: { type: 'string', format: 'date-time' },
      next: object({
        step: { enum: ['publish', 'activate', 'replace', 'retire', 'remove'] },
        at: { type: 'string', format: 'date-time' },
      }),
    }),
  ),
  policy: { type: 'object', description: 'Times of the rotation in seconds.' },
}

export const happeningSchemas: Readonly<Record<string, JsonSchema>> = {
  ...accessSchemas,
  ...tokenSchemas,
  ...usageSchemas,
  ...operationSchemas,
  PreviewRequest: object(
    {
      client: text('Id, client id or display name.'),
      scope: text(),
      resource: { anyOf: [text(), listOf(text())] },
      grantType: text(),
      method: { enum: clientAuthenticationMethods },
      certificate: text('x5t#S256 of the certificate that it would present.'),
      dpop: text('RFC 7638 thumbprint of the key that its DPoP proof would be by.'),
    },
    ['client'],
  ),
  Preview: openObject(
    {
      verdict: { enum: ['issued', 'refused'] },
      reason: { type: ['string', 'null'] },
      steps: listOf(step),
      fixes: listOf({ type: 'object' }),
      tokens: { type: ['array', 'null'] },
    },
    ['verdict', 'steps', 'fixes'],
  ),
  Decision: openObject(
    {
      id: text(),
      client: { type: ['string', 'null'] },
      recorded: { type: 'object' },
      now: { type: ['object', 'null'] },
      changedSince: { type: ['boolean', 'null'] },
      statement: text(),
    },
    ['id', 'recorded', 'statement'],
  ),
  AuditPage: object(
    {
      events: listOf(
        openObject(
          {
            at: { type: 'string', format: 'date-time' },
            ecid: text(),
            action: text(),
            result: { enum: ['ok', 'refused'] },
          },
          ['at', 'ecid', 'action', 'result'],
        ),
      ),
      cursor: { type: ['string', 'null'] },
    },
    ['events', 'cursor'],
  ),
  BackupRequest: object({ passphrase: text('16 characters or more.') }, ['passphrase']),
  Checkpoint: object(
    { checkpoint: { type: ['string', 'null'], description: 'JWS of audit-checkpoint+jwt.' } },
    ['checkpoint'],
  ),
  KeyCheck: object({
    ok: { type: 'boolean', description: 'The master key opens every sealed record.' },
    masterKey: { enum: ['file', 'command'] },
    sealed: { type: 'integer', description: 'Records that are sealed.' },
    unopened: listOf(object({ record: text(), id: text() })),
    ...told,
  }),
  KeyRotation: object({
    algorithm: { enum: ['ES256', 'RS256'], description: 'Both unless said; not in an emergency.' },
    emergency: {
      type: 'boolean',
      description: 'Withdraws now what signs, and ends every token that it has signed.',
    },
    kid: text('In an emergency: the key to withdraw, in place of an algorithm.'),
  }),
  SigningKeys: openObject(
    {
      ...told,
      made: listOf(text()),
      withdrawn: listOf(text()),
    },
    ['keys', 'policy'],
  ),
  RequestPage: object(
    {
      requests: listOf(
        object(
          {
            at: { type: 'string', format: 'date-time' },
            ecid: text('Id of the answer.'),
            endpoint: { enum: ['token', 'introspect', 'revoke'] },
            status: { type: 'integer' },
            ms: { type: 'number', description: 'Milliseconds until it was answered.' },
            source: text('Address that it came from.'),
            client: { type: ['string', 'null'], description: 'null: none of ours.' },
            api: { type: ['string', 'null'] },
            scopes: { type: ['string', 'null'], description: 'Granted; asked for if refused.' },
            reason: { type: ['string', 'null'] },
            detail: { type: ['string', 'null'] },
          },
          ['at', 'ecid', 'endpoint', 'status', 'ms', 'source'],
        ),
      ),
    },
    ['requests'],
  ),
  RevocationPage: object(
    {
      revocations: text('JWS of the type revocation-feed+jwt.'),
      more: { type: 'boolean', description: 'Ask again at once.' },
    },
    ['revocations'],
  ),
  Problem: openObject(
    {
      type: text(),
      title: text(),
      status: { type: 'integer' },
      detail: text(),
      fix: text(),
      reason: text(),
      ecid: text(),
    },
    ['type', 'title', 'status', 'reason', 'ecid'],
  ),
}
