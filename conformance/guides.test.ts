/*
 * The command lines of the five guides people follow with an Oracle identity domain: the same
 * programs, options and forms; only host and credentials are ours.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { appExtension, appSchema } from './kit/administration.ts'
import { issue } from './kit/afterlife.ts'
import { assertE400, assertE401, assertOk } from './kit/answers.ts'
import { askToken, askTokenInBody, askWithAssertion, post } from './kit/ask.ts'
import { makeAuthority, makeCertificate, nameOf } from './kit/certificate.ts'
import { curlSkip, runCurl, runShell } from './kit/curl.ts'
import { cBasic, cNoCC, cPub, makeClient, rs, rsAudience } from './kit/fixtures.ts'
import { type Answer, send } from './kit/http.ts'
import { decode, makeAssertion, makePair } from './kit/jwt.ts'
import { useMintmark } from './kit/start-domain.ts'
import { type Client, introspectionPath, tokenPath } from './kit/test-domain.ts'

const domain = await useMintmark()
await rs(domain)
const scope = `${rsAudience}api:read`

const directory = mkdtempSync(join(tmpdir(), 'mintmark-guides-'))
after(() => rmSync(directory, { recursive: true }))
/** A file that a command line names. */
const file = (name: string, text: string): string => {
  const path = join(directory, name)
  writeFileSync(path, text, { mode: 0o600 })
  return path
}
const ca = file('ca.crt', domain.authority)

/** `<base64Encoded clientid:secret>` as people make it: nothing encoded before. */
const base64 = ({ clientId, secret }: Pick<Client, 'clientId' | 'secret'>): string =>
  Buffer.from(`${clientId}:${secret}`).toString('base64')

/** The https address of the domain, which a certificate of our own authority vouches for. */
const https = `${domain.secureUrl}${tokenPath} --cacert ${ca}`
const http = `${domain.url}${tokenPath}`

describe('identity domain guide, IDCS guide', { skip: curlSkip }, () => {
  for (const [door, url] of [
    ['https', https],
    ['http', http],
  ] as const) {
    it(`example request using the Authorization header (${door})`, async () => {
      const client = await makeClient(domain)
      const answer = await runCurl(`curl -i \\
        -H 'Authorization: Basic ${base64(client)}' \\
        -H 'Content-Type: application/x-www-form-urlencoded;charset=UTF-8' \\
        --request POST ${url} -d 'grant_type=client_credentials&scope=${scope}'`)
      const { claims } = decode(assertOk(answer))
      assert.equal(claims['scope'], 'api:read')
    })

    it(`example request using a JWT client assertion (${door})`, async () => {
      const { privateKey } = makePair('RS256')
      const alias = `guide-${door}`
      const certificate = makeCertificate({ subject: nameOf(['CN', alias]), privateKey })
      await domain.admin.uploadCertificate(alias, certificate.der)
      const client = await makeClient(domain, { certificates: [alias] })
      const pair = { alg: 'RS256', kid: alias, privateKey }
      // as the domain's own tools make them: no typ, an hour, no jti
      const hourAhead = Math.floor(Date.now() / 1000) + 3600
      const wish = { header: { typ: undefined }, claims: { jti: undefined, exp: hourAhead } }
      const audience = door === 'https' ? `${domain.url}/` : domain.url
      const assertion = makeAssertion(client, audience, pair, wish)
      const data =
        `grant_type=client_credentials&client_id=${client.clientId}` +
        '&client_assertion_type=' +
        'urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer' +
        `&client_assertion=${assertion}&scope=${scope}`
      const command = `curl -i \\
        -H 'Content-Type: application/x-www-form-urlencoded;charset=UTF-8' \\
        --request POST ${url} -d '${data}'`
      assert.equal(decode(assertOk(await runCurl(command))).claims['sub'], client.clientId)
      // whoever pastes the line a second time gets a token as well
      assertOk(await runCurl(command))
    })
  }

  it('the secure domain URL is found where the guide says', async () => {
    const { stdout } = await runShell(`curl -s ${domain.url}/.well-known/idcs-configuration`)
    const configuration = JSON.parse(stdout)['openid-configuration']
    assert.equal(configuration.secure_token_endpoint, domain.secureUrl + tokenPath)
  })

  it('example request using mTLS', async () => {
    const administrator = await makeClient(domain, {
      certificateSubject: { kind: 'subject_dn', value: 'CN=guide-mtls' },
    })
    const role = await administratorRole('Application Administrator')
    await domain.admin.grantRole('IDCSAppId', role, administrator)
    const subject = nameOf(['CN', 'guide-mtls'])
    const issuer = domain.clientAuthority
    const made = makeCertificate({ subject, issuer, purposes: ['clientAuth'] })
    const [cert, key] = [file('cert.crt', made.pem), file('key.key', made.keyPem)]
    const { stdout, stderr } = await runShell(`curl -v \\
      --cert ${cert} \\
      --key ${key} \\
      --cacert ${ca} \\
      --location '${domain.secureUrl}/oauth2/v1/token' \\
      --header 'Authorization: Basic ${base64(administrator)}' \\
      --header 'Content-Type: application/x-www-form-urlencoded' \\
      --data-urlencode 'grant_type=client_credentials' \\
      --data-urlencode 'client_id=${administrator.clientId}' \\
      --data-urlencode 'scope=urn:opc:idm:_myscopes_'`)
    assert.match(stderr, /HTTP\/1\.1 200/)
    const answer = JSON.parse(stdout) as Record<string, string>
    const { claims } = decode(answer['access_token'] ?? '')
    assert.match(String(claims['scope']), /urn:opc:idm:t\.app/)
    assert.deepEqual(claims['clientAppRoles'], ['Application Administrator'])
    const apps = await runShell(
      `curl -s -H 'Authorization: Bearer ${answer['access_token']}' ${domain.url}/admin/v1/Apps`,
    )
    assert.ok(JSON.parse(apps.stdout).totalResults > 0, apps.stdout)
  })

  it('the mTLS request fails with a certificate of somebody else', async () => {
    const client = await makeClient(domain, {
      certificateSubject: { kind: 'subject_dn', value: 'CN=guide-mtls-2' },
    })
    const other = makeCertificate({ subject: nameOf(['CN', 'x']), issuer: makeAuthority('other') })
    const [cert, key] = [file('other.crt', other.pem), file('other.key', other.keyPem)]
    const answer = await runCurl(`curl -i -s \\
      --cert ${cert} --key ${key} --cacert ${ca} \\
      --location '${domain.secureUrl}/oauth2/v1/token' \\
      --header 'Authorization: Basic ${base64(client)}' \\
      --header 'Content-Type: application/x-www-form-urlencoded' \\
      --data-urlencode 'grant_type=client_credentials' \\
      --data-urlencode 'client_id=${client.clientId}' \\
      --data-urlencode 'scope=${scope}'`)
    assertE401(answer)
  })
})

/** `id` of a role of the domain itself. */
const administratorRole = async (name: string): Promise<string> => {
  const filter = encodeURIComponent(`displayName eq "${name}"`)
  const found = await domain.admin.call('GET', `/AppRoles?filter=${filter}`)
  const [role] = found['Resources'] as { id: string }[]
  assert.ok(role !== undefined, `no role is called ${name}`)
  return role.id
}

describe('B2C Service guide', { skip: curlSkip }, () => {
  it('credentials in the body, and a scope that ends with all', async () => {
    const audience = 'https://service.example/services/rest/connect/'
    await domain.createApi({ audience, scopes: ['all'] })
    const client = await domain.createClient({ scopes: [`${audience}all`] })
    const answer = await runCurl(`curl -i --request POST ${http} \\
      -H 'Content-Type: application/x-www-form-urlencoded' \\
      -d 'scope=${audience}all' \\
      -d 'client_id=${client.clientId}' \\
      -d 'client_secret=${client.secret}' \\
      -d 'grant_type=client_credentials'`)
    const { claims } = decode(assertOk(answer))
    // the account over there is named like the client
    assert.equal(claims['sub'], client.clientId)
    assert.equal(claims['aud'], audience)
    assert.equal(claims['scope'], 'all')
  })
})

describe('Integration guide', { skip: curlSkip }, () => {
  const audience = 'https://0123456789ABCDEF.integration.example:443'
  const consumerAll = 'urn:opc:resource:consumer::all'

  it('the steps, one after the other', async () => {
    const integration = await domain.createApi({ audience, scopes: [consumerAll, 'ic/api/'] })
    const invoker = await domain.admin.createRole(integration, 'ServiceInvoker', [])
    // add a confidential application: client credentials, specific resources, two scopes
    const created = await domain.admin.call('POST', '/Apps', {
      schemas: [appSchema, appExtension],
      displayName: 'Guide: calls Integration',
      basedOnTemplate: { value: 'CustomWebAppTemplateId' },
      isOAuthClient: true,
      clientType: 'confidential',
      active: false,
      allowedGrants: ['client_credentials'],
      trustScope: 'Explicit',
      allowedScopes: [{ fqs: `${audience}${consumerAll}` }, { fqs: `${audience}ic/api/` }],
      [appExtension]: { secret: null },
    })
    const client = { id: String(created['id']), clientId: String(created['name']), secret: '' }
    assert.equal(created['active'], false)
    // the application of the instance: the role to the client application
    await domain.admin.grantRole(integration.id, invoker, client)
    // activate
    await domain.setActive(client, true)
    // note client id and client secret
    const { secret } = await domain.rotateSecret(client, 0)
    const command = (more = '') => `curl -i \\
      -H 'Authorization: Basic ${base64({ ...client, secret })}' \\
      -H 'Content-Type: application/x-www-form-urlencoded;charset=UTF-8' \\
      --request POST ${https} -d 'grant_type=client_credentials&scope=${audience}${more}'`
    const answer = await runCurl(command(consumerAll))
    const token = assertOk(answer)
    assert.deepEqual(Object.keys(answer.json ?? {}), ['access_token', 'token_type', 'expires_in'])
    assert.equal(answer.json?.['token_type'], 'Bearer')
    assert.equal(answer.json?.['expires_in'], 3600)
    assert.match(token, /^eyJ4NXQj/)
    const { claims } = decode(token)
    assert.deepEqual([claims['aud'], claims['scope']], [audience, consumerAll])
    assert.equal(decode(assertOk(await runCurl(command('ic/api/')))).claims['scope'], 'ic/api/')
    // deactivated, it gets nothing
    await domain.setActive(client, false)
    assertE401(await runCurl(command(consumerAll)))
  })
})

describe('Siebel guide', { skip: curlSkip }, () => {
  it('a token, and the application that introspects it', async () => {
    const audience = 'https://siebel.example:9001/siebel/v1.0/'
    await domain.createApi({ audience, scopes: ['data'] })
    const scopes = [`${audience}data`]
    const business = await domain.createClient({ scopes })
    const siebel = await domain.createClient({ scopes, operations: ['introspect'] })
    const asked = await runCurl(`curl -i --request POST ${http} \\
      -d 'grant_type=client_credentials' -d 'scope=${audience}data' \\
      -d 'client_id=${business.clientId}&client_secret=${business.secret}'`)
    const token = assertOk(asked)
    const introspect = (text: string) =>
      runCurl(`curl -i --request POST ${domain.url}${introspectionPath} \\
        -H 'Authorization: Basic ${base64(siebel)}' \\
        -H 'Content-Type: application/x-www-form-urlencoded' \\
        -d 'token=${text}'`)
    const { json } = await introspect(token)
    const { claims } = decode(token)
    const told = Object.fromEntries(
      [
        'active',
        'scope',
        'client_id',
        'client_guid',
        'token_type',
        'sub_type',
        'exp',
        'iat',
        'sub',
      ].map((name) => [name, json?.[name]]),
    )
    assert.deepEqual(told, {
      active: true,
      scope: 'data',
      client_id: business.clientId,
      client_guid: business.id,
      token_type: 'JWT',
      sub_type: 'client',
      exp: claims['exp'],
      iat: claims['iat'],
      sub: business.clientId,
    })
    await domain.setActive(business, false)
    assert.deepEqual((await introspect(token)).json, { active: false })
  })
})

describe('the function table of the identity domain guide', () => {
  it('requires client authentication: yes', async () => {
    const grant = { grant_type: 'client_credentials' }
    assertE401(await post(domain, tokenPath, grant))
    const { clientId } = await cBasic(domain)
    assertE401(await post(domain, tokenPath, { ...grant, client_id: clientId }))
    assertE401(
      await post(domain, tokenPath, { ...grant, client_id: (await cPub(domain)).clientId }),
    )
    assertOk(await askToken(domain, await cBasic(domain)))
  })

  it('requires the client to know user credentials: no', async () => {
    const client = await cBasic(domain)
    assertOk(await askToken(domain, client))
    const person = { grant_type: 'password', username: 'ada', password: 'x' }
    assertE400(await askToken(domain, client, person), 'unsupported_grant_type')
    const beside = assertOk(await askToken(domain, client, { username: 'ada', password: 'x' }))
    assert.equal(decode(beside).claims['sub'], client.clientId)
  })

  it('browser-based end user interaction: no', async () => {
    const answer: Answer = await askToken(domain, await cBasic(domain), {}, { accept: 'text/html' })
    assertOk(answer)
    assert.match(answer.headers['content-type'] ?? '', /^application\/json/)
    const url = `${domain.url}/oauth2/v1/authorize?response_type=code&client_id=x`
    assert.equal((await send({ url, method: 'GET' })).status, 404)
    const metadata = await send({
      url: `${domain.url}/.well-known/openid-configuration`,
      method: 'GET',
    })
    assert.ok(!('authorization_endpoint' in (metadata.json ?? {})))
  })

  it('can use an external identity provider for authentication: no', async () => {
    const client = await cBasic(domain)
    const pair = makePair('RS256')
    const claims = { iss: 'https://provider.example', sub: client.clientId }
    const foreign = makeAssertion(client, domain.issuer, pair, { claims })
    assertE401(await askWithAssertion(domain, foreign))
    for (const name of ['jwt-bearer', 'saml2-bearer', 'token-exchange']) {
      const grant_type = `urn:ietf:params:oauth:grant-type:${name}`
      const answer = await askToken(domain, client, { grant_type, assertion: foreign })
      assertE400(answer, 'unsupported_grant_type')
    }
  })

  it('refresh token is allowed: no', async () => {
    const client = await cBasic(domain)
    assert.ok(!('refresh_token' in ((await askToken(domain, client)).json ?? {})))
    const offline = await askToken(domain, client, { scope: `${scope} offline_access` })
    assert.ok(!('refresh_token' in (offline.json ?? {})))
    const refresh = { grant_type: 'refresh_token', refresh_token: await issue(domain, client) }
    assertE400(await askToken(domain, client, refresh), 'unsupported_grant_type')
  })

  it('access token is in the context of the client application: yes', async () => {
    const client = await makeClient(domain)
    for (const answer of [await askToken(domain, client), await askTokenInBody(domain, client)]) {
      const { claims } = decode(assertOk(answer))
      assert.equal(claims['sub'], client.clientId)
      assert.equal(claims['client_id'], client.clientId)
      assert.equal(claims['sub_type'], 'client')
      for (const name of Object.keys(claims)) assert.doesNotMatch(name, /^user_/)
    }
    assertE400(await askToken(domain, await cNoCC(domain)), 'unauthorized_client')
  })
})
