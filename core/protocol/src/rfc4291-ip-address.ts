/**
 * IP addresses as bytes, so that two spellings of one address are one (RFC 4291 §2.2, RFC 6943
 * §3.1).
 */

const decimalOctet = /^(?:0|[1-9][0-9]{0,2})$/
const hexGroup = /^[0-9a-f]{1,4}$/i

/** Four decimal octets; no leading zeros, which some readers take for octal. */
const parseV4 = (text: string): number[] | null => {
  const parts = text.split('.')
  const octets = parts.map(Number)
  const isAddress =
    parts.length === 4 && parts.every((part, at) => decimalOctet.test(part) && octets[at]! <= 255)
  return isAddress ? octets : null
}

/** Groups of 16 bits as bytes; the last may be an IPv4 address (§2.2 form 3). */
const parseGroups = (text: string, mayEndInV4: boolean): number[] | null => {
  if (text === '') return []
  const bytes: number[] = []
  const groups = text.split(':')
  for (const [at, group] of groups.entries()) {
    if (hexGroup.test(group)) {
      const value = Number.parseInt(group, 16)
      bytes.push(value >> 8, value & 0xff)
    } else {
      const octets = mayEndInV4 && at === groups.length - 1 ? parseV4(group) : null
      if (octets === null) return null
      bytes.push(...octets)
    }
  }
  return bytes
}

const parseV6 = (text: string): number[] | null => {
  const halves = text.split('::')
  if (halves.length > 2) return null
  const [left = '', right] = halves
  const head = parseGroups(left, right === undefined)
  if (head === null) return null
  if (right === undefined) return head.length === 16 ? head : null
  const tail = parseGroups(right, true)
  // `::` stands for one group of zeros at least.
  if (tail === null || head.length + tail.length > 14) return null
  return [...head, ...new Array<number>(16 - head.length - tail.length).fill(0), ...tail]
}

/**
 * Reads an address as text.
 * @returns 4 bytes for IPv4, 16 for IPv6, null for anything else; an IPv4-mapped IPv6 address stays
 * one of 16 bytes and so never equals the IPv4 address in it. Zones and prefix lengths are not read
 */
export const parseIpAddress = (text: string): Uint8Array | null => {
  if (text.length > 45) return null
  const bytes = text.includes(':') ? parseV6(text) : parseV4(text)
  return bytes === null ? null : Uint8Array.from(bytes)
}

export const ipAddressesEqual = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((octet, at) => octet === other[at])
