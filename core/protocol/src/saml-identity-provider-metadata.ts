const escapeXml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')

/**
 * SAML 2.0 metadata (§2.4.3) as far as a resource server needs it to trust our tokens: Oracle B2C
 * Service imports it to learn the issuer (`entityID` equals `iss`) and the signing certificates.
 * @param certificates base64 DER of every certificate whose key signs or may soon sign
 */
export const identityProviderMetadata = (
  issuer: string,
  url: string,
  certificates: readonly string[],
): string => {
  const keys = certificates
    .map(
      (certificate) =>
        '<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>' +
        `${escapeXml(certificate)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`,
    )
    .join('')
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" ' +
    `xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="${escapeXml(issuer)}">` +
    '<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">' +
    keys +
    // The schema demands one; machines have no browser to send there, so it answers 404.
    '<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" ' +
    `Location="${escapeXml(url)}/fed/v1/idp/sso"/>` +
    '</md:IDPSSODescriptor></md:EntityDescriptor>\n'
  )
}
