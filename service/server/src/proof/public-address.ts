/** Which IP addresses a URL that a client registered may lead to: nothing of our own network. */
import { parseIpAddress } from '@mintmark/protocol/rfc4291-ip-address'
import ipaddr from 'ipaddr.js'

export type AddressReach = 'public' | 'private' | 'loopback' | 'never'

/** Looks like any public address, but is answered by the host a virtual machine runs on. */
const hostServices = new Set(['168.63.129.16'])

/** RFC 4291 §2.4: only this part of IPv6 has been given to the public so far. */
const globalUnicast = ipaddr.IPv6.parse('2000::')

const privateRanges: Readonly<Record<string, AddressReach>> = {
  unicast: 'never', // not given to anyone yet, the deprecated `::192.0.2.1` form included
  loopback: 'loopback',
  unspecified: 'never',
  broadcast: 'never',
  multicast: 'never',
  // RFC 3927 and RFC 4291 §2.5.6: where cloud hosts answer with credentials.
  linkLocal: 'never',
}

/**
 * Judges an address, or the IPv4 address inside when a translator or tunnel would lead there.
 * @param address as a resolver gives it; a text that is no address is never reachable
 * @returns `never` for what no key set can be at, whatever is configured
 */
export const reachOf = (address: string): AddressReach => {
  // From bytes: the library would read the text `::192.0.2.1` as `::ffff:192.0.2.1`.
  const bytes = parseIpAddress(address)
  if (bytes === null) return 'never'
  const parsed = ipaddr.fromByteArray([...bytes])
  return parsed instanceof ipaddr.IPv4 ? reachOfV4(parsed) : reachOfV6(parsed)
}

const reachOfV4 = (address: ipaddr.IPv4): AddressReach => {
  if (hostServices.has(address.toString())) return 'never'
  const range = address.range()
  return range === 'unicast' ? 'public' : (privateRanges[range] ?? 'private')
}

const reachOfV6 = (address: ipaddr.IPv6): AddressReach => {
  const inner = embedded(address)
  if (inner.length > 0) return narrowest(inner.map(reachOfV4))
  const range = address.range()
  if (range === 'unicast' && address.match(globalUnicast, 3)) return 'public'
  return privateRanges[range] ?? 'private'
}

const strictness: readonly AddressReach[] = ['never', 'loopback', 'private', 'public']

const narrowest = (all: readonly AddressReach[]): AddressReach =>
  strictness.find((each) => all.includes(each)) ?? 'never'

const v4At = (bytes: readonly number[], at: number, mask = 0): ipaddr.IPv4 =>
  new ipaddr.IPv4(bytes.slice(at, at + 4).map((byte) => byte ^ mask))

/** The IPv4 addresses that an IPv6 address is another spelling of. */
const embedded = (address: ipaddr.IPv6): readonly ipaddr.IPv4[] => {
  const bytes = address.toByteArray()
  switch (address.range()) {
    case 'ipv4Mapped': // RFC 4291 §2.5.5.2
    case 'rfc6145': // RFC 2765 §2.1
      return [v4At(bytes, 12)]
    case 'rfc6052':
      // RFC 6052 §2.1; the local-use prefix of RFC 8215 hides where its IPv4 address stands.
      return bytes[5] === 0 ? [v4At(bytes, 12)] : []
    case '6to4': // RFC 3056 §2
      return [v4At(bytes, 2)]
    case 'teredo': // RFC 4380 §4: the relay, and the client with every bit turned over
      return [v4At(bytes, 4), v4At(bytes, 12, 0xff)]
    default:
      return []
  }
}
