/** Name constraints of an authority, and whether names lie within them (RFC 5280 §4.2.1.10). */
import {
  type DistinguishedName,
  distinguishedNamesEqual,
  parseDerName,
} from '@mintmark/protocol/rfc4514-distinguished-name'
import { type DerElement, derTags, readDerChildren } from '@mintmark/protocol/x690-der'

/** Bases of the subtrees, as GeneralNames. */
export interface NameConstraints {
  readonly permitted: readonly DerElement[]
  readonly excluded: readonly DerElement[]
}

/** What the constraints are held against. */
export interface ConstrainedNames {
  readonly subject: DistinguishedName
  readonly alternativeNames: readonly DerElement[]
}

const permittedTag = 0xa0
const excludedTag = 0xa1
/** GeneralName (§4.2.1.6). */
const kinds = { email: 0x81, dns: 0x82, directory: 0xa4, uri: 0x86, ip: 0x87 } as const
const emailAddressAttribute = '1.2.840.113549.1.9.1'

/** @returns null when it is not one, or uses `minimum` or `maximum`, which nobody may */
export const readNameConstraints = (value: DerElement): NameConstraints | null => {
  const parts = readDerChildren(value, derTags.sequence)
  if (parts === null || parts.length === 0 || parts.length > 2) return null
  const lists = { permitted: [] as DerElement[], excluded: [] as DerElement[] }
  for (const part of parts) {
    if (part.tag !== permittedTag && part.tag !== excludedTag) return null
    const into = part.tag === permittedTag ? lists.permitted : lists.excluded
    const subtrees = readDerChildren(part, part.tag)
    if (subtrees === null || subtrees.length === 0 || into.length > 0) return null
    for (const subtree of subtrees) {
      const [base, ...more] = readDerChildren(subtree, derTags.sequence) ?? []
      if (base === undefined || more.length > 0) return null
      into.push(base)
    }
  }
  return lists
}

/** A name of a certificate in the form in which it is compared. */
type Name =
  | { readonly tag: number; readonly kind: 'directory'; readonly value: DistinguishedName | null }
  | { readonly tag: number; readonly kind: 'text'; readonly value: string | null }
  | { readonly tag: number; readonly kind: 'bytes'; readonly value: Uint8Array }

const toName = ({ tag, content }: DerElement): Name => {
  if (tag === kinds.directory) return { tag, kind: 'directory', value: parseDerName(content) }
  if (tag === kinds.email || tag === kinds.dns || tag === kinds.uri) {
    return { tag, kind: 'text', value: readPrintable(content) }
  }
  return { tag, kind: 'bytes', value: content }
}

/** Printable ASCII or nothing: a NUL or an eighth bit is where comparisons begin to differ. */
const readPrintable = (content: Uint8Array): string | null => {
  let text = ''
  for (const octet of content) {
    if (octet < 0x21 || octet > 0x7e) return null
    text += String.fromCharCode(octet)
  }
  return text
}

/**
 * Whether all names lie within the constraints. A name that cannot be compared, or is of a kind
 * that is constrained and not understood here, lies outside.
 */
export const satisfiesNameConstraints = (
  { permitted, excluded }: NameConstraints,
  { subject, alternativeNames }: ConstrainedNames,
): boolean => {
  const names = [...alternativeNames.map(toName), ...namesInSubject(subject)]
  return names.every((name) => {
    const permittedOfKind = permitted.filter(({ tag }) => tag === name.tag)
    const excludedOfKind = excluded.filter(({ tag }) => tag === name.tag)
    if (permittedOfKind.length === 0 && excludedOfKind.length === 0) return true
    const places = (bases: readonly DerElement[]) => bases.map((base) => placeOf(name, base))
    return (
      (permittedOfKind.length === 0 || places(permittedOfKind).includes('inside')) &&
      places(excludedOfKind).every((place) => place === 'outside')
    )
  })
}

/** The subject itself, and the addresses that old certificates carry in it. */
const namesInSubject = (subject: DistinguishedName): readonly Name[] => {
  if (subject.length === 0) return []
  const addresses = subject.flat().filter(({ type }) => type === emailAddressAttribute)
  return [
    { tag: kinds.directory, kind: 'directory', value: subject },
    ...addresses.map(({ value, encoding }): Name => {
      const text = encoding === 'text' ? readPrintable(Buffer.from(value)) : null
      return { tag: kinds.email, kind: 'text', value: text }
    }),
  ]
}

/** `unclear` satisfies neither a permission nor the absence of an exclusion. */
type Place = 'inside' | 'outside' | 'unclear'

const place = (isInside: boolean): Place => (isInside ? 'inside' : 'outside')

const placeOf = (name: Name, base: DerElement): Place => {
  if (name.value === null) return 'unclear'
  switch (name.kind) {
    case 'directory':
      return placeDirectory(name.value as DistinguishedName, parseDerName(base.content))
    case 'text': {
      const text = base.content.length === 0 ? '' : readPrintable(base.content)
      if (text === null) return 'unclear'
      if (name.tag === kinds.dns) return placeDns(name.value as string, text)
      if (name.tag === kinds.email) return placeEmail(name.value as string, text)
      return placeUri(name.value as string, text)
    }
    case 'bytes':
      return name.tag === kinds.ip ? placeIp(name.value, base.content) : 'unclear'
  }
}

const placeDirectory = (name: DistinguishedName, base: DistinguishedName | null): Place =>
  base === null ? 'unclear' : place(distinguishedNamesEqual(name.slice(0, base.length), base))

const plainHost = (host: string): string => host.toLowerCase().replace(/\.$/, '')

/** Labels may be added on the left; a leading dot asks for at least one. */
const placeDns = (name: string, base: string): Place => {
  if (base === '') return 'inside'
  const [host, tree] = [plainHost(name), plainHost(base)]
  if (tree.startsWith('.')) return place(host.endsWith(tree))
  return place(host === tree || host.endsWith(`.${tree}`))
}

/** A host alone means that host, with a leading dot every host below it. */
const placeHost = (name: string, base: string): Place => {
  const [host, tree] = [plainHost(name), plainHost(base)]
  return place(tree.startsWith('.') ? host.endsWith(tree) : host === tree)
}

const placeEmail = (name: string, base: string): Place => {
  const at = name.lastIndexOf('@')
  if (at < 1) return 'unclear'
  if (!base.includes('@')) return base === '' ? 'inside' : placeHost(name.slice(at + 1), base)
  const baseAt = base.lastIndexOf('@')
  const isSameLocalPart = name.slice(0, at) === base.slice(0, baseAt)
  return isSameLocalPart ? placeHost(name.slice(at + 1), base.slice(baseAt + 1)) : 'outside'
}

/** RFC 3986 §3.2: scheme, two slashes, user, host, port. */
const uriAuthority = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#@:[\]]+)(?::\d*)?(?:[/?#]|$)/i

const placeUri = (name: string, base: string): Place => {
  const host = uriAuthority.exec(name)?.[1]
  // Without a host that is a name the constraint cannot be applied, so the certificate is refused.
  if (host === undefined || /^[\d.]+$/.test(host)) return 'unclear'
  return base === '' ? 'inside' : placeHost(host, base)
}

/** Address and mask of one family, compared bit by bit. */
const placeIp = (address: Uint8Array, base: Uint8Array): Place => {
  if (address.length !== 4 && address.length !== 16) return 'unclear'
  if (base.length !== 8 && base.length !== 32) return 'unclear'
  if (base.length !== address.length * 2) return 'outside'
  const mask = base.subarray(address.length)
  return place(mask.every((bits, at) => (address[at]! & bits) === (base[at]! & bits)))
}
