import { BlockList, isIP, isIPv4 } from 'node:net'

/** An address in one form: IPv4 that arrives mapped into IPv6 is IPv4. */
const plainAddress = (address: string): string =>
  address.startsWith('::ffff:') && isIPv4(address.slice(7)) ? address.slice(7) : address

/**
 * Matches addresses against ranges such as `10.0.0.0/8`, `fd00::/8` or a single address.
 * @throws Error for what is no range
 */
export const networkMatcher = (ranges: readonly string[]): ((address: string) => boolean) => {
  const list = new BlockList()
  for (const range of ranges) {
    const [network = '', prefix] = range.split('/')
    const family = isIPv4(network) ? 'ipv4' : 'ipv6'
    const bits = family === 'ipv4' ? 32 : 128
    const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1
    if (isIP(network) === 0 || length < 0 || length > bits) {
      throw new Error(`'${range}' is neither an IP address nor a range such as 10.0.0.0/8.`)
    }
    list.addSubnet(network, length, family)
  }
  return (address) => {
    const plain = plainAddress(address)
    return isIP(plain) !== 0 && list.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6')
  }
}
