/** The APIs and clients that most tests need, registered when a test first asks for one. */
import type { Certificate, CertificateWish, Name } from './certificate.ts'
import { makeCertificate, nameOf } from './certificate.ts'
import type { Shown } from './http.ts'
import { makePair, type SigningPair } from './jwt.ts'
import type { MintmarkDomain } from './mintmark-domain.ts'
import type { Api, Client, ClientWish, TestDomain } from './test-domain.ts'

const known = new WeakMap<TestDomain, Map<string, Promise<unknown>>>()

/** Makes a thing once for a domain. */
export const once = <T>(domain: TestDomain, name: string, make: () => Promise<T>): Promise<T> => {
  let things = known.get(domain)
  if (things === undefined) {
    things = new Map()
    known.set(domain, things)
  }
  let thing = things.get(name) as Promise<T> | undefined
  if (thing === undefined) {
    thing = make()
    things.set(name, thing)
  }
  return thing
}

export const rsAudience = 'https://rs.example/'
export const rs2Audience = 'https://rs2.example/'

/** The API whose scopes most clients hold; its client side (rs1) may introspect. */
export const rs = (domain: TestDomain): Promise<Api> =>
  once(domain, 'rs', () =>
    domain.createApi({
      audience: rsAudience,
      scopes: ['api:read', 'api:write'],
      introspects: true,
    }),
  )

/** A second API, of which they hold nothing; its client side is rs2. */
export const rs2 = (domain: TestDomain): Promise<Api> =>
  once(domain, 'rs2', () =>
    domain.createApi({
      audience: rs2Audience,
      scopes: ['other:read', 'other:write'],
      profile: 'rfc9068',
      introspects: true,
    }),
  )

export const rsScopes = [`${rsAudience}api:read`, `${rsAudience}api:write`] as const

/** A client of RS with both its scopes, unless `wish` says otherwise; of another API than RS. */
export const makeClient = async (
  domain: TestDomain,
  wish: ClientWish = {},
  api: (domain: TestDomain) => Promise<Api> = rs,
): Promise<Client> => {
  await api(domain)
  return domain.createClient({ scopes: rsScopes, ...wish })
}

/** Proves itself by Basic only. */
export const cBasic = (domain: TestDomain) =>
  once(domain, 'cBasic', () => makeClient(domain, { methods: ['client_secret_basic'] }))

/** Proves itself in the body only. */
export const cPost = (domain: TestDomain) =>
  once(domain, 'cPost', () => makeClient(domain, { methods: ['client_secret_post'] }))

/** As an identity domain registers them: any form its credential allows. */
export const cAny = (domain: TestDomain) => once(domain, 'cAny', () => makeClient(domain))

/** May not use client credentials. */
export const cNoCC = (domain: TestDomain) =>
  once(domain, 'cNoCC', () => makeClient(domain, { grants: ['authorization_code'] }))

/** Public: has nothing to prove itself by. */
export const cPub = (domain: TestDomain) =>
  once(domain, 'cPub', () =>
    makeClient(domain, { clientType: 'public', grants: ['authorization_code'] }),
  )

/** Registered and right, but deactivated. */
export const cOff = (domain: TestDomain) =>
  once(domain, 'cOff', async () => {
    const client = await makeClient(domain)
    await domain.setActive(client, false)
    return client
  })

/** Signs with HMAC of its own secret. */
export const cSjwt = (domain: TestDomain) =>
  once(domain, 'cSjwt', () => makeClient(domain, { methods: ['client_secret_jwt'] }))

/** A client with a key of its own for each of the algorithms, by value. */
export interface KeyClient extends Client {
  readonly pair: SigningPair
  readonly pairs: Readonly<Record<string, SigningPair>>
}

export const makeKeyClient = async (
  domain: TestDomain,
  pairs: readonly SigningPair[],
  wish: ClientWish = {},
): Promise<KeyClient> => {
  const keys = pairs.map(({ publicJwk }) => publicJwk)
  const client = await makeClient(domain, { methods: ['private_key_jwt'], keys, ...wish })
  const byAlgorithm = Object.fromEntries(pairs.map((pair) => [pair.alg, pair]))
  return { ...client, pair: pairs[0] as SigningPair, pairs: byAlgorithm }
}

export const cPkj = (domain: TestDomain): Promise<KeyClient> =>
  once(domain, 'cPkj', () =>
    makeKeyClient(
      domain,
      ['ES256', 'RS256', 'PS256', 'Ed25519'].map((alg) => makePair(alg)),
    ),
  )

/** A certificate of the client authority that the TLS door believes, and how to show it. */
export const clientCertificate = (
  domain: MintmarkDomain,
  wish: CertificateWish,
): Certificate & { readonly shown: Shown } => {
  const made = makeCertificate({
    issuer: domain.clientAuthority,
    purposes: ['clientAuth'],
    ...wish,
  })
  return { ...made, shown: { cert: made.pem, key: made.keyPem } }
}

export interface CertificateClient extends Client {
  readonly shown: Shown
  readonly certificate: Certificate
}

const exampleSubject: Name = nameOf(['O', 'Example'], ['CN', 'orders-worker'])

/** What each kind of registered subject looks like, and the certificate that carries it. */
const subjects = {
  subject_dn: { value: 'CN=orders-worker,O=Example' },
  san_dns: { value: 'worker.example', alternative: { kind: 'dns', value: 'worker.example' } },
  san_uri: { value: 'https://example/w', alternative: { kind: 'uri', value: 'https://example/w' } },
  san_ip: { value: '2001:db8::1', alternative: { kind: 'ip', value: '2001:db8::1' } },
  san_email: { value: 'w@example.com', alternative: { kind: 'email', value: 'w@example.com' } },
} as const

export type SubjectKind = keyof typeof subjects

/** A client that the name in its certificate proves (RFC 8705 §2.1), for each kind of name. */
export const cTls = (domain: MintmarkDomain, kind: SubjectKind): Promise<CertificateClient> =>
  once(domain, `cTls ${kind}`, async () => {
    const subject = subjects[kind]
    const alternatives = 'alternative' in subject ? [subject.alternative] : undefined
    const certificate = clientCertificate(domain, {
      subject: exampleSubject,
      ...(alternatives && { alternatives }),
    })
    const client = await makeClient(domain, {
      methods: ['tls_client_auth'],
      certificateSubject: { kind, value: subject.value },
    })
    return { ...client, certificate, shown: certificate.shown }
  })

/** A client whose very certificate is registered (RFC 8705 §2.2), in a key set. */
export const cSelf = (domain: MintmarkDomain): Promise<CertificateClient> =>
  once(domain, 'cSelf', async () => {
    const pair = makePair('ES256')
    const certificate = makeCertificate({ subject: exampleSubject, privateKey: pair.privateKey })
    const x5c = [certificate.der.toString('base64')]
    const client = await makeClient(domain, {
      methods: ['self_signed_tls_client_auth'],
      keys: [{ ...pair.publicJwk, x5c }],
    })
    const shown = { cert: certificate.pem, key: certificate.keyPem }
    return { ...client, certificate, shown, pair }
  })
