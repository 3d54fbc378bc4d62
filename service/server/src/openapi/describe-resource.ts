import type { Attribute, ResourceSchema } from '../administration/attribute.ts'
import { type JsonSchema, listOf, object, reference } from './json-schema.ts'

const readOnlyMark = ({ mutability }: Attribute): JsonSchema =>
  mutability === 'readOnly' ? { readOnly: true } : {}

const textSchema = ({ charsMax, values, format }: Attribute): JsonSchema => ({
  type: 'string',
  maxLength: charsMax,
  ...(values.length === 0 ? {} : { enum: values }),
  ...(format === 'dateTime' ? { format: 'date-time' } : {}),
})

const inside = (attribute: Attribute): JsonSchema => {
  const { sub, shorthand } = attribute
  if (sub.length === 0) return { type: 'object' }
  const whole = object(propertiesOf(sub), namesOfRequired(sub))
  return shorthand === null ? whole : { anyOf: [whole, { type: 'string' }] }
}

const valueSchema = (attribute: Attribute): JsonSchema => {
  switch (attribute.type) {
    case 'string':
      return textSchema(attribute)
    case 'boolean':
    case 'integer':
      return { type: attribute.type }
    case 'list':
      return listOf(textSchema(attribute))
    case 'object':
      return inside(attribute)
    case 'objects':
      return listOf(inside(attribute))
  }
}

const propertiesOf = (attributes: readonly Attribute[]): Readonly<Record<string, JsonSchema>> =>
  Object.fromEntries(
    attributes
      .filter(({ kept }) => kept)
      .map((each) => [each.name, { ...valueSchema(each), ...readOnlyMark(each) }]),
  )

const namesOfRequired = (attributes: readonly Attribute[]): readonly string[] =>
  attributes.filter(({ required }) => required).map(({ name }) => name)

const alwaysReturned = (schema: ResourceSchema): readonly string[] =>
  schema.attributes.filter(({ name }) => name === 'schemas').map(({ name }) => name)

/**
 * The schemas of one resource type: as it is answered, and as it is sent. From the same attributes
 * that requests are checked by, so that the two cannot differ.
 */
export const describeResource = (schema: ResourceSchema): Readonly<Record<string, JsonSchema>> => {
  const extension =
    schema.extension === null
      ? {}
      : { [schema.extension.urn]: object(propertiesOf(schema.extension.attributes)) }
  const kept = schema.keptExtensions.map((urn) => [urn, { type: 'object' }] as const)
  const properties = {
    ...propertiesOf(schema.attributes),
    ...extension,
    ...Object.fromEntries(kept),
  }
  const required = namesOfRequired(schema.attributes)
  return {
    [schema.resourceType]: object(properties, alwaysReturned(schema)),
    [`${schema.resourceType}Request`]: {
      allOf: [reference(schema.resourceType)],
      ...(required.length === 0 ? {} : { required }),
    },
  }
}
