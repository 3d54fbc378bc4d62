/**
 * How a client presents itself at the token, introspection and revocation endpoints (RFC 6749 §2.3,
 * RFC 7617, RFC 7521 §4.2). Reading only: nothing here says that what was presented is true.
 */
import { type Refusal, type RefusalReason, refuse } from './refusal.ts'
import { ok, type Result } from './result.ts'
import { decodeFormComponent, type Form } from './rfc6749-form-encoding.ts'

export const clientIdCharsMax = 512
export const clientSecretCharsMax = 1024

/** RFC 7523 §2.2: the one assertion type that is read here. */
export const jwtBearerAssertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

export interface ClientCredentials {
  readonly clientId: string
  readonly secret: string
}

/** What `Authorization: Basic` holds. */
export interface BasicCredentials {
  readonly clientId: string
  /** Form-decoded as RFC 6749 §2.3.1 demands; null: what was sent is not form-encoded. */
  readonly secret: string | null
  /** As it was sent, for clients that are allowed to leave the encoding out. */
  readonly rawSecret: string
}

/**
 * What the request itself presents. `none`: at most a client id, the rest may be a TLS certificate.
 */
export type PresentedCredential =
  | ({ readonly method: 'client_secret_basic' } & BasicCredentials)
  | ({ readonly method: 'client_secret_post' } & ClientCredentials)
  | { readonly method: 'assertion'; readonly clientId: string | null; readonly assertion: string }
  | { readonly method: 'none'; readonly clientId: string | null }

// RFC 9110 §11.1, §11.4: the scheme is case-insensitive, one or more spaces follow.
const basicScheme = /^basic(?: +|$)/i
const base64Characters = /^[A-Za-z0-9+/]*={0,2}$/
const controlCharacter = /\p{Cc}/u
const printableAscii = /^[\x20-\x7e]*$/

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const malformed = (operator: string) => refuse('CREDENTIALS_MALFORMED', { operator })

/** RFC 4648 §4, padding optional; a lone last character carries less than a byte. */
const isBase64 = (encoded: string): boolean => {
  if (!base64Characters.test(encoded)) return false
  // not by the expression: in groups of four it takes four times as long
  const padding = encoded.indexOf('=')
  return padding === -1 ? encoded.length % 4 !== 1 : encoded.length % 4 === 0
}

/** RFC 7617 §2: base64 of UTF-8. Null for anything else. */
const decodeBase64Text = (encoded: string): string | null => {
  if (!isBase64(encoded)) return null
  const binary = atob(encoded)
  if (printableAscii.test(binary)) return binary
  try {
    return utf8.decode(Uint8Array.from(binary, (character) => character.charCodeAt(0)))
  } catch {
    return null
  }
}

/**
 * RFC 6749 App. A.1 says VSCHAR; identifiers beyond it are in use, so control characters are the
 * bound. An id that nobody could have registered costs no look-up.
 */
const isClientId = (text: string): boolean =>
  text.length > 0 && text.length <= clientIdCharsMax && !controlCharacter.test(text)

const isSecret = (text: string): boolean =>
  text.length > 0 && text.length <= clientSecretCharsMax && !controlCharacter.test(text)

/**
 * Reads `Authorization: Basic …`.
 * @param headerValue the whole field value, scheme included
 * @returns CREDENTIALS_MALFORMED for another scheme, base64 or UTF-8 that is broken, a missing
 * colon, an id or a secret that is empty, too long or holds control characters
 */
export const parseBasicCredentials = (headerValue: string): Result<BasicCredentials, Refusal> => {
  const scheme = basicScheme.exec(headerValue)
  if (scheme === null) return malformed('The Authorization header is not of the Basic scheme.')
  const text = decodeBase64Text(headerValue.slice(scheme[0].length))
  if (text === null) return malformed('Basic is not followed by base64 of UTF-8.')
  // RFC 7617 §2: the user-id holds no colon, so the first one separates.
  const colon = text.indexOf(':')
  if (colon === -1) return malformed('Basic holds no colon between client id and secret.')
  // RFC 6749 §2.3.1: both parts were form-encoded before they were joined.
  const clientId = decodeFormComponent(text.slice(0, colon))
  const rawSecret = text.slice(colon + 1)
  if (clientId === null) {
    return malformed('The client id in Basic is not form-encoded: encode it before joining.')
  }
  if (!isClientId(clientId)) return malformed('The client id in Basic cannot be one.')
  const secret = decodeFormComponent(rawSecret)
  if (!isSecret(secret ?? rawSecret)) return malformed('The secret in Basic cannot be one.')
  return ok({ clientId, secret, rawSecret })
}

interface PresentedFields {
  readonly authorization: string | undefined
  readonly clientId: string | undefined
  readonly secret: string | undefined
  readonly assertion: string | undefined
  readonly assertionType: string | undefined
}

/** RFC 6749 §2.3: not more than one authentication method a request. */
const presentsSeveral = (fields: PresentedFields): boolean =>
  Number(fields.authorization !== undefined) +
    Number(fields.secret !== undefined) +
    Number(fields.assertion !== undefined) >
  1

/** RFC 7521 §4.2: type and assertion come together, and the type is one that we know. */
const assertionFault = (fields: PresentedFields): RefusalReason | null => {
  if (fields.assertion === undefined && fields.assertionType === undefined) return null
  if (fields.assertionType === undefined) return 'ASSERTION_TYPE_MISSING'
  if (fields.assertionType !== jwtBearerAssertionType) return 'ASSERTION_TYPE_UNSUPPORTED'
  return fields.assertion === undefined ? 'ASSERTION_MISSING' : null
}

const readBasic = (
  authorization: string,
  bodyClientId: string | undefined,
): Result<PresentedCredential, Refusal> => {
  const basic = parseBasicCredentials(authorization)
  if (!basic.ok) return basic
  // RFC 6749 §3.2.1: naming the client once more is not a second method, naming another is an
  // error.
  if (bodyClientId !== undefined && bodyClientId !== basic.value.clientId) {
    return refuse('CLIENT_ID_MISMATCH')
  }
  return ok({ method: 'client_secret_basic', ...basic.value })
}

/**
 * Finds the one credential that a request presents.
 * @param input the only `Authorization` field (two are refused before) and the form of the body;
 * parameters without a value are omitted
 * @returns SEVERAL_AUTHENTICATION_METHODS, CLIENT_ID_MISMATCH, ASSERTION_TYPE_MISSING,
 * ASSERTION_TYPE_UNSUPPORTED, ASSERTION_MISSING or CREDENTIALS_MALFORMED
 */
export const readPresentedCredential = (input: {
  readonly authorization: string | undefined
  readonly form: Form
}): Result<PresentedCredential, Refusal> => {
  const { authorization, form } = input
  if (authorization !== undefined && !basicScheme.test(authorization)) {
    return malformed('The Authorization header is not of the Basic scheme.')
  }
  const fields: PresentedFields = {
    authorization,
    clientId: form.get('client_id'),
    secret: form.get('client_secret'),
    assertion: form.get('client_assertion'),
    assertionType: form.get('client_assertion_type'),
  }
  if (presentsSeveral(fields)) return refuse('SEVERAL_AUTHENTICATION_METHODS')
  const fault = assertionFault(fields)
  if (fault !== null) return refuse(fault)
  const { clientId, secret, assertion } = fields
  if (clientId !== undefined && !isClientId(clientId)) {
    return malformed('The client_id parameter cannot be a client id.')
  }
  if (authorization !== undefined) return readBasic(authorization, clientId)
  if (assertion !== undefined) {
    return ok({ method: 'assertion', clientId: clientId ?? null, assertion })
  }
  if (secret === undefined) return ok({ method: 'none', clientId: clientId ?? null })
  if (clientId === undefined) return malformed('client_secret came without client_id.')
  if (!isSecret(secret)) return malformed('The client_secret parameter cannot be a secret.')
  return ok({ method: 'client_secret_post', clientId, secret })
}
