import { isIPv4 } from 'node:net'

/** Subtrees of RFC 5280 §4.2.1.10 by kind of name. IP addresses as `10.0.0.0/255.0.0.0`. */
export interface TestSubtrees {
  readonly dnsNames?: readonly string[]
  readonly emailAddresses?: readonly string[]
  readonly uris?: readonly string[]
  readonly ipv4Ranges?: readonly string[]
  readonly directoryNames?: readonly string[]
  /** Subtrees of a kind that no checker supports (registeredID). */
  readonly registeredIds?: readonly Uint8Array[]
}

const element = (tag: number, ...parts: readonly Uint8Array[]): Uint8Array => {
  const content = Buffer.concat(parts)
  if (content.length < 0x80) return Buffer.concat([Buffer.of(tag, content.length), content])
  const size = Buffer.of(0x82, content.length >> 8, content.length & 0xff)
  const length = content.length < 0x100 ? Buffer.of(0x81, content.length) : size
  return Buffer.concat([Buffer.of(tag), length, content])
}

const range = (text: string): Uint8Array => {
  const [network = '', mask = ''] = text.split('/')
  if (!isIPv4(network) || !isIPv4(mask)) throw new Error(`not an IPv4 range: ${text}`)
  return Buffer.from([...network.split('.'), ...mask.split('.')].map(Number))
}

/** DER of a NameConstraints value, which the certificate library cannot write from parts. */
export const nameConstraintsValue = (
  permitted: TestSubtrees,
  excluded: TestSubtrees,
  toName: (text: string) => Uint8Array,
): Uint8Array => {
  const bases = (trees: TestSubtrees) => [
    ...(trees.emailAddresses ?? []).map((text) => element(0x81, Buffer.from(text))),
    ...(trees.dnsNames ?? []).map((text) => element(0x82, Buffer.from(text))),
    ...(trees.directoryNames ?? []).map((text) => element(0xa4, toName(text))),
    ...(trees.uris ?? []).map((text) => element(0x86, Buffer.from(text))),
    ...(trees.ipv4Ranges ?? []).map((text) => element(0x87, range(text))),
    ...(trees.registeredIds ?? []).map((bytes) => element(0x88, bytes)),
  ]
  const list = (tag: number, trees: TestSubtrees) => {
    const subtrees = bases(trees).map((base) => element(0x30, base))
    return subtrees.length === 0 ? [] : [element(tag, ...subtrees)]
  }
  return element(0x30, ...list(0xa0, permitted), ...list(0xa1, excluded))
}
