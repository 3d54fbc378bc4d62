/*
 * Every program on the page of other languages runs against a server and an API that this test
 * starts, where its language is present; what is missing is skipped by name.
 */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { startMintmark } from '../conformance/kit/mintmark-domain.ts'
import { startOrdersApi } from '../examples/orders-api.ts'

const page = readFileSync(join(import.meta.dirname, 'calling/other-languages.md'), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'mintmark-languages-'))
const [domain, api] = await Promise.all([startMintmark(), startOrdersApi()])
after(async () => {
  await Promise.all([domain.stop(), api.close()])
  rmSync(folder, { recursive: true, force: true })
})
await domain.createApi({ audience: api.audience, scopes: ['orders.read'], profile: 'rfc9068' })
api.trust(domain)

interface Language {
  readonly name: string
  readonly file: string
  /** What runs the file, and what says that this is there. */
  readonly run: readonly string[]
  readonly probe: readonly string[]
  readonly calls: number
}

const languages: readonly Language[] = [
  {
    name: 'python',
    file: 'caller.py',
    run: ['python3'],
    probe: ['python3', '--version'],
    calls: 3,
  },
  {
    name: 'java',
    file: 'Caller.java',
    run: ['java'],
    // The compiler comes with the development kit alone.
    probe: ['javac', '--version'],
    calls: 3,
  },
  { name: 'sh', file: 'caller.sh', run: ['sh', '-eu'], probe: ['curl', '--version'], calls: 1 },
]

const missing = ({ probe: [program = '', ...words] }: Language): string | false =>
  spawnSync(program, words).status === 0 ? false : `${program} is not here`

const programs = new Map(
  [...page.matchAll(/^<!-- run (\w+) -->\n```\w+\n([\s\S]*?)^```$/gm)].map(
    ([, name = '', code = '']) => [name, code],
  ),
)

test('every program on the page has a language that is run, and the reverse', () => {
  assert.deepEqual(
    [...programs.keys()],
    languages.map(({ name }) => name),
  )
  assert.equal(page.match(/^```(?:python|java|sh)$/gm)?.length, languages.length)
})

interface Ran {
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

const run = (language: Language, env: Readonly<Record<string, string>>): Promise<Ran> => {
  writeFileSync(join(folder, language.file), programs.get(language.name) ?? '')
  const [program = '', ...words] = [...language.run, language.file]
  return new Promise((fulfil) => {
    const environment = { PATH: process.env['PATH'] ?? '', HOME: folder, ...env }
    const child = spawn(program, words, { cwd: folder, env: environment, timeout: 60_000 })
    let output = ''
    let errors = ''
    child.stdout.on('data', (bytes) => {
      output += bytes
    })
    child.stderr.on('data', (bytes) => {
      errors += bytes
    })
    child.once('close', (code) => fulfil({ code, output, errors }))
  })
}

for (const language of languages) {
  test(`${language.name}: calls with one token; a wrong secret ends it and is not shown`, {
    skip: missing(language),
  }, async () => {
    const clientId = `caller-in-${language.name}`
    const scopes = [`${api.audience}orders.read`]
    const { secret } = await domain.createClient({ clientId, scopes })
    const secretFile = join(folder, `${language.name}.secret`)
    writeFileSync(secretFile, `${secret}\n`, { mode: 0o600 })
    const env = {
      MINTMARK_ISSUER: domain.issuer,
      MINTMARK_CLIENT_ID: clientId,
      MINTMARK_CLIENT_SECRET_FILE: secretFile,
      MINTMARK_SCOPE: scopes.join(' '),
      ORDERS_URL: `${api.audience}/42`,
    }
    const ran = await run(language, env)
    assert.equal(ran.code, 0, ran.errors)
    assert.equal(ran.output.match(new RegExp(clientId, 'g'))?.length, language.calls)
    assert.equal(api.tokensOf(clientId), 1)
    const wrong = `${secret.slice(0, -1)}!`
    writeFileSync(secretFile, wrong)
    const refused = await run(language, env)
    assert.notEqual(refused.code, 0)
    assert.equal(`${refused.output}${refused.errors}`.includes(wrong), false)
    if (language.name !== 'sh') assert.match(refused.errors, /invalid_client/)
  })
}
