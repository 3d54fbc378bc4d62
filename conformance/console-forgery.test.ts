/*
 * What another site makes the browser of an administrator send changes nothing: every request of
 * the description that is no reading, with the cookie and without what only the console has; and
 * pages of another origin in a real browser.
 */
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { after, describe, it } from 'node:test'
import { signInBrowser, startBrowser } from './kit/browser.ts'
import { ask, newCode, plainDoor, sameOrigin, type Visitor, visit } from './kit/console.ts'
import { fillDomain, pairUser } from './kit/filled-domain.ts'
import { useMintmark } from './kit/start-domain.ts'

const domain = await useMintmark()
const { browser, skip } = await startBrowser()
after(() => browser?.close())
const { apps } = await fillDomain(domain, (what) => what)
const victim = await visit(plainDoor(domain), { pairingCode: await newCode(domain) })

const description = JSON.parse(
  readFileSync(new URL('../docs/openapi.json', import.meta.url), 'utf8'),
) as { paths: Record<string, Record<string, unknown>> }

/** They take no session, only what proves a client. */
const withoutSession = /^\/oauth2\//
/** Reading by another method. */
const readings = /\/\.search$/

const changing = Object.entries(description.paths).flatMap(([path, methods]) =>
  Object.keys(methods)
    .filter((method) => ['post', 'put', 'patch', 'delete'].includes(method))
    .filter(() => !withoutSession.test(path) && !readings.test(path))
    .map((method) => [method.toUpperCase(), path] as const),
)

const idIn = async (resource: string): Promise<string> => {
  if (resource === 'AppStatusChanger' || resource === 'AppClientSecretRegenerator') {
    return apps[0] ?? ''
  }
  const { Resources } = await domain.admin.call('GET', `/${resource}?count=1`)
  const [first] = (Resources ?? []) as { id: string }[]
  return first?.id ?? 'none'
}

/** The path about something that there is. */
const real = async (path: string): Promise<string> => {
  if (!path.includes('{id}')) return path
  if (path === '/api/v1/sessions/{id}') return path.replace('{id}', String(victim.body['id']))
  const [, resource] = /^\/admin\/v1\/(\w+)\//.exec(path) ?? []
  return path.replace('{id}', resource === undefined ? 'x' : await idIn(resource))
}

/** All that could have been changed. */
const readAll = async () => {
  const paths = ['/api/v1/domain-file', '/api/v1/keys', '/console/session/account']
  const all = await Promise.all(paths.map((path) => ask(victim, 'GET', path)))
  deepEqual(
    all.map(({ status }) => status),
    [200, 200, 200],
  )
  const groups = await domain.admin.call('GET', '/Groups?count=200')
  const certificates = await domain.admin.call('GET', '/OAuthClientCertificates')
  const [file, keys, account] = all.map(({ json }) => json)
  const kids = ((keys?.['keys'] ?? []) as { kid: string }[]).map(({ kid }) => kid)
  return [file, kids, account, groups, certificates['totalResults']]
}

const forgeries = ({ cookie, csrfToken }: Visitor) =>
  [
    ['without the CSRF token', { cookie, ...sameOrigin }],
    [
      'with that of another session',
      { cookie, ...sameOrigin, 'x-csrf-token': csrfToken.toLowerCase() },
    ],
    ['from another site', { cookie, 'sec-fetch-site': 'cross-site', 'x-csrf-token': csrfToken }],
    ['from another port', { cookie, 'sec-fetch-site': 'same-site', 'x-csrf-token': csrfToken }],
    ['from another origin', { cookie, origin: 'https://evil.example', 'x-csrf-token': csrfToken }],
    ['from nowhere', { cookie, origin: 'null', 'x-csrf-token': csrfToken }],
  ] as const

const bodies = [
  ['application/json', { displayName: 'forged', active: false }],
  ['application/scim+json', { displayName: 'forged', active: false }],
  ['text/plain', { displayName: 'forged' }],
] as const

describe('a forged request', () => {
  it('is tried on all that change something', () => {
    ok(changing.length > 50, `${changing.length}`)
    for (const path of ['/admin/v1/Bulk', '/api/v1/keys/rotate', '/console/session/proof']) {
      ok(
        changing.some(([, each]) => each === path),
        path,
      )
    }
  })

  it('changes nothing, whatever it asks', async () => {
    const before = await readAll()
    const wrong: string[] = []
    for (const [method, path] of changing) {
      const target = await real(path)
      for (const [how, headers] of forgeries(victim)) {
        // signs in, for which there is no token yet
        if (path === '/console/session' && method === 'POST' && how.includes('CSRF')) continue
        if (path === '/console/session' && method === 'POST' && how.includes('session')) continue
        const [type, body] = bodies[how.length % bodies.length] ?? bodies[0]
        const sent = { 'content-type': type, ...headers }
        const answer = await ask(victim, method, target, { headers: sent, body })
        const isBearer = path === '/console/pairing'
        if (answer.status !== (isBearer ? 401 : 403) || answer.headers['set-cookie']) {
          wrong.push(`${method} ${path} ${how}: ${answer.status} ${answer.text.slice(0, 120)}`)
        }
      }
    }
    deepEqual(wrong, [])
    deepEqual(await readAll(), before)
  })

  it('is the same request as one that counts, but for where it came from', async () => {
    const made = await visit(plainDoor(domain), { pairingCode: await pairUser(domain, 'zoe') })
    const path = `/api/v1/sessions/${String(made.body['id'])}`
    const { cookie, csrfToken } = victim
    const headers = { cookie, ...sameOrigin, 'x-csrf-token': csrfToken }
    equal((await ask(victim, 'DELETE', path, { headers })).status, 200)
    equal((await ask(made, 'GET', '/console/session')).status, 401)
  })
})

const group = JSON.stringify({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
  displayName: 'forged',
})

/** Forms, and requests of a script, with the cookies of the victim where the browser has any. */
const attack = (target: string, id: string) => `<!doctype html><title>attack</title>
<iframe name="out"></iframe>
<form target="out" method="post" action="${target}/admin/v1/Groups" enctype="text/plain">
  <input name='${group.slice(0, -1)},"x":"' value='"}'></form>
<form target="out" method="post" action="${target}/console/session/account/recovery-codes"></form>
<form target="out" method="post" action="${target}/api/v1/keys/rotate"></form>
<script>
  for (const form of document.forms) form.submit()
  const wishes = [
    ['POST', '/admin/v1/Groups', 'text/plain', 'no-cors'],
    ['POST', '/admin/v1/Groups', 'application/json', 'cors'],
    ['DELETE', '/admin/v1/Apps/${id}', 'application/json', 'cors'],
    ['DELETE', '/console/session', 'text/plain', 'cors'],
    ['GET', '/console/session', '', 'cors'],
    ['GET', '/api/v1/domain-file', '', 'no-cors'],
  ]
  Promise.all(wishes.map(([method, path, type, mode]) => fetch('${target}' + path, {
    method, mode, credentials: 'include',
    headers: type === '' ? {} : { 'content-type': type },
    ...(method === 'GET' || method === 'DELETE' ? {} : { body: ${JSON.stringify(group)} }),
  }).then((answer) => answer.type === 'opaque' ? 'opaque' : 'read', () => 'refused')))
    .then((said) => { document.title = said.join(' ') })
</script>`

describe('a page of another origin', { skip }, () => {
  for (const host of ['localhost', '127.0.0.1']) {
    it(`changes nothing and reads nothing from ${host}`, async () => {
      const evil = createServer((_, response) => {
        response.setHeader('content-type', 'text/html')
        response.end(attack(domain.url, apps[0] ?? ''))
      }).listen(0)
      await once(evil, 'listening')
      const { port } = evil.address() as { port: number }
      const before = await readAll()
      const { context, page } = await signInBrowser(browser, domain)
      try {
        const other = await context.newPage()
        await other.goto(`http://${host}:${port}/`)
        await other.waitForFunction('document.title !== "attack"')
        match(await other.title(), /^opaque refused refused refused refused (opaque|refused)$/)
        deepEqual(await readAll(), before)
        await page.reload()
        await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor()
      } finally {
        await context.close()
        evil.closeAllConnections()
        evil.close()
      }
    })
  }
})
