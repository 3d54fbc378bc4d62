import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import type { Attribute } from './attribute.ts'
import { isObject, type Json, type ReadResource } from './read-resource.ts'
import { ocidOf } from './write-resource.ts'

/** All attributes of one resource together that no decision reads. */
const keptBytesMax = 16_384

/** The attributes that are kept as they are, and the extensions, bounded as a whole. */
export const readKeptAttributes = (
  sent: ReadResource,
  known: readonly Attribute[],
): Result<Json, AdministrationRefusal> => {
  const values = known
    .filter(({ name }) => sent.values.has(name))
    .map(({ name }) => [name, sent.values.get(name)])
  const all: Json = Object.fromEntries([...values, ...sent.keptExtensions])
  if (Buffer.byteLength(JSON.stringify(all)) <= keptBytesMax) return ok(all)
  return refuseChange('VALUE_TOO_LONG', `All attributes together are over ${keptBytesMax} bytes.`)
}

const referToAuthor = (type: 'App' | 'User', kept: Json, url: string): Json => ({
  ...kept,
  type,
  ocid: ocidOf(`domain${type.toLowerCase()}`, String(kept['value'])),
  $ref: `${url}/admin/v1/${type}s/${String(kept['value'])}`,
})

/** Who made or changed it, as it was kept, with what follows from that. */
export const authorOf = (kept: unknown, url: string): Json | undefined =>
  isObject(kept) ? referToAuthor(kept['type'] === 'User' ? 'User' : 'App', kept, url) : undefined

/** What was kept, and who made and changed the resource, as its representation has it. */
export const writeKeptAttributes = (attributes: Json, url: string): Json => {
  const { idcsCreatedBy, idcsLastModifiedBy, ...kept } = attributes
  return {
    ...kept,
    idcsCreatedBy: authorOf(idcsCreatedBy, url),
    idcsLastModifiedBy: authorOf(idcsLastModifiedBy, url),
  }
}

/** Whether an attribute that is returned on request only will be seen: it may cost look-ups. */
export const isAskedFor = (name: string, query: Readonly<Record<string, string>>): boolean => {
  const { attributes = '', attributeSets = '' } = query
  return (
    attributes.toLowerCase().includes(name.toLowerCase()) ||
    /\b(?:all|request)\b/i.test(attributeSets)
  )
}
