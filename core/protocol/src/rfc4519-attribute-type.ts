/**
 * Attribute types that occur in the subject of a certificate: their names (RFC 4519 §2, RFC 4514
 * §3, and those that certificate authorities use) and their object identifiers.
 */

/** All of them compare with caseIgnoreMatch or caseIgnoreIA5Match; the names are in lower case. */
const caseIgnoreTypes: readonly (readonly [identifier: string, ...names: string[]])[] = [
  ['2.5.4.3', 'cn', 'commonname'],
  ['2.5.4.4', 'sn', 'surname'],
  ['2.5.4.5', 'serialnumber'],
  ['2.5.4.6', 'c', 'countryname'],
  ['2.5.4.7', 'l', 'localityname'],
  ['2.5.4.8', 'st', 's', 'stateorprovincename'],
  ['2.5.4.9', 'street', 'streetaddress'],
  ['2.5.4.10', 'o', 'organizationname'],
  ['2.5.4.11', 'ou', 'organizationalunitname'],
  ['2.5.4.12', 'title'],
  ['2.5.4.13', 'description'],
  ['2.5.4.15', 'businesscategory'],
  ['2.5.4.17', 'postalcode'],
  ['2.5.4.41', 'name'],
  ['2.5.4.42', 'givenname', 'gn'],
  ['2.5.4.43', 'initials'],
  ['2.5.4.44', 'generationqualifier'],
  ['2.5.4.46', 'dnqualifier'],
  ['2.5.4.65', 'pseudonym'],
  ['2.5.4.97', 'organizationidentifier'],
  ['0.9.2342.19200300.100.1.1', 'uid', 'userid'],
  ['0.9.2342.19200300.100.1.25', 'dc', 'domaincomponent'],
  ['1.2.840.113549.1.9.1', 'emailaddress', 'email', 'e'],
  ['1.3.6.1.4.1.311.60.2.1.1', 'jurisdictionl', 'jurisdictionlocalityname'],
  ['1.3.6.1.4.1.311.60.2.1.2', 'jurisdictionst', 'jurisdictionstateorprovincename'],
  ['1.3.6.1.4.1.311.60.2.1.3', 'jurisdictionc', 'jurisdictioncountryname'],
]

const identifierByName: ReadonlyMap<string, string> = new Map(
  caseIgnoreTypes.flatMap(([identifier, ...names]) => names.map((name) => [name, identifier])),
)
const caseIgnoreIdentifiers: ReadonlySet<string> = new Set(
  caseIgnoreTypes.map(([identifier]) => identifier),
)

/**
 * The object identifier of a type.
 * @param written ASCII: a name in any case, or a dotted identifier
 * @returns null for a name that is not known
 */
export const attributeTypeOf = (written: string): string | null =>
  /^[0-9]/.test(written) ? written : (identifierByName.get(written.toLowerCase()) ?? null)

/**
 * Whether values of this type are equal without regard to case and inner spaces (RFC 4517 §4.2.11).
 */
export const hasCaseIgnoreMatch = (identifier: string): boolean =>
  caseIgnoreIdentifiers.has(identifier)
