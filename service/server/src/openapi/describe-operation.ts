import { type JsonSchema, listOf, object, openObject, text } from './json-schema.ts'

const time = { type: 'string', format: 'date-time' }
const number = { type: 'number' }
const integer = { type: 'integer' }
const named = object({ id: text(), displayName: text() }, ['id', 'displayName'])
const namedOrNull = { anyOf: [named, { type: 'null' }] }

/** What operators are told by `/api/v1`: how the server was started, and how it is doing. */
export const operationSchemas: Readonly<Record<string, JsonSchema>> = {
  AuditVerdict: object({
    ok: { type: 'boolean' },
    from: time,
    verifiedTo: time,
    complete: { type: 'boolean', description: 'false: go on with verifiedTo as from.' },
    packs: integer,
    events: integer,
    broken: { anyOf: [object({ sequence: integer, what: text() }), { type: 'null' }] },
  }),
  DomainFileRequest: object({ text: text('A domain file in YAML.'), dryRun: { type: 'boolean' } }, [
    'text',
    'dryRun',
  ]),
  DomainFileVerdict: object({
    verdict: { enum: ['unchanged', 'would-change', 'changed', 'refused'] },
    lines: listOf(
      object({ mark: { enum: ['+', '~', '=', '-'] }, kind: text(), name: text(), text: text() }),
    ),
    secrets: listOf(
      object({ application: text(), clientId: text(), clientSecret: text('Seen this once.') }),
    ),
    message: { type: ['string', 'null'], description: 'Why nothing was changed, by line.' },
  }),
  Overview: object({
    since: time,
    isWhole: { type: 'boolean', description: 'Every event since then was looked at.' },
    issued: integer,
    denied: integer,
    p99Milliseconds: { type: ['number', 'null'], description: 'Of the requests remembered.' },
    minutes: {
      type: 'array',
      description: 'Each of the hour, the oldest first; null: more happened than was read.',
      items: { ...object({ issued: integer, denied: integer }), type: ['object', 'null'] },
    },
    attention: listOf(
      object({
        kind: {
          enum: ['expires', 'all-denied', 'does-not-cache', 'inactive-but-asking', 'unused'],
        },
        application: namedOrNull,
        count: { type: ['integer', 'null'] },
        reason: { type: ['string', 'null'] },
        label: { type: ['string', 'null'] },
        at: { type: ['string', 'null'], format: 'date-time' },
      }),
    ),
    top: listOf(object({ application: named, issued: integer, denied: integer })),
  }),
  Health: object({
    ready: { type: 'boolean' },
    notReady: listOf(text()),
    now: time,
    build: object({ version: text(), node: text(), platform: text() }),
    database: object({
      kind: { enum: ['sqlite', 'postgresql'] },
      schema: integer,
      milliseconds: { ...number, description: 'Of one look into it.' },
      servers: listOf(
        object({ joined: time, behind: { ...integer, description: 'Changes unheard of.' } }),
      ),
    }),
    cache: object({
      sequence: { ...integer, description: 'The newest change that this process has heard of.' },
      outOfTouch: { type: ['string', 'null'] },
    }),
    processes: object({
      count: integer,
      started: time,
      cpuSeconds: number,
      residentBytes: integer,
      openFiles: { type: ['integer', 'null'] },
      eventLoop: openObject(
        { lagSeconds: number, lagP99Seconds: number, lagMaxSeconds: number, utilization: number },
        ['lagSeconds', 'lagP99Seconds', 'lagMaxSeconds', 'utilization'],
      ),
    }),
  }),
  ServerSettings: object({
    settings: listOf(
      object({
        key: text(),
        group: text(),
        value: { type: ['string', 'null'], description: 'Of a secret only that it is set.' },
        isSecret: { type: 'boolean' },
        source: object({
          from: { enum: ['default', 'environment', 'file', 'flag'] },
          place: { type: ['string', 'null'], description: 'File and line, variable or flag.' },
        }),
        description: text(),
      }),
    ),
  }),
}
