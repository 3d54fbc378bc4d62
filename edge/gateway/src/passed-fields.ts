/** Which fields of a message go on, and which end here (RFC 9110 §7.6.1). */
import { type RawFields, spellingKey } from './identity-fields.ts'

/** They belong to one connection, or to one proxy. */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'te',
  'transfer-encoding',
  'upgrade',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-authentication-info',
  'http2-settings',
])

/**
 * By these some frameworks take another method or path than the request line says, past any rule;
 * and those of proxies in front, which are set anew, or are for the guard alone.
 */
const overriding: ReadonlySet<string> = new Set([
  'x-http-method-override',
  'x-http-method',
  'x-method-override',
  'x-original-url',
  'x-original-uri',
  'x-original-method',
  'x-rewrite-url',
  'x-forwarded-uri',
  'x-forwarded-method',
  'x-forwarded-path',
  'x-forwarded-prefix',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-forwarded-server',
  'x-forwarded-client-cert',
  'x-forwarded-tls-client-cert',
  'x-ssl-client-cert',
  'x-ssl-client-der',
  'client-cert',
  'client-cert-chain',
  'x-real-ip',
  'forwarded',
])

const framing: ReadonlySet<string> = new Set(['content-length', 'expect', 'host', 'trailer'])

/** Never in a trailer (RFC 9110 §6.5.1): they would change what was decided before. */
const notInTrailers: ReadonlySet<string> = new Set([
  ...hopByHop,
  ...overriding,
  ...framing,
  'authorization',
  'cookie',
  'set-cookie',
  'content-type',
  'content-encoding',
  'content-range',
  'cache-control',
  'www-authenticate',
])

/** Every value of a field. */
export const valuesOf = (fields: RawFields, name: string): readonly string[] => {
  const values: string[] = []
  for (let at = 0; at + 1 < fields.length; at += 2) {
    if (fields[at]?.toLowerCase() === name) values.push(fields[at + 1] ?? '')
  }
  return values
}

const filterFields = (
  fields: RawFields,
  keeps: (name: string, key: string) => boolean,
): string[] => {
  const kept: string[] = []
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const name = fields[at] ?? ''
    if (keeps(name.toLowerCase(), spellingKey(name))) kept.push(name, fields[at + 1] ?? '')
  }
  return kept
}

/** Fields that the sender says are for the next hop alone. */
const namedByConnection = (fields: RawFields): ReadonlySet<string> =>
  new Set(
    valuesOf(fields, 'connection').flatMap((value) =>
      value.split(',').map((name) => name.trim().toLowerCase()),
    ),
  )

/**
 * Fields of a request for the API, without those that frame the message, which the sender of the
 * next hop writes itself.
 * @param identity keys (`spellingKey`) of the fields that only the gateway may set
 */
export const requestFields = (fields: RawFields, identity: ReadonlySet<string>): string[] => {
  const named = namedByConnection(fields)
  return filterFields(
    fields,
    (name, key) =>
      !named.has(name) &&
      ![hopByHop, overriding, identity].some((keys) => keys.has(key)) &&
      !framing.has(key),
  )
}

/** Fields of an answer for the caller; its length stays, for it frames the body for both. */
export const answerFields = (fields: RawFields): string[] => {
  const named = namedByConnection(fields)
  return filterFields(fields, (name) => !named.has(name) && !hopByHop.has(name))
}

/** Fields behind a body. */
export const trailerFields = (fields: RawFields, identity: ReadonlySet<string>): string[] =>
  filterFields(fields, (_name, key) => !notInTrailers.has(key) && !identity.has(key))
