import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assertE401, assertOk } from './kit/answers.ts'
import { askSecurely, basicOf, post } from './kit/ask.ts'
import { type Certificate, makeAuthority, makeCertificate, nameOf } from './kit/certificate.ts'
import { cBasic, clientCertificate, cPkj, cSelf, cTls, makeClient } from './kit/fixtures.ts'
import { type Answer, type Shown, send } from './kit/http.ts'
import { assertionType, makeAssertion, makePair } from './kit/jwt.ts'
import { useKeyServer } from './kit/key-server.ts'
import { useMintmark } from './kit/start-domain.ts'
import { type Client, introspectionPath, revocationPath, tokenPath } from './kit/test-domain.ts'
import { askOverSession } from './kit/tls-session.ts'

const domain = await useMintmark({ environment: { MINTMARK_KEY_SETS_PRIVATE: 'true' } })
const keyServer = await useKeyServer()

const showing = ({ pem, keyPem }: Pick<Certificate, 'pem' | 'keyPem'>): Shown => ({
  cert: pem,
  key: keyPem,
})

const askAs = (client: Pick<Client, 'clientId'>, shown?: Shown): Promise<Answer> =>
  askSecurely(domain, { client_id: client.clientId }, { shown })

/** A client that the subject of a certificate proves. */
const named = (commonName: string, more: Parameters<typeof makeClient>[1] = {}): Promise<Client> =>
  makeClient(domain, {
    methods: ['tls_client_auth'],
    certificateSubject: { kind: 'subject_dn', value: `CN=${commonName}` },
    ...more,
  })

const certified = (commonName: string) =>
  clientCertificate(domain, { subject: nameOf(['CN', commonName]) })

/** No token, whether the handshake or the request is what fails. */
const assertNoToken = async (attempt: Promise<Answer>): Promise<void> => {
  let answer: Answer
  try {
    answer = await attempt
  } catch (error) {
    assert.match(
      String((error as NodeJS.ErrnoException).code),
      /^(?:ERR_SSL|ECONNRESET|EPIPE|ERR_TLS)/,
    )
    return
  }
  assertE401(answer)
}

describe('a certificate proves a client', () => {
  it('MT-01 a certificate is proven in the handshake', async () => {
    const client = await cTls(domain, 'subject_dn')
    assertOk(await askAs(client, client.shown))
    const { pem, der } = client.certificate
    const client_id = client.clientId
    const headers = {
      'client-cert': `:${der.toString('base64')}:`,
      'x-ssl-client-cert': encodeURIComponent(pem),
    }
    assertE401(await askSecurely(domain, { client_id }, { headers }))
    assertE401(await askSecurely(domain, { client_id, client_certificate: pem }))
    const plain = { grant_type: 'client_credentials', client_id, client_cert: pem }
    assertE401(await post(domain, tokenPath, plain, headers))
  })

  it('MT-02 client_id is sent', async () => {
    const client = await cTls(domain, 'subject_dn')
    assertE401(await askSecurely(domain, {}, { shown: client.shown }))
    assertE401(await askSecurely(domain, { client_id: '' }, { shown: client.shown }))
  })

  it("MT-03 none, or another's, is invalid_client", async () => {
    const client = await cTls(domain, 'subject_dn')
    const other = await cTls(domain, 'san_dns')
    assertE401(await askAs(client))
    assertE401(await askAs(other, client.shown))
    assertE401(await askAs(client, (await cSelf(domain)).shown))
    assertE401(await askAs({ clientId: 'nobody' }, client.shown))
    assertE401(await askAs(await cBasic(domain), client.shown))
    await domain.setActive(other, false)
    assertE401(await askAs(other, other.shown))
    await domain.setActive(other, true)
    assertOk(await askAs(other, other.shown))
  })

  it('MT-03 beside a secret, a certificate must be the client own', async () => {
    const client = await makeClient(domain, {
      certificateSubject: { kind: 'subject_dn', value: 'CN=beside' },
    })
    const headers = basicOf(client)
    const parameters = { client_id: client.clientId }
    const { shown } = certified('beside')
    assertOk(await askSecurely(domain, parameters, { headers, shown }))
    assertOk(await askSecurely(domain, parameters, { headers }))
    const stranger = certified('somebody else').shown
    assertE401(await askSecurely(domain, parameters, { headers, shown: stranger }))
    const wrong = basicOf({ ...client, secret: 'wrong' })
    assertE401(await askSecurely(domain, parameters, { headers: wrong, shown }))
    const self = makeCertificate({ subject: nameOf(['CN', 'beside']) })
    assertE401(await askSecurely(domain, parameters, { headers, shown: showing(self) }))
  })

  it('MT-04 exactly one name is registered', async () => {
    const methods = ['tls_client_auth'] as const
    await assert.rejects(() => makeClient(domain, { methods }), /400/)
    const one = { kind: 'subject_dn', value: 'CN=a' }
    const two = [one, { kind: 'san_dns', value: 'a.example' }]
    const wrong: readonly unknown[] = [
      two,
      { ...one, san_dns: 'a.example' },
      { kind: ['subject_dn', 'san_dns'], value: 'CN=a' },
      { kind: 'common_name', value: 'a' },
      { kind: 'subject_dn' },
      { kind: 'subject_dn', value: '' },
      { kind: 'subject_dn', value: '/CN=a' },
      { kind: 'san_ip', value: '10.0.0' },
    ]
    for (const certificateSubject of wrong) {
      const wish = { methods, certificateSubject: certificateSubject as typeof one }
      await assert.rejects(
        () => makeClient(domain, wish),
        /400/,
        JSON.stringify(certificateSubject),
      )
    }
  })

  it('MT-11 an anchor counts for whom it is configured', async () => {
    const own = makeAuthority('Authority of one client')
    const other = makeAuthority('Authority of another client')
    const anchored = (authority: Certificate) =>
      named('anchored', { certificateAnchors: [authority.der.toString('base64')] })
    const [client, second] = [await anchored(own), await anchored(other)]
    const everybody = await named('anchored')
    const subject = nameOf(['CN', 'anchored'])
    const by = (issuer: Certificate) =>
      showing(makeCertificate({ subject, issuer, purposes: ['clientAuth'] }))
    assertOk(await askAs(client, by(own)))
    assertOk(await askAs(second, by(other)))
    await assertNoToken(askAs(client, by(other)))
    await assertNoToken(askAs(second, by(own)))
    // the authority of the door is not this client's, and theirs are not the door's
    await assertNoToken(askAs(client, by(domain.clientAuthority)))
    await assertNoToken(askAs(everybody, by(own)))
    assertOk(await askAs(everybody, by(domain.clientAuthority)))
  })

  it('MT-26 a renewed certificate with the same name works', async () => {
    const client = await named('renewed')
    const [before, after] = [certified('renewed'), certified('renewed')]
    assert.notDeepEqual(before.der, after.der)
    assertOk(await askAs(client, before.shown))
    assertOk(await askAs(client, after.shown))
  })
})

describe('self-signed certificates', () => {
  it('MT-13 self-signed: the registered certificate itself', async () => {
    const client = await cSelf(domain)
    assertOk(await askAs(client, client.shown))
    const { privateKey, subject } = client.certificate
    const sameKey = makeCertificate({ subject, privateKey })
    assertE401(await askAs(client, showing(sameKey)))
    const issued = clientCertificate(domain, { subject, privateKey })
    assertE401(await askAs(client, issued.shown))
  })

  it('MT-13 one uploaded to the domain and attached by its alias', async () => {
    const certificate = makeCertificate({ subject: nameOf(['CN', 'uploaded']) })
    await domain.admin.uploadCertificate('uploaded', certificate.der)
    const client = await makeClient(domain, { certificates: ['uploaded'] })
    assertOk(await askAs(client, showing(certificate)))
    assertE401(await askAs(await makeClient(domain), showing(certificate)))
  })

  it('MT-13 by its name, where it is uploaded for assertions', async () => {
    const certificate = certified('both')
    await domain.admin.uploadCertificate('both', certificate.der)
    const methods = ['tls_client_auth', 'private_key_jwt'] as const
    const client = await named('both', { certificates: ['both'], methods })
    assertOk(await askAs(client, certificate.shown))
    const other = await named('another', { certificates: ['both'], methods })
    assertE401(await askAs(other, certificate.shown))
  })

  it('MT-13 past its time it proves nobody', async () => {
    const dayMs = 86_400_000
    const pair = makePair('ES256')
    const notBefore = new Date(Date.now() - 2 * dayMs)
    const notAfter = new Date(Date.now() - dayMs)
    const { privateKey } = pair
    const subject = nameOf(['CN', 'over'])
    const over = makeCertificate({ subject, privateKey, notBefore, notAfter })
    const keys = [{ ...pair.publicJwk, x5c: [over.der.toString('base64')] }]
    const client = await makeClient(domain, { methods: ['self_signed_tls_client_auth'], keys })
    await assertNoToken(askAs(client, showing(over)))
  })

  it('MT-14 self-signed certificates come with the keys', async () => {
    const pairs = [makePair('ES256'), makePair('ES256')]
    const certificates = pairs.map(({ privateKey }) =>
      makeCertificate({ subject: nameOf(['CN', 'remote']), privateKey }),
    )
    const [first, second] = certificates
    assert.ok(first && second)
    const setOf = (at: number) => {
      const x5c = [certificates[at]?.der.toString('base64')]
      return { keys: [{ ...pairs[at]?.publicJwk, x5c }] }
    }
    keyServer.serve('/self', setOf(0))
    const client = await makeClient(domain, {
      methods: ['self_signed_tls_client_auth'],
      jwksUri: `${keyServer.url}/self`,
    })
    const fetches = () => keyServer.calls.filter((path) => path === '/self').length
    assertOk(await askAs(client, showing(first)))
    assertOk(await askAs(client, showing(first)))
    assert.equal(fetches(), 1)
    keyServer.serve('/self', setOf(1))
    assertOk(await askAs(client, showing(second)))
    assertE401(await askAs(client, showing(first)))
    assert.equal(fetches(), 2)
  })

  it('MT-14 a certificate that is of another key is not registered', async () => {
    const [pair, other] = [makePair('ES256'), makePair('ES256')]
    const { der } = makeCertificate({ subject: nameOf(['CN', 'x']), privateKey: other.privateKey })
    const keys = [{ ...pair.publicJwk, x5c: [der.toString('base64')] }]
    const methods = ['self_signed_tls_client_auth'] as const
    await assert.rejects(() => makeClient(domain, { methods, keys }), /400/)
    const broken = [{ ...pair.publicJwk, x5c: ['AAAA'] }]
    await assert.rejects(() => makeClient(domain, { methods, keys: broken }), /400/)
  })
})

describe('the address that asks for certificates', () => {
  it('MT-21 aliases ask for a certificate, the plain address does not', async () => {
    const url = `${domain.url}/.well-known/oauth-authorization-server`
    const metadata = (await send({ url, method: 'GET' })).json ?? {}
    assert.deepEqual(metadata['mtls_endpoint_aliases'], {
      token_endpoint: domain.secureUrl + tokenPath,
      introspection_endpoint: domain.secureUrl + introspectionPath,
      revocation_endpoint: domain.secureUrl + revocationPath,
    })
    assert.equal(metadata['token_endpoint'], domain.url + tokenPath)
    assert.ok(domain.url.startsWith('http:'))
    const client = await cTls(domain, 'subject_dn')
    const token = assertOk(await askAs(client, client.shown))
    for (const path of [introspectionPath, revocationPath]) {
      const answer = await send({
        url: domain.secureUrl + path,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ client_id: client.clientId, token }).toString(),
        authority: domain.authority,
        shown: client.shown,
      })
      assert.equal(answer.status, 200, answer.text)
    }
    // asked for, and not demanded
    assertOk(await askSecurely(domain, {}, { headers: basicOf(await cBasic(domain)) }))
  })

  it('MT-22 an alias does not change who we are', async () => {
    const client = await cPkj(domain)
    const ask = (audience: string) =>
      askSecurely(domain, {
        client_assertion_type: assertionType,
        client_assertion: makeAssertion(client, audience, client.pair),
      })
    assertOk(await ask(domain.issuer))
    for (const audience of [domain.secureUrl, domain.secureUrl + tokenPath]) {
      assertE401(await ask(audience))
    }
    const url = `${domain.secureUrl}/.well-known/oauth-authorization-server`
    const metadata = await send({ url, method: 'GET', authority: domain.authority })
    assert.equal(metadata.json?.['issuer'], domain.issuer)
  })

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`MT-25 a resumed session keeps its identity (${maxVersion})`, async () => {
      const [one, other] = [await named('session one'), await named('session other')]
      const [ofOne, ofOther] = [certified('session one').shown, certified('session other').shown]
      const ask = (client: Client, shown?: Shown, session?: Buffer | null) =>
        askOverSession({
          url: domain.secureUrl,
          path: tokenPath,
          parameters: { grant_type: 'client_credentials', client_id: client.clientId },
          authority: domain.authority,
          shown,
          session: session ?? undefined,
          maxVersion,
        })
      const first = await ask(one, ofOne)
      assertOk(first.answer)
      assert.ok(first.session !== null, 'the server gave no session to take up')
      const again = await ask(one, ofOne, first.session)
      assertOk(again.answer)
      // whoever holds the session of one is never the other, whatever is shown with it
      const stranger = await ask(other, ofOther, first.session)
      if (stranger.resumed) assertE401(stranger.answer)
      const bare = await ask(other)
      assertE401(bare.answer)
      const resumedBare = await ask(other, ofOther, bare.session)
      if (resumedBare.resumed) assertE401(resumedBare.answer)
      assertE401((await ask(one, undefined, bare.session)).answer)
    })
  }
})

describe('certificates in headers', () => {
  const certificateHeaders = (certificate: Certificate): Readonly<Record<string, string>> => ({
    'client-cert': `:${certificate.der.toString('base64')}:`,
    'x-ssl-client-cert': encodeURIComponent(certificate.pem),
    'x-forwarded-client-cert': `Cert="${encodeURIComponent(certificate.pem)}"`,
    ssl_client_cert: encodeURIComponent(certificate.pem),
  })
  const { environment } = { environment: { MINTMARK_TRUSTED_PROXIES: '127.0.0.0/8,::1/128' } }

  it('MT-23 a certificate in a header counts from a trusted proxy only', async () => {
    const client = await cTls(domain, 'subject_dn')
    const parameters = { grant_type: 'client_credentials', client_id: client.clientId }
    const headers = certificateHeaders(client.certificate)
    assertE401(await post(domain, tokenPath, parameters, headers))
    assertE401(await askSecurely(domain, parameters, { headers }))

    const behind = await useMintmark({ environment })
    const behindClient = await cTls(behind, 'subject_dn')
    const behindOther = clientCertificate(behind, { subject: nameOf(['CN', 'somebody else']) })
    const mine = { ...parameters, client_id: behindClient.clientId }
    const header = certificateHeaders(behindClient.certificate)['client-cert'] as string
    assertOk(await post(behind, tokenPath, mine, { 'client-cert': header }))
    assertE401(await post(behind, tokenPath, mine))
    const others = certificateHeaders(behindOther)['client-cert'] as string
    assertE401(await post(behind, tokenPath, mine, { 'client-cert': others }))
    // only the field of RFC 9440 is read
    for (const name of ['x-ssl-client-cert', 'x-forwarded-client-cert', 'ssl_client_cert']) {
      const value = certificateHeaders(behindClient.certificate)[name] as string
      assertE401(await post(behind, tokenPath, mine, { [name]: value }))
    }
    // who shows one certificate and sends another is the one in the handshake, or refused
    const { shown } = behindOther
    const both = await askSecurely(behind, mine, { shown, headers: { 'client-cert': header } })
    assert.ok([400, 401].includes(both.status), both.text)
  })

  it('MT-24 the header is read strictly', async () => {
    const behind = await useMintmark({ environment })
    const client = await cTls(behind, 'subject_dn')
    const parameters = { grant_type: 'client_credentials', client_id: client.clientId }
    const base64 = client.certificate.der.toString('base64')
    const ask = (value: string | readonly string[]) =>
      post(behind, tokenPath, parameters, { 'client-cert': value })
    assertOk(await ask(`:${base64}:`))
    const wrong = [
      base64,
      `:${base64}`,
      `${base64}:`,
      `:${base64}: x`,
      `:${base64}:;a=1`,
      `:${base64}:, :${base64}:`,
      `:${base64.slice(0, -8)}:`,
      `:${base64}AAAA:`,
      `:${base64.slice(0, 40)} ${base64.slice(40)}:`,
      `:${base64.replace(/.$/, '!')}:`,
      `:${client.certificate.der.toString('base64url')}-_:`,
      '::',
      ':AAAA:',
      `"${base64}"`,
      encodeURIComponent(client.certificate.pem),
    ]
    for (const value of wrong) {
      const answer = await ask(value)
      assert.ok([400, 401].includes(answer.status), `${value.slice(0, 30)}: ${answer.text}`)
      assert.ok(answer.json?.['access_token'] === undefined)
    }
    const twice = await ask([`:${base64}:`, `:${base64}:`])
    assert.ok([400, 401].includes(twice.status), twice.text)
  })
})
