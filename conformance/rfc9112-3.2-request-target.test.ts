import { equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { assertOk } from './kit/answers.ts'
import { basicOf } from './kit/ask.ts'
import { newCode, plainDoor, visit } from './kit/console.ts'
import { cBasic } from './kit/fixtures.ts'
import type { Answer } from './kit/http.ts'
import { parseRawAnswer, rawRequest, sendRaw } from './kit/raw-socket.ts'
import { useMintmark } from './kit/start-domain.ts'
import { tokenPath } from './kit/test-domain.ts'

const domain = await useMintmark()
const body = 'grant_type=client_credentials'

const send = async (
  target: string,
  headers: readonly string[],
  method = 'GET',
): Promise<Answer> => {
  const text = rawRequest(domain.url, target, headers, method === 'POST' ? body : '', method)
  return parseRawAnswer(await sendRaw(domain.url, text))
}

const spellings = [
  ['the whole URL', (path: string) => domain.url + path],
  ['the whole URL of another host', (path: string) => `http://other.example${path}`],
  ['an encoded letter', (path: string) => path.replace(/v1/, '%761')],
  ['an encoded first letter', (path: string) => path.replace(/^\/(.)/, encodeFirst)],
] as const

const encodeFirst = (_: string, first: string): string => `/%${first.charCodeAt(0).toString(16)}`

for (const [how, spell] of spellings) {
  test(`a token is given at ${how}`, async () => {
    const { authorization } = basicOf(await cBasic(domain))
    const headers = [
      `Authorization: ${authorization}`,
      'Content-Type: application/x-www-form-urlencoded',
      `Content-Length: ${body.length}`,
    ]
    assertOk(await send(spell(tokenPath), headers, 'POST'))
  })

  test(`what holds for a path holds for ${how}`, async () => {
    const { cookie } = await visit(plainDoor(domain), { pairingCode: await newCode(domain) })
    for (const path of ['/admin/v1/Apps', '/api/v1/audit']) {
      const read = await send(spell(path), [`Authorization: Bearer ${domain.admin.token}`])
      equal(read.status, 200, `${path} ${read.text.slice(0, 100)}`)
      const forged = await send(spell(path), [`Cookie: ${cookie}`, 'Sec-Fetch-Site: cross-site'])
      equal(forged.status, 403, `${path} ${forged.text.slice(0, 100)}`)
      equal(forged.json?.['reason'], 'SITE_FOREIGN')
    }
  })
}

test('a broken path is answered as an unknown one, by no page of a framework', async () => {
  for (const target of ['/%zz', '/admin/v1/%', '/console/session/account/passkeys/%c3']) {
    const answer = await send(target, [])
    ok([400, 401, 404].includes(answer.status), `${target.slice(0, 40)}: ${answer.status}`)
    match(answer.text, /"ecid":"\w+"/)
    equal(answer.headers['x-content-type-options'], 'nosniff')
    ok(!answer.text.includes('FST_'), answer.text)
  }
})
