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
const query = (name: string, description: string) => ({
  name,
  in: 'query',
  description,
  schema: { type: 'string' },
})

const operation = (operationId: string, parts: JsonSchema): JsonSchema => ({
  operationId,
  tags: ['Happenings'],
  security: [{ bearer: [] }],
  ...parts,
})

const paging = [
  query('limit', 'How many applications are looked at: 1 to 500, or 100.'),
  query('cursor', 'From the answer before.'),
]

/** Paths of `/api/v1/access`: who reaches what. */
export const accessPaths: Readonly<Record<string, JsonSchema>> = {
  '/api/v1/overview': {
    get: operation('overview', {
      responses: {
        200: jsonAnswer('The last hour, and what needs attention.', reference('Overview')),
        ...refusal,
      },
    }),
  },
  '/api/v1/access/holders': {
    get: operation('accessHolders', {
      parameters: [
        query('api', 'Audience, id, client id or name of the API.'),
        query('scope', 'One that it defines, in either spelling.'),
        ...paging,
      ],
      responses: {
        200: jsonAnswer('Who can reach the scope, and how.', reference('AccessHolders')),
        ...refusal,
      },
    }),
  },
  '/api/v1/access/map': {
    get: operation('accessMap', {
      parameters: [
        query('app', 'Only this application: id, client id or name.'),
        query('api', 'Only what was given of this API.'),
        query('status', 'active or inactive: only such applications.'),
        query('tag', 'Only applications with this tag: key, or key=value.'),
        query('use', 'day, month: used since; unused: not used in 30 days, as far as is known.'),
        ...paging,
      ],
      responses: {
        200: jsonAnswer('What was given to whom, and when it was used.', reference('AccessMap')),
        ...refusal,
      },
    }),
  },
}

const api = object({
  id: text(),
  displayName: text(),
  audience: text(),
  active: { type: 'boolean' },
})

const application = {
  id: text(),
  clientId: text(),
  displayName: text(),
  active: { type: 'boolean' },
}

export const accessSchemas: Readonly<Record<string, JsonSchema>> = {
  AccessHolders: object({
    api,
    scope: text(),
    fqs: text('Audience and scope as one string.'),
    holders: listOf(
      object({
        ...application,
        hindrance: {
          type: ['string', 'null'],
          description: 'Why it gets no token at all, whatever it was given.',
        },
        paths: listOf(openObject({ kind: { enum: ['scope', 'role', 'group', 'tag', 'all'] } })),
      }),
    ),
    cursor: { type: ['string', 'null'] },
  }),
  AccessMap: object({
    applications: listOf(
      object({ ...application, tags: listOf(object({ key: text(), value: text() })) }),
    ),
    apis: listOf(api),
    access: listOf(
      object({
        application: text('Its id.'),
        api: text('Its id.'),
        kind: { enum: ['scope', 'role', 'group', 'tag', 'all'] },
        name: text('Of the scope, role or tag.'),
        through: { type: ['string', 'null'], description: 'The group that the role is held by.' },
        scopes: listOf(text()),
        lastUsed: { type: ['string', 'null'], format: 'date-time' },
        tokensInDay: { type: 'integer', description: 'Tokens of 24 hours that carried it.' },
      }),
    ),
    usedSince: { type: 'string', format: 'date-time', description: 'Uses before are not known.' },
    cursor: { type: ['string', 'null'] },
  }),
}
