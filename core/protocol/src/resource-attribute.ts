/**
 * What the language of SCIM has to know of an attribute (RFC 7643 §2.2, §7). Whoever describes
 * attributes at more length describes these too: the shape is structural.
 */

/** `list`: of texts; `objects`: of objects with the attributes of `sub`. */
export type ResourceAttributeType = 'string' | 'boolean' | 'integer' | 'list' | 'object' | 'objects'

export interface ResourceAttribute {
  readonly name: string
  readonly type: ResourceAttributeType
  readonly mutability: 'readWrite' | 'immutable' | 'readOnly' | 'writeOnly'
  readonly required: boolean
  /** Attributes inside; empty: any. */
  readonly sub: readonly ResourceAttribute[]
  /** Attribute inside that a plain text in place of an object means; null: none. */
  readonly shorthand: string | null
  /** Whether the case of texts says something; left out: it does not (RFC 7643 §2.2). */
  readonly caseExact?: boolean
  /** Attributes inside that tell one value of a list from another; left out: all of them. */
  readonly compositeKey?: readonly string[]
}

/** The attributes of a resource type, with those of extensions. */
export interface ResourceAttributes {
  readonly urn: string
  readonly attributes: readonly ResourceAttribute[]
  readonly extension: {
    readonly urn: string
    readonly attributes: readonly ResourceAttribute[]
  } | null
  /** URNs of extensions whose content is free. */
  readonly keptExtensions: readonly string[]
}
