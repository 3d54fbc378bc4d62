/** DPoP proofs as clients make them (RFC 9449 §4.2), and as they must not be made. */
import { createHash, randomUUID } from 'node:crypto'
import { askToken } from './ask.ts'
import type { Answer } from './http.ts'
import { compact, makePair, nowSeconds, type SigningPair, signBytes } from './jwt.ts'
import { type Client, type TestDomain, tokenPath } from './test-domain.ts'

type Members = Readonly<Record<string, unknown>>

/** What a proof says differently; a member of undefined is left out. */
export interface ProofWish {
  readonly header?: Members
  readonly claims?: Members
  /** The access token that it is shown with. */
  readonly token?: string
}

/** Where a proof is for. */
export interface ProofTarget {
  readonly url: string
  readonly method: string
}

const present = (members: Members): Members =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url')

const memberNames: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  RSA: ['e', 'kty', 'n'],
  OKP: ['crv', 'kty', 'x'],
}

/** The public key, with the members that make it and no others. */
export const bareJwk = (pair: SigningPair): Members => {
  const names = memberNames[String(pair.publicJwk['kty'])] ?? []
  return Object.fromEntries(names.map((name) => [name, pair.publicJwk[name]]))
}

/** RFC 7638, written down a second time. */
export const thumbprintOf = (pair: SigningPair): string => digest(JSON.stringify(bareJwk(pair)))

/** A proof by this key that is right but for `wish`. */
export const makeProof = (pair: SigningPair, target: ProofTarget, wish: ProofWish = {}): string => {
  const header = present({ typ: 'dpop+jwt', alg: pair.alg, jwk: bareJwk(pair), ...wish.header })
  const claims = present({
    jti: randomUUID(),
    htm: target.method,
    htu: target.url,
    iat: nowSeconds(),
    ...(wish.token !== undefined && { ath: digest(wish.token) }),
    ...wish.claims,
  })
  return compact(header, claims, (data) => signBytes(pair.alg, pair.privateKey, data))
}

export const tokenTarget = (domain: TestDomain): ProofTarget => ({
  url: domain.url + tokenPath,
  method: 'POST',
})

/** Asks for a token with a proof. */
export const askBound = (
  domain: TestDomain,
  client: Pick<Client, 'clientId' | 'secret'>,
  proof: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<Answer> => askToken(domain, client, parameters, { DPoP: proof })

/** Asks with a proof by a key of its own that is right but for `wish`. */
export const askWithProof = (
  domain: TestDomain,
  client: Pick<Client, 'clientId' | 'secret'>,
  wish: ProofWish = {},
  pair: SigningPair = makePair('ES256'),
): Promise<Answer> => askBound(domain, client, makeProof(pair, tokenTarget(domain), wish))
