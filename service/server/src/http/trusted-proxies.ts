import { BlockList, isIP, isIPv4 } from 'node:net'

/** The peers whose word about who is behind them is believed. */
export interface TrustedProxies {
  trusts(address: string): boolean
  /** The address a request really comes from. */
  sourceOf(peer: string, forwardedFor: string | undefined): string
}

/** An address in one form: IPv4 that arrives mapped into IPv6 is IPv4. */
const plainAddress = (address: string): string =>
  address.startsWith('::ffff:') && isIPv4(address.slice(7)) ? address.slice(7) : address

/** Matches addresses against CIDR ranges such as `10.0.0.0/8`, `::1/128` or a single address. */
export const addressMatcher = (ranges: readonly string[]): ((address: string) => boolean) => {
  if (ranges.length === 0) return () => false
  const list = new BlockList()
  for (const range of ranges) {
    const [network = '', prefix] = range.split('/')
    const family = isIPv4(network) ? 'ipv4' : 'ipv6'
    list.addSubnet(
      network,
      prefix === undefined ? (family === 'ipv4' ? 32 : 128) : Number(prefix),
      family,
    )
  }
  const known = new Map<string, boolean>()
  return (address) => {
    const before = known.get(address)
    if (before !== undefined) return before
    const plain = plainAddress(address)
    const matches = isIP(plain) !== 0 && list.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6')
    if (known.size >= 10_000) known.clear()
    known.set(address, matches)
    return matches
  }
}

/** RFC 7239 §8: forwarded addresses count only as far as every hop that added one is trusted. */
export const trustedProxies = (ranges: readonly string[]): TrustedProxies => {
  const trusts = addressMatcher(ranges)
  return {
    trusts,
    sourceOf: (peer, forwardedFor) => {
      if (forwardedFor === undefined || !trusts(peer)) return plainAddress(peer)
      const hops = forwardedFor.split(',').slice(-20)
      for (let at = hops.length - 1; at >= 0; at -= 1) {
        const hop = (hops[at] as string).trim()
        if (isIP(hop) === 0) break
        if (!trusts(hop)) return plainAddress(hop)
      }
      return plainAddress(peer)
    },
  }
}
