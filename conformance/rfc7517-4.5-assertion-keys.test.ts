import assert from 'node:assert/strict'
import { createHash, createPublicKey } from 'node:crypto'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { assertE401, assertOk } from './kit/answers.ts'
import { askByAssertion, askWithAssertion } from './kit/ask.ts'
import { type Certificate, makeCertificate, nameOf } from './kit/certificate.ts'
import { cPkj, makeClient, makeKeyClient } from './kit/fixtures.ts'
import type { Answer } from './kit/http.ts'
import {
  assertionClaims,
  compact,
  makePair,
  pairOf,
  type SigningPair,
  signBytes,
} from './kit/jwt.ts'
import { useKeyServer } from './kit/key-server.ts'
import { useMintmark } from './kit/start-domain.ts'
import type { Client, ClientWish } from './kit/test-domain.ts'

const domain = await useMintmark({ environment: { MINTMARK_KEY_SETS_PRIVATE: 'true' } })
const keyServer = await useKeyServer()

/** An assertion with exactly this header, signed as `alg` says. */
const signedAs = (
  client: Pick<Client, 'clientId'>,
  header: Readonly<Record<string, unknown>> & { readonly alg: string },
  pair: Pick<SigningPair, 'privateKey'>,
): Promise<Answer> =>
  askWithAssertion(
    domain,
    compact(header, assertionClaims(client.clientId, domain.issuer), (input) =>
      signBytes(header.alg, pair.privateKey, input),
    ),
  )

const fetches = (path: string): number => keyServer.calls.filter((call) => call === path).length

let lastPath = 0
/** A client whose keys live at a path of the key server. */
const remoteClient = async (pairs: readonly SigningPair[]) => {
  lastPath += 1
  const path = `/keys-${lastPath}`
  const publish = (keys: readonly SigningPair[]) =>
    keyServer.serve(path, { keys: keys.map(({ publicJwk }) => publicJwk) })
  publish(pairs)
  const methods = ['private_key_jwt'] as const
  const client = await makeClient(domain, { methods, jwksUri: keyServer.url + path })
  return { client, publish, path }
}

describe('the algorithm of an assertion', () => {
  it('JA-18 RS256 works; the registered algorithm is the only one', async () => {
    const [rs256, es256] = [makePair('RS256'), makePair('ES256')]
    const both = await makeKeyClient(domain, [es256, rs256])
    assertOk(await askByAssertion(domain, both, {}, rs256))
    const pinned = await makeKeyClient(domain, [es256, rs256], { assertionAlgorithm: 'ES256' })
    assertOk(await askByAssertion(domain, pinned, {}, es256))
    assertE401(await askByAssertion(domain, pinned, {}, rs256))
  })

  it('JA-18 every algorithm that is advertised works with a key of its own', async () => {
    const algorithms = [
      'RS256',
      'RS384',
      'RS512',
      'PS256',
      'PS384',
      'PS512',
      'ES256',
      'ES384',
      'ES512',
      'EdDSA',
      'Ed25519',
    ]
    const rsa = makePair('RS256').privateKey
    const pairs = algorithms.map((alg) => (/^[RP]S/.test(alg) ? pairOf(alg, rsa) : makePair(alg)))
    const client = await makeKeyClient(domain, pairs)
    for (const pair of pairs) assertOk(await askByAssertion(domain, client, {}, pair))
  })

  it('JA-18 a key is used with its own algorithm only', async () => {
    const client = await cPkj(domain)
    const { RS256, PS256, ES256 } = client.pairs as Record<string, SigningPair>
    assert.ok(RS256 && PS256 && ES256)
    const { clientId } = client
    assertE401(await signedAs({ clientId }, { alg: 'PS256', kid: RS256.kid }, RS256))
    assertE401(await signedAs({ clientId }, { alg: 'RS256', kid: PS256.kid }, PS256))
    assertE401(await signedAs({ clientId }, { alg: 'RS384', kid: RS256.kid }, RS256))
    assertE401(await signedAs({ clientId }, { alg: 'ES384', kid: ES256.kid }, ES256))
    for (const alg of ['none', 'None', 'nOnE', '', 'RS256 ', 'rs256', 'HS256']) {
      const header = { alg, kid: RS256.kid }
      const assertion = (signature: Buffer) =>
        askWithAssertion(
          domain,
          compact(header, assertionClaims(clientId, domain.issuer), () => signature),
        )
      assertE401(await assertion(Buffer.alloc(0)))
      assertE401(await assertion(Buffer.alloc(256)))
    }
  })
})

describe('the key of an assertion', () => {
  it('JA-21 the key is chosen by kid, then by fit', async () => {
    const [first, second] = [makePair('ES256'), makePair('ES256')]
    const client = await makeKeyClient(domain, [first, second])
    assertOk(await signedAs(client, { alg: 'ES256', kid: second.kid }, second))
    assertE401(await signedAs(client, { alg: 'ES256', kid: second.kid }, first))
    assertE401(await signedAs(client, { alg: 'ES256', kid: 'unknown' }, first))
    // two keys fit and none is named
    assertE401(await signedAs(client, { alg: 'ES256' }, first))
    const single = await makeKeyClient(domain, [first])
    assertOk(await signedAs(single, { alg: 'ES256' }, first))
    const mixed = await makeKeyClient(domain, [first, makePair('RS256')])
    assertOk(await signedAs(mixed, { alg: 'ES256' }, first))
  })

  it('JA-21 two keys with one kid are told apart by their algorithms', async () => {
    const kid = 'shared'
    const pairs = [makePair('ES256', { kid }), makePair('RS256', { kid })]
    const { client } = await remoteClient(pairs)
    for (const pair of pairs) assertOk(await signedAs(client, { alg: pair.alg, kid }, pair))
  })

  it('JA-21 a key inside the assertion is no key of the client', async () => {
    const own = makePair('ES256')
    const client = await makeKeyClient(domain, [own])
    const stranger = makePair('ES256', { kid: own.kid })
    keyServer.serve('/evil', { keys: [stranger.publicJwk] })
    const { publicJwk } = stranger
    const jwk = createPublicKey(stranger.privateKey).export({ format: 'jwk' })
    for (const more of [
      { jwk },
      { jku: `${keyServer.url}/evil` },
      { x5u: `${keyServer.url}/evil` },
    ]) {
      const header = { alg: 'ES256', kid: own.kid, ...more }
      assertE401(await signedAs(client, header, stranger))
      assertE401(await signedAs(client, { alg: 'ES256', ...more }, stranger))
    }
    assert.equal(fetches('/evil'), 0, `${JSON.stringify(publicJwk)} was fetched`)
  })

  it('JA-21 an unknown kid is looked for once, then it is refused', async () => {
    const pair = makePair('ES256')
    const { client, path } = await remoteClient([pair])
    assertOk(await signedAs(client, { alg: 'ES256', kid: pair.kid }, pair))
    assert.equal(fetches(path), 1)
    const stranger = makePair('ES256')
    for (let at = 0; at < 5; at += 1) {
      assertE401(await signedAs(client, { alg: 'ES256', kid: stranger.kid }, stranger))
    }
    assert.ok(fetches(path) <= 2, `${fetches(path)} fetches`)
  })

  it('JA-22 keys behind a jwks_uri may rotate', async () => {
    const [old, fresh] = [makePair('ES256'), makePair('ES256')]
    const { client, publish, path } = await remoteClient([old])
    assertOk(await askByAssertion(domain, { ...client, pair: old }))
    publish([old, fresh])
    assertOk(await askByAssertion(domain, { ...client, pair: fresh }))
    assertOk(await askByAssertion(domain, { ...client, pair: old }))
    assert.equal(fetches(path), 2)
  })

  it('JA-22 keys that were read go on working while their server is down', async () => {
    const pair = makePair('ES256')
    const { client, path } = await remoteClient([pair])
    assertOk(await askByAssertion(domain, { ...client, pair }))
    keyServer.serve(path, (response) => response.writeHead(503).end())
    assertOk(await askByAssertion(domain, { ...client, pair }))
    const stranger = makePair('ES256')
    assertE401(await askByAssertion(domain, { ...client, pair: stranger }))
    assertOk(await askByAssertion(domain, { ...client, pair }))
  })

  it('JA-22 a key set that is none, too large, slow or elsewhere proves nobody', async () => {
    const pair = makePair('ES256')
    const keys = [pair.publicJwk]
    const large = JSON.stringify({ keys, padding: 'x'.repeat(70_000) })
    const cases: Record<string, (path: string) => void> = {
      'not found': () => {},
      'not JSON': (path) => keyServer.serve(path, (response) => response.end('<html>')),
      'not a set': (path) => keyServer.serve(path, { key: pair.publicJwk }),
      'too large': (path) => keyServer.serve(path, (response) => response.end(large)),
      'a redirect': (path) => {
        keyServer.serve('/elsewhere', { keys })
        keyServer.serve(path, (response) =>
          response.writeHead(302, { location: '/elsewhere' }).end(),
        )
      },
    }
    for (const [what, serve] of Object.entries(cases)) {
      const path = `/${what.replaceAll(' ', '-')}`
      serve(path)
      const client = await makeClient(domain, {
        methods: ['private_key_jwt'],
        jwksUri: keyServer.url + path,
      })
      assertE401(await askByAssertion(domain, { ...client, pair }))
      assert.ok(fetches(path) >= 1, `${what}: never asked`)
    }
    assert.equal(fetches('/elsewhere'), 0)
  })

  it('JA-22 key sets in this network are not fetched unless that is allowed', async () => {
    const strict = await useMintmark()
    const pair = makePair('ES256')
    keyServer.serve('/private', { keys: [pair.publicJwk] })
    const jwksUri = `${keyServer.url}/private`
    const client = await makeClient(strict, { methods: ['private_key_jwt'], jwksUri })
    assertE401(await askByAssertion(strict, { ...client, pair }))
    assert.equal(fetches('/private'), 0)
  })
})

const thumbprint = (algorithm: 'sha1' | 'sha256', certificate: Certificate): string =>
  createHash(algorithm).update(certificate.der).digest('base64url')

describe('certificates of the domain', () => {
  let lastAlias = 0
  /** A client with certificates under aliases, as an identity domain registers them. */
  const certified = async (count: number, wish: ClientWish = {}) => {
    const certificates = Array.from({ length: count }, () => {
      lastAlias += 1
      const { privateKey } = makePair('RS256')
      const certificate = makeCertificate({
        subject: nameOf(['CN', `signer ${lastAlias}`]),
        privateKey,
      })
      return { ...certificate, alias: `alias-${lastAlias}` }
    })
    for (const { alias, der } of certificates) await domain.admin.uploadCertificate(alias, der)
    const aliases = certificates.map(({ alias }) => alias)
    const client = await makeClient(domain, { certificates: aliases, ...wish })
    return { client, certificates }
  }

  it('JA-29 a thumbprint chooses the certificate', async () => {
    const { client, certificates } = await certified(2)
    const [first, second] = certificates
    assert.ok(first && second)
    for (const certificate of [first, second]) {
      const x5t = thumbprint('sha1', certificate)
      const x5tS256 = thumbprint('sha256', certificate)
      const names = [{ x5t }, { 'x5t#S256': x5tS256 }, { x5t, 'x5t#S256': x5tS256 }]
      for (const name of [...names, { kid: certificate.alias }, { kid: certificate.alias, x5t }]) {
        assertOk(await signedAs(client, { alg: 'RS256', ...name }, certificate))
      }
    }
    const mismatches = [
      { x5t: thumbprint('sha1', second) },
      { 'x5t#S256': thumbprint('sha256', second) },
      { kid: second.alias },
      { kid: first.alias, x5t: thumbprint('sha1', second) },
      { x5t: thumbprint('sha1', first), 'x5t#S256': thumbprint('sha256', second) },
      { x5t: 'AAAA' },
      { kid: 'unknown' },
      {},
    ]
    for (const name of mismatches) {
      assertE401(await signedAs(client, { alg: 'RS256', ...name }, first))
    }
  })

  it('JA-29 a certificate of the domain proves those it is attached to', async () => {
    const { certificates } = await certified(1)
    const [certificate] = certificates
    assert.ok(certificate)
    const stranger = await makeClient(domain)
    assertE401(await signedAs(stranger, { alg: 'RS256', kid: certificate.alias }, certificate))
    const x5t = thumbprint('sha1', certificate)
    assertE401(await signedAs(stranger, { alg: 'RS256', x5t }, certificate))
  })

  it('JA-29 a certificate proves nobody any more when its time is over', async () => {
    const { privateKey } = makePair('RS256')
    const lives = [1, 10, 100]
    for (const seconds of lives) {
      const alias = `short ${seconds}`
      // its time is written in whole seconds
      const notAfter = new Date((Math.ceil(Date.now() / 1000) + seconds) * 1000)
      const certificate = makeCertificate({ subject: nameOf(['CN', alias]), privateKey, notAfter })
      await domain.admin.uploadCertificate(alias, certificate.der)
      const client = await makeClient(domain, { certificates: [alias] })
      const ask = () => signedAs(client, { alg: 'RS256', kid: alias }, { privateKey })
      const inTime = await ask()
      // a busy machine has not asked before the end: once more, with one that lives longer
      if (Date.now() >= notAfter.getTime() && seconds !== lives.at(-1)) continue
      assertOk(inTime)
      await sleep(notAfter.getTime() + 100 - Date.now())
      assertE401(await ask())
      return
    }
  })
})
