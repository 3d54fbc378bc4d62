import { ok } from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { assertOk } from './kit/answers.ts'
import { askToken } from './kit/ask.ts'
import { cBasic, cSjwt, makeClient } from './kit/fixtures.ts'
import { noDataFile } from './kit/mintmark-domain.ts'
import { startOurs } from './kit/start-domain.ts'

const filesBelow = (directory: string): readonly string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile())

const name = 'CA-26 no file of the server holds a secret that could be used'

test(name, { skip: noDataFile }, async () => {
  const domain = await startOurs()
  try {
    const chosen = await makeClient(domain, { secret: 'a-chosen-secret-of-ours' })
    const clients = [await cBasic(domain), await cSjwt(domain), chosen]
    assertOk(await askToken(domain, clients[0]!))
    assertOk(await askToken(domain, chosen))
    const files = filesBelow(domain.dataDirectory)
    ok(files.length > 0, 'there are files to look at')
    let seen = false
    for (const file of files) {
      const bytes = readFileSync(file)
      seen ||= bytes.includes(chosen.clientId)
      for (const { secret } of clients) ok(!bytes.includes(secret), `${file} holds a secret`)
    }
    ok(seen, 'the files are those of the registry: a client id is in one of them')
  } finally {
    await domain.stop()
  }
})
