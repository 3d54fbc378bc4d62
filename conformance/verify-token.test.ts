/** `POST /api/v1/tokens/verify`: what a token is worth now, and to whom, without keeping it. */
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { askToken, basicOf, post } from './kit/ask.ts'
import { send } from './kit/http.ts'
import { logLineOf } from './kit/log-line.ts'
import { useMintmark } from './kit/start-domain.ts'
import { type Client, revocationPath } from './kit/test-domain.ts'

const domain = await useMintmark()
const audience = 'https://verified.example/'
const api = await domain.createApi({ audience, scopes: ['read', 'write'] })
const other = await domain.createApi({ audience: 'https://other.example/', scopes: ['read'] })

const newClient = () => domain.createClient({ scopes: [`${audience}read`] })

const tokenOf = async (client: Client): Promise<string> => {
  const answer = await askToken(domain, client, { scope: `${audience}read` })
  return String(answer.json?.['access_token'])
}

const ask = (body: unknown, bearer = domain.admin.token) =>
  send({
    url: `${domain.url}/api/v1/tokens/verify`,
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

const verdictOf = async (body: Readonly<Record<string, string>>) => {
  const answer = await ask(body)
  equal(answer.status, 200, answer.text)
  const { verdict, reason, steps } = answer.json as {
    verdict: string
    reason: string | null
    steps: { step: string; ok: boolean }[]
  }
  return { verdict, reason, steps: steps.map(({ step, ok: isOk }) => (isOk ? step : `-${step}`)) }
}

/** Of somebody who may read the audit, and nothing else. */
const auditorToken = async (): Promise<string> => {
  const filter = encodeURIComponent('displayName eq "Audit Administrator"')
  const found = await domain.admin.call('GET', `/AppRoles?filter=${filter}`)
  const [role] = found['Resources'] as { id: string; app: { value: string } }[]
  const auditor = await domain.createClient({ scopes: [] })
  await domain.admin.grantRole(role?.app.value ?? '', role?.id ?? '', auditor)
  const answer = await askToken(domain, auditor, { scope: 'urn:opc:idm:__myscopes__' })
  return String(answer.json?.['access_token'])
}

const life = ['signature', 'time', 'revocation', 'client', 'api']

describe('verifying a token', () => {
  it('tells each thing that holds, and the first that does not', async () => {
    const client = await newClient()
    const token = await tokenOf(client)
    const valid = { verdict: 'valid', reason: null }
    deepEqual(await verdictOf({ token }), { ...valid, steps: life })
    deepEqual(await verdictOf({ token, api: audience, scope: `${audience}read` }), {
      ...valid,
      steps: [...life, 'audience', 'scope'],
    })
    for (const [asked, reason, steps] of [
      [{ api: api.id, scope: 'write' }, 'SCOPE_MISSING', [...life, 'audience', '-scope']],
      [{ api: other.id }, 'AUDIENCE_OTHER', [...life, '-audience']],
    ] as const) {
      deepEqual(await verdictOf({ token, ...asked }), { verdict: 'refused', reason, steps })
    }
  })

  it('tells what ended it', async () => {
    const client = await newClient()
    const token = await tokenOf(client)
    const altered = `${token.slice(0, -9)}aaaaaaaaa`
    const refused = { verdict: 'refused' }
    const foreign = { ...refused, reason: 'NOT_OURS', steps: ['-signature'] }
    deepEqual(await verdictOf({ token: altered }), foreign)
    deepEqual(await verdictOf({ token: 'no token' }), foreign)
    await post(domain, revocationPath, { token }, basicOf(client))
    const steps = ['signature', 'time', '-revocation']
    deepEqual(await verdictOf({ token }), { ...refused, reason: 'REVOKED', steps })
    const leaving = await newClient()
    const left = await tokenOf(leaving)
    await domain.setActive(leaving, false)
    await domain.admin.call('DELETE', `/Apps/${leaving.id}`)
    const { verdict, reason } = await verdictOf({ token: left })
    equal(verdict, 'refused')
    match(String(reason), /^(REVOKED|CLIENT_GONE)$/)
  })

  it('is for who administers applications, and says what it cannot read', async () => {
    const client = await newClient()
    const token = await tokenOf(client)
    equal((await ask({ token }, token)).status, 401)
    equal((await ask({ token }, await auditorToken())).status, 403)
    for (const [body, words] of [
      [{}, /token/],
      [{ token, scope: 'read' }, /api/],
      [{ token, api: 'nobody' }, /There is no API/],
      [{ token, api: audience, scope: 'none' }, /defines no scope/],
      [{ token: 1 }, /token/],
      [{ token, more: 1 }, /more/],
    ] as const) {
      const answer = await ask(body)
      equal(answer.status, 400, answer.text)
      match(answer.text, words)
    }
  })

  it('keeps no copy: neither the log nor the audit has it', async () => {
    const token = await tokenOf(await newClient())
    await verdictOf({ token })
    // lines come in order, and later than answers: with this one all are there
    await logLineOf(domain, await askToken(domain, { clientId: 'nobody', secret: 'wrong' }))
    ok(!domain.log().includes(token.slice(-40)))
    const audit = await send({
      url: `${domain.url}/api/v1/audit?limit=1000`,
      method: 'GET',
      headers: { authorization: `Bearer ${domain.admin.token}` },
    })
    ok(!audit.text.includes(token.slice(-40)))
  })
})
