/** JSON Schema 2020-12, as far as the description of the API uses it. */
export type JsonSchema = Readonly<Record<string, unknown>>

export const reference = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` })

export const text = (description?: string): JsonSchema => ({
  type: 'string',
  ...(description === undefined ? {} : { description }),
})

/** An object whose members are all known; `required` names those that are always there. */
export const object = (
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[] = [],
): JsonSchema => ({
  type: 'object',
  properties,
  ...(required.length === 0 ? {} : { required }),
  additionalProperties: false,
})

/** An object with members that are not listed here. */
export const openObject = (
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[] = [],
): JsonSchema => ({ ...object(properties, required), additionalProperties: true })

export const listOf = (items: JsonSchema): JsonSchema => ({ type: 'array', items })

/** An answer in JSON. */
export const jsonAnswer = (description: string, schema: JsonSchema) => ({
  description,
  content: { 'application/json': { schema } },
})

/** Every other status: a refusal in the form of its door. */
export const refusedAs = (name: 'ScimError' | 'OAuthError' | 'Problem') => ({
  default: { $ref: `#/components/responses/${name}` },
})
