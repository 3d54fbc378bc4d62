import { deepEqual, equal, match, rejects } from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { assertE400, assertE401, assertOk, comparable } from './kit/answers.ts'
import { askToken, askTokenInBody, basicOf, post } from './kit/ask.ts'
import { beforeItEnds } from './kit/clock.ts'
import { cAny, cBasic, cNoCC, cOff, cPkj, cPost, cPub, makeClient } from './kit/fixtures.ts'
import { type Answer, basic, rawBasic } from './kit/http.ts'
import { ours, useDomain } from './kit/start-domain.ts'
import { type Client, type TestDomain, tokenPath } from './kit/test-domain.ts'

const domain = await useDomain()
const grant = { grant_type: 'client_credentials' }

/** Asks with this `Authorization` header and nothing else that proves anything. */
const askWith = (authorization: string): Promise<Answer> =>
  post(domain, tokenPath, grant, { authorization })

/** A client whose secret needs every kind of escape. */
const special = ` %&+:"x;=~/?#`
const makeSpecial = (to: TestDomain, rawBasicAccepted = false): Promise<Client> =>
  makeClient(to, { secret: special, ...(rawBasicAccepted && { rawBasicAccepted }) })

test('CA-01 Basic works', async () => {
  assertOk(await askToken(domain, await cBasic(domain)))
})

test('CA-02 credentials in the body work', async () => {
  assertOk(await askTokenInBody(domain, await cPost(domain)))
})

test('CA-03 a secret with spaces, percents and pluses is form-encoded in Basic', async () => {
  const client = await makeSpecial(domain)
  assertOk(await askWith(basic(client.clientId, special)))
  assertE401(await askWith(basic(client.clientId, `${special} `)))
})

test('CA-04 the first colon divides; those in the secret are its own', async () => {
  const client = await makeClient(domain, { secret: 'one:two:three' })
  assertOk(await askWith(basic(client.clientId, 'one:two:three')))
  assertOk(await askWith(rawBasic(client.clientId, 'one:two:three')))
})

test('CA-05 a secret sent raw is refused', async () => {
  const client = await makeSpecial(domain)
  assertE401(await askWith(rawBasic(client.clientId, special)))
})

test('CA-05 where the client may, a secret sent raw is compared as it stands', async () => {
  const client = await makeSpecial(ours(domain), true)
  assertOk(await askWith(rawBasic(client.clientId, special)))
  assertOk(await askWith(basic(client.clientId, special)))
  assertE401(await askWith(rawBasic(client.clientId, `${special}x`)))
  const plus = await makeClient(domain, { secret: 'plus+plus+', rawBasicAccepted: true })
  assertOk(await askWith(rawBasic(plus.clientId, 'plus+plus+')))
})

for (const scheme of ['bAsIc', 'BASIC', 'basic']) {
  test(`CA-06 ${scheme} is Basic`, async () => {
    const { authorization } = basicOf(await cBasic(domain))
    assertOk(await askWith(authorization.replace('Basic', scheme)))
  })
}

test('CA-07 several spaces after the scheme are one', async () => {
  const { authorization } = basicOf(await cBasic(domain))
  assertOk(await askWith(authorization.replace(' ', '   ')))
})

test('CA-08 CA-27 a wrong secret in the header is challenged, in UTF-8', async () => {
  const answer = await askToken(domain, { ...(await cBasic(domain)), secret: 'wrong-secret' })
  assertE401(answer)
  match(answer.headers['www-authenticate'] ?? '', /^Basic realm="[^"]+", charset="UTF-8"$/)
})

test('CA-09 a wrong secret in the body is challenged too', async () => {
  assertE401(await askTokenInBody(domain, { ...(await cPost(domain)), secret: 'wrong-secret' }))
})

test('CA-10 an unknown client is answered like a wrong secret, to the letter', async () => {
  const known = { ...(await cAny(domain)), secret: 'wrong-secret' }
  const unknown = { clientId: 'f'.repeat(32), secret: 'wrong-secret' }
  for (const ask of [askToken, askTokenInBody]) {
    const [right, wrong] = [await ask(domain, known), await ask(domain, unknown)]
    assertE401(right)
    deepEqual(comparable(wrong), comparable(right))
    equal(wrong.text.length, right.text.length)
  }
})

test('CA-11 no credentials at all: invalid_client', async () => {
  assertE401(await post(domain, tokenPath, grant))
  assertE401(await post(domain, tokenPath, { ...grant, client_id: (await cAny(domain)).clientId }))
})

test('CA-16 Basic that cannot be read is refused like a wrong one', async () => {
  const { clientId } = await cBasic(domain)
  const encoded = (text: string | Buffer) => `Basic ${Buffer.from(text).toString('base64')}`
  for (const authorization of [
    'Basic',
    'Basic !!!',
    encoded('no-colon'),
    encoded(Buffer.from([0xff, 0x3a, 0xfe])),
    encoded(`${clientId}:%zz`),
    encoded(`${clientId}:%00`),
    encoded(':secret'),
  ]) {
    assertE401(await askWith(authorization))
  }
})

for (const authorization of ['Bearer x', 'Digest username="x"', 'DPoP x', 'Negotiate eA==']) {
  test(`CA-17 ${authorization.split(' ')[0]} is no client authentication here`, async () => {
    assertE401(await askWith(authorization))
  })
}

test('CA-18 only the registered method works', async () => {
  const key = await cPkj(domain)
  assertE401(await askToken(domain, { ...key, secret: 'any-secret' }))
  assertE401(await askTokenInBody(domain, await cBasic(domain)))
  assertE401(await askToken(domain, await cPost(domain)))
  const any = await cAny(domain)
  assertOk(await askToken(domain, any))
  assertOk(await askTokenInBody(domain, any))
})

test('CA-18 a client that has a secret, but is registered for keys, cannot use it', async () => {
  const server = ours(domain)
  const both = await makeClient(server, { methods: ['client_secret_basic'] })
  const path = `/Apps/${both.id}`
  const extension = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:App'
  const present = await server.admin.call('GET', path)
  const { pair } = await cPkj(domain)
  await server.admin.call('PUT', path, {
    ...present,
    [extension]: { authenticationMethods: ['private_key_jwt'], jwks: { keys: [pair.publicJwk] } },
  })
  assertE401(await askToken(domain, both))
})

test('CA-20 a public client gets nothing', async () => {
  const { clientId } = await cPub(domain)
  assertE401(await post(domain, tokenPath, { ...grant, client_id: clientId }))
})

test('CA-20 a public client cannot be registered for client credentials', async () => {
  await rejects(makeClient(ours(domain), { clientType: 'public' }), /400/)
})

test('CA-21 an empty secret matches nothing', async () => {
  const { clientId } = await cBasic(domain)
  assertE401(await askWith(basic(clientId, '')))
  assertE401(await askWith(basic((await cPkj(domain)).clientId, '')))
  assertE401(await askTokenInBody(domain, { clientId, secret: '' }))
})

test('CA-22 an expired secret is answered like a wrong one', async () => {
  const client = await makeClient(domain)
  const { expiring, inTime, endsMs } = await beforeItEnds(async (lifeSeconds) => {
    const endsMs = Date.now() + lifeSeconds * 1000
    const expiring = await domain.rotateSecret(client, 0, new Date(endsMs))
    return { expiring, inTime: await askToken(domain, expiring), endsMs }
  })
  assertOk(inTime)
  await wait(endsMs - Date.now() + 50)
  const wrong = await askToken(domain, { ...expiring, secret: 'wrong-secret' })
  const expired = await askToken(domain, expiring)
  assertE401(expired)
  deepEqual(comparable(expired), comparable(wrong))
})

test('CA-23 while rotating, old and new secret both work, then only the new one', async () => {
  const { old, fresh, inTime, lifeSeconds } = await beforeItEnds(async (lifeSeconds) => {
    const old = await makeClient(domain)
    const endsMs = Date.now() + lifeSeconds * 1000
    const fresh = await domain.rotateSecret(old, lifeSeconds)
    return { old, fresh, inTime: await askToken(domain, old), lifeSeconds, endsMs }
  })
  assertOk(inTime)
  assertOk(await askToken(domain, fresh))
  await wait(lifeSeconds * 1000 + 100)
  assertE401(await askToken(domain, old))
  assertOk(await askToken(domain, fresh))
})

test('CA-23 without an overlap the old secret ends at once', async () => {
  const old = await makeClient(domain)
  const fresh = await domain.rotateSecret(old, 0)
  assertE401(await askToken(domain, old))
  assertOk(await askToken(domain, fresh))
})

test('CA-23 a secret that ends while the body is on its way is refused', async () => {
  const old = await makeClient(domain)
  const { authorization } = basicOf(old)
  const body = new URLSearchParams(grant).toString()
  const headers = {
    authorization,
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': body.length,
  }
  const sending = request(`${domain.url}${tokenPath}`, { method: 'POST', headers })
  const answered = once(sending, 'response')
  sending.write(body.slice(0, 1))
  // the server has read the head by the time it answers what was sent after it
  assertOk(await askToken(domain, old))
  await domain.rotateSecret(old, 0)
  sending.end(body.slice(1))
  const [answer] = (await answered) as [IncomingMessage]
  answer.resume()
  equal(answer.statusCode, 401)
})

test('CA-23 the number of living secrets is bounded', async () => {
  const client = await makeClient(ours(domain))
  for (let live = 1; live < 5; live += 1) await domain.rotateSecret(client, 3600)
  await rejects(domain.rotateSecret(client, 3600), /40\d/)
})

test('CA-24 a deactivated client is answered like an unknown one', async () => {
  const off = await cOff(domain)
  for (const ask of [askToken, askTokenInBody]) {
    const answer = await ask(domain, off)
    assertE401(answer)
    const unknown = await ask(domain, { ...off, clientId: 'f'.repeat(off.clientId.length) })
    deepEqual(comparable(answer), comparable(unknown))
  }
})

test('CA-25 an impossible client id is refused cleanly', async () => {
  for (const clientId of ['a\u0001b', 'a\u007fb', 'x'.repeat(10_000), 'a\r\nb', 'é'.repeat(10)]) {
    for (const answer of [
      await askWith(basic(clientId, 'secret')),
      await askTokenInBody(domain, { clientId, secret: 'secret' }),
    ]) {
      if (answer.status === 400) assertE400(answer, 'invalid_request')
      else assertE401(answer)
    }
  }
})

test('CA-11 credentials of a client without the grant are still proven first', async () => {
  assertE401(await askToken(domain, { ...(await cNoCC(domain)), secret: 'wrong-secret' }))
})
