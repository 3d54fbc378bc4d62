/**
 * Whether a URL leads to the computer that reads it, so that nobody can listen on the way: the name
 * `localhost` (RFC 6761 §6.3), 127.0.0.0/8 and `::1` (RFC 8252 §7.3). Names below `localhost` are
 * not among them: many a system asks the network for those.
 * @param hostname as `URL` gives it: in small letters, an IPv6 address in brackets
 */
export const isLoopbackHost = (hostname: string): boolean =>
  /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname)
