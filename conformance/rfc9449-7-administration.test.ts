import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { assertOk } from './kit/answers.ts'
import { askSecurely, basicOf } from './kit/ask.ts'
import { nameOf } from './kit/certificate.ts'
import { askWithProof, makeProof, type ProofWish } from './kit/dpop.ts'
import { clientCertificate } from './kit/fixtures.ts'
import { type Call, send } from './kit/http.ts'
import { makePair } from './kit/jwt.ts'
import { useMintmark } from './kit/start-domain.ts'
import type { Client } from './kit/test-domain.ts'

const domain = await useMintmark({ environment: { MINTMARK_WORKERS: '2' } })
const scope = 'urn:opc:idm:__myscopes__'
const pair = makePair('ES256')
const path = '/admin/v1/Apps?count=1'

const makeAdministrator = async (client: Promise<Client>): Promise<Client> => {
  const roles = await domain.admin.call(
    'GET',
    '/AppRoles?filter=displayName%20eq%20%22Identity%20Domain%20Administrator%22',
  )
  const [role] = roles['Resources'] as readonly { id: string; app: { value: string } }[]
  ok(role !== undefined)
  const made = await client
  await domain.admin.grantRole(role.app.value, role.id, made)
  return made
}

const call = (headers: NonNullable<Call['headers']>, more: Partial<Call> = {}) =>
  send({ url: domain.url + path, method: 'GET', headers, ...more })

test('DP-24 DP-27 an administrator whose token is bound needs its key', async () => {
  const administrator = await makeAdministrator(domain.createClient({ dpopBoundTokens: true }))
  const { clientId, secret } = administrator
  const asked = await askWithProof(domain, { clientId, secret }, {}, pair)
  equal(asked.status, 400, 'a scope is needed')
  const target = { url: `${domain.url}/oauth2/v1/token`, method: 'POST' }
  const answer = await send({
    url: target.url,
    method: 'POST',
    headers: {
      ...basicOf(administrator),
      DPoP: makeProof(pair, target),
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope }).toString(),
  })
  const token = assertOk(answer)
  const here = { url: `${domain.url}/admin/v1/Apps`, method: 'GET' }
  const show = (wish: ProofWish = {}, key = pair) =>
    call({ authorization: `DPoP ${token}`, dpop: makeProof(key, here, { token, ...wish }) })
  equal((await show()).status, 200)
  const dpop = makeProof(pair, here, { token })
  const race = Array.from({ length: 6 }, () =>
    call({ authorization: `DPoP ${token}`, dpop, connection: 'close' }),
  )
  const statuses = (await Promise.all(race)).map(({ status }) => status).toSorted()
  deepEqual(statuses, [200, 401, 401, 401, 401, 401])
  equal((await call({ authorization: `Bearer ${token}` })).status, 401)
  equal((await call({ authorization: `DPoP ${token}` })).status, 401)
  equal((await show({}, makePair('ES256'))).status, 401)
  equal((await show({ claims: { ath: undefined } })).status, 401)
  equal((await show({ claims: { htm: 'POST' } })).status, 401)
  equal((await show({ claims: { htu: `${domain.url}/admin/v1/Grants` } })).status, 401)
  equal((await call({ authorization: `DPoP ${domain.admin.token}`, dpop })).status, 401)
})

test('MT-17 an administrator whose token is bound to a certificate needs it', async () => {
  const wish = {
    certificateSubject: { kind: 'subject_dn', value: 'CN=admin' },
    certificateBoundTokens: true,
  }
  const administrator = await makeAdministrator(domain.createClient(wish))
  const { shown } = clientCertificate(domain, { subject: nameOf(['CN', 'admin']) })
  const headers = basicOf(administrator)
  const token = assertOk(await askSecurely(domain, { scope }, { shown, headers }))
  const { secureUrl, authority } = domain
  const ask = (more: Partial<Call>) =>
    call({ authorization: `Bearer ${token}` }, { url: secureUrl + path, authority, ...more })
  equal((await ask({ shown })).status, 200)
  equal((await ask({})).status, 401)
  const other = clientCertificate(domain, { subject: nameOf(['CN', 'admin']) })
  equal((await ask({ shown: other.shown })).status, 401)
  equal((await call({ authorization: `Bearer ${token}` })).status, 401)
})
