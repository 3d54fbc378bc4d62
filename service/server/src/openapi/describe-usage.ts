import {
  type JsonSchema,
  jsonAnswer,
  listOf,
  object,
  reference,
  refusedAs,
  text,
} from './json-schema.ts'

const query = (name: string, description: string) => ({
  name,
  in: 'query',
  description,
  schema: { type: 'string' },
})

/** `/api/v1/usage`: how many tokens were issued, and how many would have done. */
export const usagePaths: Readonly<Record<string, JsonSchema>> = {
  '/api/v1/usage': {
    get: {
      operationId: 'usage',
      tags: ['Happenings'],
      security: [{ bearer: [] }],
      parameters: [
        query('from', 'RFC 3339; an hour before `to` unless said.'),
        query('to', 'RFC 3339; now unless said.'),
        query('client', 'Client id of the only one to tell.'),
        query('api', 'Only tokens for this API: audience, id or name.'),
        query('limit', '100 unless said, at most 1000.'),
      ],
      responses: {
        200: jsonAnswer('By client, the most beyond need first.', reference('Usage')),
        ...refusedAs('Problem'),
      },
    },
  },
}

const time = { type: 'string', format: 'date-time' }
const count = (description: string) => ({ type: 'integer', minimum: 0, description })

const counts = {
  issued: count('New tokens.'),
  needed: count('Those that would have done, each until it expires.'),
  reissued: count('Times that the current token was given again.'),
  refused: count('Requests that a spent budget refused.'),
  overBudget: count('Tokens beyond budgets that only observe.'),
}

export const usageSchemas: Readonly<Record<string, JsonSchema>> = {
  Usage: object(
    {
      from: time,
      to: time,
      complete: { type: 'boolean', description: 'false: there is more after `to`.' },
      total: object(counts, Object.keys(counts)),
      clients: listOf(
        object(
          {
            client: text('Client id.'),
            ...counts,
            waste: { type: ['number', 'null'], description: 'issued by needed; null: none.' },
          },
          ['client', ...Object.keys(counts), 'waste'],
        ),
      ),
    },
    ['from', 'to', 'complete', 'total', 'clients'],
  ),
}
