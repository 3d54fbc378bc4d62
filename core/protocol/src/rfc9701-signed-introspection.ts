/** Introspection answers as signed JWTs (RFC 9701). */

/** `typ` of such an answer (§5), so that none passes for an access token. */
export const signedIntrospectionType = 'token-introspection+jwt'
export const signedIntrospectionMediaType = `application/${signedIntrospectionType}`

/** RFC 9110 §12.5.1: the weight that a field gives a media type by its name; null: not named. */
const weightOf = (accept: string, mediaType: string): number | null => {
  for (const range of accept.split(',')) {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    if (name !== mediaType) continue
    const weight = parameters.find((each) => each.startsWith('q='))
    const value = weight === undefined ? 1 : Number(weight.slice(2))
    return value >= 0 && value <= 1 ? value : 0
  }
  return null
}

/** §4: whether the caller asks for a signed answer, by name, and does not prefer a plain one. */
export const wantsSignedIntrospection = (accept: string | undefined): boolean => {
  // Nearly every answer is plain; what costs is not done for them.
  if (accept === undefined || !accept.toLowerCase().includes(signedIntrospectionType)) return false
  const signed = weightOf(accept, signedIntrospectionMediaType) ?? 0
  return signed > 0 && signed >= (weightOf(accept, 'application/json') ?? 0)
}

/** Who says it to whom, and when. */
export interface SignedIntrospectionContext {
  readonly issuer: string
  /** Client id of the caller. */
  readonly audience: string
  /** Seconds since the epoch. */
  readonly issuedAtSeconds: number
}

/**
 * §5: the claims as JSON. What is said of the token is a member of its own; no `sub` and no `exp`
 * stand beside it.
 * @param answer the plain answer as JSON
 */
export const signedIntrospectionClaims = (
  { issuer, audience, issuedAtSeconds }: SignedIntrospectionContext,
  answer: string,
): string => {
  const head = JSON.stringify({ iss: issuer, aud: audience, iat: issuedAtSeconds })
  return `${head.slice(0, -1)},"token_introspection":${answer}}`
}
