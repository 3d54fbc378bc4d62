/**
 * What an API learns from the SAML 2.0 metadata of an issuer (§2.4.3), as Oracle B2C Service does:
 * the entity ID, which tokens have in `iss`, and the certificates of the keys that sign.
 */
import { fail, ok, type Result } from '@mintmark/protocol/result'

export interface SamlMetadata {
  readonly entityId: string
  /** Base64 of DER, one for each signing key; for `signingCertificates`. */
  readonly certificates: readonly string[]
}

const charsMax = 262_144

const characters: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
}

/** The five entities of XML; a document that declares its own is not read at all. */
const unescapeXml = (text: string): string =>
  text.replaceAll(/&(\w+);/g, (whole, name: string) => characters[name] ?? whole)

/** Names may have any prefix, or none. */
const descriptor = /<(?:[\w.-]+:)?KeyDescriptor\b([^>]*)>([\s\S]*?)<\/(?:[\w.-]+:)?KeyDescriptor>/g
const certificate =
  /<(?:[\w.-]+:)?X509Certificate>([\sA-Za-z0-9+/=]+)<\/(?:[\w.-]+:)?X509Certificate>/g
const entity = /<(?:[\w.-]+:)?EntityDescriptor\b[^>]*?\sentityID\s*=\s*(?:"([^"<]+)"|'([^'<]+)')/g

const signingKeysIn = (xml: string): readonly string[] =>
  [...xml.matchAll(descriptor)]
    .filter(([, attributes = '']) => !/\buse\s*=\s*["']encryption["']/.test(attributes))
    .flatMap(([, , content = '']) => [...content.matchAll(certificate)])
    .map(([, base64 = '']) => base64.replaceAll(/\s/g, ''))

/**
 * Reads the metadata of one issuer. The document is believed because of where it was had from; it
 * is not signed.
 * @returns why it cannot be used, in words for the operator
 */
export const readSamlMetadata = (xml: string): Result<SamlMetadata, string> => {
  if (xml.length > charsMax) return fail(`the metadata has more than ${charsMax} characters`)
  if (/<!(?:DOCTYPE|ENTITY)/i.test(xml)) return fail('the metadata declares entities of its own')
  const read = xml.replaceAll(/<!--[\s\S]*?-->/g, '')
  const [found, ...others] = [...read.matchAll(entity)]
  if (found === undefined) return fail('the document has no EntityDescriptor with an entityID')
  if (others.length > 0) return fail('the metadata is of several entities; give that of one')
  const certificates = [...new Set(signingKeysIn(read))]
  if (certificates.length === 0) return fail('the metadata has no signing certificate')
  return ok({ entityId: unescapeXml(found[1] ?? found[2] ?? ''), certificates })
}
