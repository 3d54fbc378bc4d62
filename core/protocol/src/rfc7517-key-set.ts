/** A signing key as the key set shows it. */
export interface PublishedKey {
  readonly kid: string
  readonly algorithm: string
  readonly publicJwk: Readonly<Record<string, string>>
  /** Base64 DER. */
  readonly certificate: string
  readonly x5t: string
  readonly x5tS256: string
}

/**
 * RFC 7517 §5: the public key set; `withCertificates` adds `x5c` (§4.7), as an Oracle domain does.
 */
export const keySet = (keys: readonly PublishedKey[], withCertificates: boolean) => ({
  keys: keys.map((key) => ({
    ...key.publicJwk,
    kid: key.kid,
    alg: key.algorithm,
    use: 'sig',
    x5t: key.x5t,
    'x5t#S256': key.x5tS256,
    ...(withCertificates ? { x5c: [key.certificate] } : {}),
  })),
})
