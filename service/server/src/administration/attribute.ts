/** How the attributes of a resource are described: enough to read, to write and to project them. */

/** `list`: of texts; `objects`: of objects with the attributes of `sub`. */
export type AttributeType = 'string' | 'boolean' | 'integer' | 'list' | 'object' | 'objects'

export interface Attribute {
  readonly name: string
  readonly type: AttributeType
  /** What a text is besides (RFC 7643 §2.3); filters compare times as times. */
  readonly format: 'dateTime' | 'reference' | 'binary' | null
  /** RFC 7643 §2.2. */
  readonly mutability: 'readWrite' | 'immutable' | 'readOnly'
  /** RFC 7643 §2.4; `request`: only when asked for. */
  readonly returned: 'always' | 'default' | 'request'
  readonly required: boolean
  /** Whether the case of a text counts when it is compared (RFC 7643 §2.2). */
  readonly caseExact: boolean
  /** RFC 7643 §2.2; `global`: in all domains. */
  readonly uniqueness: 'none' | 'server' | 'global'
  readonly charsMax: number
  /** The only values; empty: any. */
  readonly values: readonly string[]
  /** Attributes inside; empty: any. */
  readonly sub: readonly Attribute[]
  /** Attribute inside that a plain text in place of an object means; null: none. */
  readonly shorthand: string | null
  /** false: known to an identity domain and lost here, so it is refused rather than forgotten. */
  readonly kept: boolean
  /** What to do instead of sending what is not kept. */
  readonly instead?: string
  /** Attributes inside that tell one value of a list from another; left out: all of them. */
  readonly compositeKey?: readonly string[]
  /** Attribute that says the same in another form; the one that a PATCH leaves alone gives way. */
  readonly mirrors?: string
}

/** A resource type of the administration API. */
export interface ResourceSchema {
  readonly urn: string
  readonly resourceType: string
  readonly endpoint: string
  readonly attributes: readonly Attribute[]
  /** Our own attributes (decision 3). */
  readonly extension: { readonly urn: string; readonly attributes: readonly Attribute[] } | null
  /** Extensions that are kept and given back as they are. */
  readonly keptExtensions: readonly string[]
}

const stringCharsMax = 2000

/** An attribute with the characteristics that most have. */
export const attribute = (
  name: string,
  type: AttributeType,
  more: Partial<Omit<Attribute, 'name' | 'type'>> = {},
): Attribute => ({
  name,
  type,
  format: null,
  mutability: 'readWrite',
  returned: 'default',
  required: false,
  caseExact: false,
  uniqueness: 'none',
  charsMax: stringCharsMax,
  values: [],
  sub: [],
  shorthand: null,
  kept: true,
  ...more,
})

/** Several attributes that differ in name only. */
export const attributes = (
  names: string,
  type: AttributeType,
  more: Partial<Omit<Attribute, 'name' | 'type'>> = {},
): readonly Attribute[] => names.split(' ').map((name) => attribute(name, type, more))

const readOnly = { mutability: 'readOnly' } as const
const exact = { ...readOnly, caseExact: true } as const

const author = [
  ...attributes('value ocid type', 'string', exact),
  attribute('$ref', 'string', { ...exact, format: 'reference' }),
  attribute('display', 'string', readOnly),
]

/** What every resource of an identity domain has. */
export const commonAttributes: readonly Attribute[] = [
  attribute('id', 'string', { ...readOnly, returned: 'always', uniqueness: 'global' }),
  attribute('ocid', 'string', { ...exact, uniqueness: 'global' }),
  ...attributes('domainOcid compartmentOcid tenancyOcid', 'string', readOnly),
  attribute('schemas', 'list', { required: true }),
  attribute('meta', 'object', {
    ...readOnly,
    sub: [
      ...attributes('created lastModified', 'string', { ...exact, format: 'dateTime' }),
      attribute('location', 'string', { ...readOnly, format: 'reference' }),
      ...attributes('resourceType version', 'string', readOnly),
    ],
  }),
  attribute('idcsCreatedBy', 'object', { ...readOnly, sub: author }),
  attribute('idcsLastModifiedBy', 'object', { ...readOnly, sub: author }),
  attribute('idcsPreventedOperations', 'list', { ...readOnly, returned: 'request' }),
  attribute('deleteInProgress', 'boolean', readOnly),
  attribute('idcsLastUpgradedInRelease', 'string', { ...readOnly, returned: 'request' }),
]

const byLowerName = new WeakMap<readonly Attribute[], ReadonlyMap<string, Attribute>>()

/** The attribute of a name, whatever its case (RFC 7643 §2.1). */
export const findAttribute = (known: readonly Attribute[], name: string): Attribute | undefined => {
  let index = byLowerName.get(known)
  if (index === undefined) {
    // reversed, so that the first of a name is found
    index = new Map(known.toReversed().map((each) => [each.name.toLowerCase(), each]))
    byLowerName.set(known, index)
  }
  return index.get(name) ?? index.get(name.toLowerCase())
}
