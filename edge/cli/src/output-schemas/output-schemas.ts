/** What `-o json` of each command writes, as JSON Schema 2020-12. */

export type Schema = Readonly<Record<string, unknown>>

const text: Schema = { type: 'string' }
const flag: Schema = { type: 'boolean' }
const number: Schema = { type: 'number' }
const time: Schema = { type: 'string', format: 'date-time' }
const orNull = (type: string): Schema => ({ type: [type, 'null'] })
const listOf = (items: Schema): Schema => ({ type: 'array', items })
const texts = listOf(text)

/** Exactly these members; those not named in `optional` are always there. */
const record = (
  properties: Readonly<Record<string, Schema>>,
  optional: Readonly<Record<string, Schema>> = {},
): Schema => ({
  type: 'object',
  properties: { ...properties, ...optional },
  required: Object.keys(properties),
  additionalProperties: false,
})

/** These members, and others that the server may say. */
const open = (
  properties: Readonly<Record<string, Schema>>,
  optional: Readonly<Record<string, Schema>> = {},
): Schema => ({ ...record(properties, optional), additionalProperties: true })

const access = listOf(record({ api: text }, { scopes: texts, roles: texts }))

/** An entry of a domain file, with its id. */
const application = open(
  { id: text, name: text, clientId: text, active: flag },
  { description: text, access, defaultApi: text, type: text, may: texts, clientSecret: text },
)

const named: Schema = { anyOf: [text, open({ name: text })] }
const api = open(
  { id: text, name: text, clientId: text, active: flag, audience: text },
  { description: text, profile: text, scopes: listOf(named), roles: listOf(named) },
)

const newSecret = record(
  { clientId: text, clientSecret: text, secretId: text },
  { keepOthers: { const: true }, overlapSeconds: { type: 'integer', minimum: 0 } },
)

const secret = record(
  { id: text, label: text, origin: { enum: ['minted', 'chosen'] }, ending: text, created: time },
  { lastUsed: time, expires: time, ends: time },
)

const decoded = { header: open({ alg: text }), claims: { type: 'object' } }
const verified = open({ ...decoded, verdict: open({ valid: flag }, { reason: text }) })

const keys = open({
  keys: listOf(
    open({ kid: text, algorithm: text, state: text, created: time, ageSeconds: number }),
  ),
})

const applied = {
  dryRun: flag,
  changed: flag,
  issuer: text,
  changes: { type: 'array' },
  secrets: listOf(record({ application: text, clientId: text, clientSecret: text })),
}
const imported = open({ ...applied, notCarriedOver: {} })

const story = { verdict: { enum: ['issued', 'refused'] }, steps: { type: 'array' } }

const request = record({
  at: time,
  ecid: text,
  endpoint: { enum: ['token', 'introspect', 'revoke'] },
  status: { type: 'integer' },
  ms: number,
  source: text,
  client: orNull('string'),
  api: orNull('string'),
  scopes: orNull('string'),
  reason: orNull('string'),
  detail: orNull('string'),
})

const serverState = record({
  url: text,
  ready: flag,
  reasons: texts,
  version: text,
  issuer: text,
  keys: texts,
  clockOffsetSeconds: orNull('number'),
  answerMs: number,
})

const settings = listOf(open({ key: text, value: orNull('string'), source: open({ from: text }) }))

const setting = record({ key: text, value: orNull('string'), from: text })

const schemaState = record({
  database: { enum: ['sqlite', 'postgresql'] },
  schema: number,
  known: orNull('number'),
  state: { enum: ['none', 'current', 'older', 'ahead', 'newer'] },
})

/** By the words of the command. `logs tail` writes one such object a line. */
export const outputSchemas: Readonly<Record<string, Schema>> = {
  status: { anyOf: [serverState, settings] },
  'db status': schemaState,
  'app list': listOf(
    record({
      name: text,
      clientId: text,
      id: text,
      active: flag,
      type: text,
      scopes: texts,
      roles: texts,
    }),
  ),
  'app get': application,
  'app create': application,
  'app secret list': listOf(secret),
  'app secret create': newSecret,
  'app secret rotate': newSecret,
  'app usage': record({
    from: time,
    to: time,
    complete: flag,
    total: open({ issued: number, needed: number }),
    clients: listOf(
      record({
        client: text,
        issued: number,
        needed: number,
        reissued: number,
        refused: number,
        overBudget: number,
        waste: orNull('number'),
      }),
    ),
  }),
  'app key list': listOf(record({ kid: text, kind: text, thumbprint: text })),
  'api list': listOf(record({ name: text, audience: text, id: text, active: flag, scopes: texts })),
  'api get': api,
  'api create': api,
  'token get': {
    anyOf: [open({ access_token: text, token_type: text, expires_in: number }), verified],
  },
  'token inspect': open(decoded),
  'token verify': verified,
  'token introspect': open({ active: flag }),
  explain: {
    anyOf: [
      open(story),
      open({ id: text, recorded: { type: 'object' } }),
      open({ scope: text, fqs: text, holders: listOf(open({ clientId: text, paths: {} })) }),
    ],
  },
  'logs tail': request,
  'logs search': listOf(request),
  'audit list': listOf(
    open({ at: time, ecid: text, action: text, result: { enum: ['ok', 'refused'] } }),
  ),
  'audit verify': {
    anyOf: [
      open({
        packs: number,
        events: number,
        faults: listOf(open({ firstLine: number, lastLine: number, message: text })),
      }),
      open({ ok: flag, verifiedTo: time, complete: flag, packs: number, events: number }),
    ],
  },
  overview: open({ since: time, issued: number, denied: number, attention: { type: 'array' } }),
  health: open({ ready: flag, now: time, build: { type: 'object' }, database: { type: 'object' } }),
  'access map': record({
    applications: listOf(open({ id: text, clientId: text, displayName: text })),
    apis: listOf(open({ id: text, displayName: text, audience: text })),
    access: listOf(open({ application: text, api: text, kind: text, name: text })),
    usedSince: time,
  }),
  'certificate list': listOf(
    record({ alias: text, id: text, thumbprint: text, from: text, until: text }),
  ),
  'settings list': listOf(setting),
  'settings get': setting,
  'admin list': listOf(
    record({ name: text, kind: { enum: ['application', 'user', 'group'] }, role: text, id: text }),
  ),
  'admin pair': record({ pairingCode: text, expiresAt: time, url: text }),
  'admin sessions list': listOf(
    record({
      id: text,
      who: text,
      method: text,
      source: text,
      signedInAt: time,
      expiresAt: time,
    }),
  ),
  'key list': keys,
  'key rotate': keys,
  'key revoke': keys,
  'key doctor': keys,
  apply: record(applied),
  'import keycloak': imported,
  'import hydra': imported,
  'import auth0': imported,
  'import idcs': imported,
  'ca list': listOf(
    open({ name: text, kind: text, subject: text, expires: text, daysLeft: number, isOurs: flag }),
  ),
  doctor: open({ url: text, well: texts, findings: { type: 'array' }, skipped: texts }),
}

/** All of them in one document: `#/$defs/app list`. */
export const outputSchemaDocument = (): Schema => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'What mintmark commands write with -o json',
  $defs: outputSchemas,
})
