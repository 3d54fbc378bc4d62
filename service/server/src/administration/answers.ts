import type { AdministrationRefusal } from '@mintmark/protocol/administration-refusal'
import { scimError } from '@mintmark/protocol/rfc7644-error'
import type { ResourceSchema } from './attribute.ts'
import type { AdministrationAnswer } from './command.ts'
import type { Exchange } from './exchange.ts'
import { projectResource } from './project-resource.ts'
import { isObject, type Json } from './read-resource.ts'

/** A refusal as an answer. */
export const refusalAnswer = (
  refusal: AdministrationRefusal,
  headers: Readonly<Record<string, string>> = {},
): AdministrationAnswer => ({ ...scimError(refusal), headers })

export const noContent: AdministrationAnswer = { status: 204, headers: {}, body: null }

const tagOf = (whole: Json): Readonly<Record<string, string>> => {
  const meta = whole['meta']
  if (!isObject(meta)) return {}
  const { version, location } = meta
  return {
    ...(typeof version === 'string' ? { etag: `"${version}"` } : {}),
    ...(typeof location === 'string' ? { location } : {}),
  }
}

/**
 * One resource as an answer.
 * @param shownOnce members that only this answer has, whatever is asked for
 */
export const resourceAnswer = (
  status: 200 | 201,
  whole: Json,
  schema: ResourceSchema,
  exchange: Exchange,
  shownOnce: Json = {},
): AdministrationAnswer => ({
  status,
  headers: tagOf(whole),
  body: { ...projectResource(whole, schema, exchange.projection), ...shownOnce },
})
