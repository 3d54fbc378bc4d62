/** Secrets, certificates and refusals through Oracle's SDK; what it lacks, by plain fetch. */
import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict'
import { test } from 'node:test'
import type { models } from 'oci-identitydomains'
import { askByAssertion, askToken } from './kit/ask.ts'
import { makeCertificate, nameOf } from './kit/certificate.ts'
import { makePair } from './kit/jwt.ts'
import {
  assertRefusedBySdk,
  clientApp,
  patchOf,
  resourceApp,
  useOracleSdk,
} from './kit/oracle-sdk.ts'
import { useMintmark } from './kit/start-domain.ts'

const domain = await useMintmark()
const { client, bearer, createApp } = useOracleSdk(domain)
const core = 'urn:ietf:params:scim:schemas:oracle:idcs:'
const audience = 'https://credentials.example/'
const scope = `${audience}read`
await createApp(resourceApp('Credentials API', audience))

const tokenStatus = async (clientId: string, secret: string): Promise<number> =>
  (await askToken(domain, { clientId, secret }, { scope })).status

test('a new secret, which the SDK cannot ask for, ends the old one at once', async () => {
  const { id, name, clientSecret } = await createApp(
    clientApp('Renewed', { allowedScopes: [{ fqs: scope }] }),
  )
  const response = await fetch(`${domain.url}/admin/v1/AppClientSecretRegenerator`, {
    method: 'POST',
    headers: { ...bearer, 'content-type': 'application/scim+json' },
    body: JSON.stringify({ schemas: [`${core}AppClientSecretRegenerator`], appId: id }),
  })
  ok(response.ok, String(response.status))
  const { clientSecret: renewed } = (await response.json()) as { clientSecret: string }
  notEqual(renewed, clientSecret)
  equal(await tokenStatus(name, clientSecret ?? ''), 401)
  equal(await tokenStatus(name, renewed), 200)
})

const certificateOf = (commonName: string) => {
  const pair = makePair('RS256')
  const made = makeCertificate({
    subject: nameOf(['CN', commonName]),
    privateKey: pair.privateKey,
    digest: 'sha256',
  })
  return { pair, der: made.der.toString('base64') }
}

test('a client proves itself by an assertion signed with the key of its certificate', async () => {
  const certificateAlias = 'sdk-signer'
  const { pair, der } = certificateOf('sdk-signer')
  const body: models.OAuthClientCertificate = {
    schemas: [`${core}OAuthClientCertificate`],
    certificateAlias,
    x509Base64Certificate: der,
  }
  const { oAuthClientCertificate: uploaded } = await client.createOAuthClientCertificate({
    oAuthClientCertificate: body,
    ...bearer,
  })
  equal(uploaded.x509Base64Certificate, der)
  for (const time of [uploaded.certStartDate, uploaded.certEndDate]) {
    match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  }
  ok(uploaded.sha1Thumbprint && uploaded.sha256Thumbprint)
  const made = await createApp(
    clientApp('Signs', {
      allowedScopes: [{ fqs: scope }],
      certificates: [{ certAlias: certificateAlias }],
    }),
  )
  deepEqual(
    made.certificates?.map(({ certAlias, kid, x509Base64Certificate }) => [
      certAlias,
      kid,
      x509Base64Certificate,
    ]),
    [[certificateAlias, certificateAlias, der]],
  )
  const signer = {
    id: made.id,
    clientId: made.name,
    secret: '',
    pair: { ...pair, kid: certificateAlias },
  }
  const answer = await askByAssertion(domain, signer, {}, signer.pair)
  equal(answer.status, 200, answer.text)
  const stranger = certificateOf('stranger').pair
  const refused = await askByAssertion(domain, signer, {}, { ...stranger, kid: certificateAlias })
  equal(refused.status, 401)

  const oAuthClientCertificateId = uploaded.id ?? ''
  const { oAuthClientCertificate: read } = await client.getOAuthClientCertificate({
    oAuthClientCertificateId,
    ...bearer,
  })
  equal(read.certificateAlias, certificateAlias)
  const listed = await client.listOAuthClientCertificates({
    ...bearer,
    filter: `certificateAlias eq "${certificateAlias.toUpperCase()}"`,
  })
  equal(listed.oAuthClientCertificates.totalResults, 1)
  await assertRefusedBySdk(
    client.createOAuthClientCertificate({ oAuthClientCertificate: body, ...bearer }),
    409,
  )
  await assertRefusedBySdk(
    client.deleteOAuthClientCertificate({ oAuthClientCertificateId, ...bearer }),
    400,
  ) // an application signs with it
  await client.patchApp({
    appId: made.id,
    ...bearer,
    patchOp: patchOf({ op: 'REMOVE', path: `certificates[certAlias eq "${certificateAlias}"]` }),
  })
  equal((await askByAssertion(domain, signer, {}, signer.pair)).status, 401)
  await client.deleteOAuthClientCertificate({ oAuthClientCertificateId, ...bearer })
  await assertRefusedBySdk(
    client.getOAuthClientCertificate({ oAuthClientCertificateId, ...bearer }),
    404,
  )
})

test('an authority of partners is uploaded, listed and taken away', async () => {
  const body: models.OAuthPartnerCertificate = {
    schemas: [`${core}OAuthPartnerCertificate`],
    certificateAlias: 'sdk-partner',
    x509Base64Certificate: domain.clientAuthority.der.toString('base64'),
  }
  const { oAuthPartnerCertificate: made } = await client.createOAuthPartnerCertificate({
    oAuthPartnerCertificate: body,
    ...bearer,
  })
  const { oAuthPartnerCertificates: found } = await client.listOAuthPartnerCertificates({
    ...bearer,
    filter: 'certificateAlias eq "sdk-partner"',
  })
  equal(found.resources?.[0]?.id, made.id)
  const oAuthPartnerCertificateId = made.id ?? ''
  await client.deleteOAuthPartnerCertificate({ oAuthPartnerCertificateId, ...bearer })
  await assertRefusedBySdk(
    client.getOAuthPartnerCertificate({ oAuthPartnerCertificateId, ...bearer }),
    404,
  )
})

test('a credential of its own for named scopes: its secret once, then another', async () => {
  const { oAuth2ClientCredential: made } = await client.createOAuth2ClientCredential({
    oAuth2ClientCredential: {
      schemas: [`${core}oauth2ClientCredential`],
      name: 'SDK nightly',
      scopes: [{ audience, scope: 'read' }],
    },
    ...bearer,
  })
  const oAuth2ClientCredentialId = made.id ?? ''
  equal(await tokenStatus(oAuth2ClientCredentialId, made.secret ?? ''), 200)
  const { oAuth2ClientCredentials: listed } = await client.listOAuth2ClientCredentials({
    ...bearer,
    filter: 'name eq "sdk nightly"',
  })
  deepEqual([listed.totalResults, listed.resources?.[0]?.secret], [1, undefined])
  const { oAuth2ClientCredential: renewed } = await client.patchOAuth2ClientCredential({
    oAuth2ClientCredentialId,
    ...bearer,
    patchOp: patchOf({ op: 'REPLACE', path: 'isResetSecret', value: true }),
  })
  equal(await tokenStatus(oAuth2ClientCredentialId, made.secret ?? ''), 401)
  equal(await tokenStatus(oAuth2ClientCredentialId, renewed.secret ?? ''), 200)
  await client.deleteOAuth2ClientCredential({ oAuth2ClientCredentialId, ...bearer })
  equal(await tokenStatus(oAuth2ClientCredentialId, renewed.secret ?? ''), 401)
})

test('refusals come to the SDK with their status', async () => {
  const { id: appId } = await createApp(clientApp('Refused'))
  const { app } = await client.getApp({ appId, ...bearer })
  const patchOp = patchOf({ op: 'REPLACE', path: 'description', value: 'x' })
  const rows: readonly (readonly [number, () => Promise<unknown>])[] = [
    [401, () => client.getApp({ appId })],
    [401, () => client.getApp({ appId, authorization: 'Bearer nonsense' })],
    [404, () => client.getApp({ appId: '0'.repeat(32), ...bearer })],
    [404, () => client.patchApp({ appId: '0'.repeat(32), patchOp, ...bearer })],
    [404, () => client.deleteApp({ appId: '0'.repeat(32), ...bearer })],
    [409, () => client.createApp({ app: clientApp('REFUSED'), ...bearer })],
    [
      400,
      () =>
        client.createApp({
          app: { ...clientApp('Bare'), displayName: undefined as never },
          ...bearer,
        }),
    ],
    [
      400,
      () =>
        client.createApp({
          app: clientApp('Public', { clientType: 'public' as models.App.ClientType }),
          ...bearer,
        }),
    ],
    [
      400,
      () =>
        client.createApp({
          app: clientApp('Dangling', { allowedScopes: [{ fqs: 'urn:none' }] }),
          ...bearer,
        }),
    ],
    [400, () => client.putApp({ appId, app: { ...app, name: 'other' }, ...bearer })],
    [
      400,
      () =>
        client.patchApp({
          appId,
          patchOp: patchOf({ op: 'REPLACE', path: 'name', value: 'other' }),
          ...bearer,
        }),
    ],
    [
      400,
      () =>
        client.patchApp({
          appId,
          patchOp: patchOf({ op: 'REPLACE', path: 'grantedAppRoles', value: [] }),
          ...bearer,
        }),
    ],
    [412, () => client.patchApp({ appId, patchOp, ifMatch: '0'.repeat(32), ...bearer })],
    [412, () => client.putApp({ appId, app, ifMatch: '"stale"', ...bearer })],
    [412, () => client.deleteApp({ appId, ifMatch: 'stale', ...bearer })],
  ]
  for (const [status, work] of rows) await assertRefusedBySdk(work(), status)
  const ifMatch = app.meta?.version ?? ''
  equal((await client.patchApp({ appId, patchOp, ifMatch, ...bearer })).app.description, 'x')
  await assertRefusedBySdk(client.patchApp({ appId, patchOp, ifMatch, ...bearer }), 412)
})
