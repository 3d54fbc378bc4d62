/**
 * The identity domain's own discovery document: the OpenID document inside a frame that also names
 * the endpoints resource servers use. The secure domain URL is read from it by many guides, as host
 * of `openid-configuration.secure_token_endpoint`.
 */
export const identityDomainConfiguration = (
  metadata: Readonly<Record<string, unknown>>,
  release: string,
): Readonly<Record<string, unknown>> => ({
  configuration: { version: '1', service_release_version: release },
  'access-configuration': {},
  'openid-configuration': metadata,
})
