import { hash } from 'node:crypto'
import { sameValue } from '@mintmark/decisions/administration/change'
import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import { type Attribute, findAttribute, type ResourceSchema } from './attribute.ts'
import { isObject, type Json, type ReadResource, type Values } from './read-resource.ts'

/** What a record tells about itself besides its attributes. */
export interface ResourceFrame {
  readonly domain: string
  readonly id: string
  readonly version: number
  readonly createdAtMs: number
  readonly modifiedAtMs: number
  /** Base URL of the domain. */
  readonly url: string
  /** What nobody can do with it; left out: nothing. */
  readonly prevented?: readonly ('replace' | 'update' | 'delete')[]
}

/** What is not to be had of a resource that is only made and ended. */
export const madeOnce = ['replace', 'update'] as const

/** 32 hexadecimal digits that change with every change of the record: the entity tag. */
export const versionOf = (resourceType: string, id: string, version: number): string =>
  hash('sha256', `${resourceType}/${id}/${version}`, 'hex').slice(0, 32)

/** The form of a cloud identifier, with the id at its end: so it can be read back. */
export const ocidOf = (kind: string, id: string): string =>
  `ocid1.${kind}.oc1..${id.toLowerCase().padStart(60, 'a')}`

/** The id in a path: an id as it is, or the last part of an OCID. */
export const idOfPath = (text: string): string => {
  if (!text.startsWith('ocid1.')) return text
  const id = text.slice(-32)
  return id.endsWith('aidcsappid') ? 'IDCSAppId' : id
}

const timeOf = (ms: number): string => new Date(ms).toISOString()

export const locationOf = (url: string, schema: ResourceSchema, id: string): string =>
  `${url}/admin/v1/${schema.endpoint}/${id}`

/** The attributes that every resource has, from its frame. */
export const frameAttributes = (frame: ResourceFrame, schema: ResourceSchema): Json => {
  const domainId = frame.domain.replace('idcs-', '')
  return {
    id: frame.id,
    ocid: ocidOf(`domain${schema.resourceType.toLowerCase()}`, frame.id),
    domainOcid: ocidOf('domain', domainId),
    compartmentOcid: ocidOf('tenancy', domainId),
    tenancyOcid: ocidOf('tenancy', domainId),
    deleteInProgress: false,
    idcsPreventedOperations: frame.prevented ?? [],
    meta: {
      resourceType: schema.resourceType,
      created: timeOf(frame.createdAtMs),
      lastModified: timeOf(frame.modifiedAtMs),
      version: versionOf(schema.resourceType, frame.id, frame.version),
      location: locationOf(frame.url, schema, frame.id),
    },
  }
}

/** Whether what was sent says the same as what is; an object may leave parts out. */
const saysTheSame = (sent: unknown, present: unknown): boolean => {
  if (!isObject(sent) || !isObject(present)) return sameValue(sent, present)
  return Object.entries(sent).every(([name, value]) => saysTheSame(value, present[name]))
}

/** Told for information only, and out of date as soon as somebody else changes something. */
const passingNews: ReadonlySet<string> = new Set(['meta', 'idcsLastModifiedBy', 'secrets'])

const refuseOther = (
  reason: 'ATTRIBUTE_READ_ONLY' | 'ATTRIBUTE_IMMUTABLE',
  sent: Values,
  present: Json,
): Result<null, AdministrationRefusal> => {
  for (const [name, value] of sent) {
    if (passingNews.has(name) || saysTheSame(value, present[name])) continue
    const can = reason === 'ATTRIBUTE_READ_ONLY' ? 'set by the server only' : 'not to be changed'
    return refuseChange(reason, `${name} is ${can}.`, {
      fix: 'Leave it out, or send it as it is.',
      at: name,
    })
  }
  return ok(null)
}

const immutables = (values: Values, known: readonly Attribute[]): Values =>
  new Map([...values].filter(([name]) => findAttribute(known, name)?.mutability === 'immutable'))

/**
 * RFC 7644 §3.5.1, as the identity domain has it: a replacement may repeat what only the server
 * sets and what cannot change, but not say it differently.
 * @param present the whole resource as it is, nothing left out
 */
export const checkUnchangeable = (
  sent: ReadResource,
  present: Json,
  schema: ResourceSchema,
): Result<null, AdministrationRefusal> => {
  const inside = schema.extension === null ? {} : present[schema.extension.urn]
  const extension = isObject(inside) ? inside : {}
  const checks: readonly (readonly [Parameters<typeof refuseOther>[0], Values, Json])[] = [
    ['ATTRIBUTE_READ_ONLY', sent.readOnly, present],
    ['ATTRIBUTE_READ_ONLY', sent.extension?.readOnly ?? new Map(), extension],
    ['ATTRIBUTE_IMMUTABLE', immutables(sent.values, schema.attributes), present],
  ]
  for (const [reason, values, record] of checks) {
    const result = refuseOther(reason, values, record)
    if (!result.ok) return result
  }
  return ok(null)
}
