/** Of `http://host:port/path`, all that stands before the path. */
const authority = /^https?:\/\/[^/?#]*/i
const encoded = /%([0-9a-f]{2})/gi
const unreserved = /[\w.~-]/

const decodeUnreserved = (path: string): string =>
  path.replace(encoded, (whole, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16))
    return unreserved.test(character) ? character : whole
  })

/**
 * Path and query in the one spelling that routes and rules about paths know: a proxy may send the
 * whole URL (RFC 9112 §3.2.2), and letters need no percent-encoding (RFC 3986 §6.2.2.2). The router
 * would decode them, and whatever looks at the path itself would not.
 */
export const originForm = (target: string): string => {
  if (target.startsWith('/') && !target.includes('%')) return target
  const whole = target.replace(authority, '')
  const local = whole.startsWith('?') || whole === '' ? `/${whole}` : whole
  const query = local.indexOf('?')
  if (query === -1) return decodeUnreserved(local)
  return decodeUnreserved(local.slice(0, query)) + local.slice(query)
}
