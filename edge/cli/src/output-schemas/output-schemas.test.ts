import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Command } from 'commander'
import { createProgram } from '../program/program.ts'
import { newDirectory, type Running, startCommand } from '../test-process.ts'
import { outputSchemaDocument, outputSchemas } from './output-schemas.ts'

const checker = new Ajv2020({ allErrors: true, validateFormats: false, allowUnionTypes: true })
const published = new URL(
  '../../../../docs/administering/command-line-output.json',
  import.meta.url,
)

const commandsWithJson = (command: Command, path: readonly string[]): readonly string[] =>
  command.commands.flatMap((each) => {
    const words = [...path, each.name()]
    const output = each.options.find(({ long }) => long === '--output')
    const own = output?.description.includes('json') ? [words.join(' ')] : []
    return [...own, ...commandsWithJson(each, words)]
  })

test('every command that writes JSON has a schema, and they are published', () => {
  const commands = commandsWithJson(createProgram(), [])
  assert.deepEqual(commands.toSorted(), Object.keys(outputSchemas).toSorted())
  assert.deepEqual(JSON.parse(readFileSync(published, 'utf8')), outputSchemaDocument())
})

const home = newDirectory()
let server: Running

before(async () => {
  server = startCommand(['dev', '--port', '18680', '--tls-port', '18780'], {}, home.path)
  await server.said(/Stop: Ctrl-C/)
  writeFileSync(
    join(home.path, 'domain.yaml'),
    'apis:\n  - name: Bins\n    audience: "urn:bins:"\n',
  )
})

after(async () => {
  await server.end('SIGINT')
  home.remove()
})

const run = async (line: string) => {
  const config = { XDG_CONFIG_HOME: join(home.path, 'config') }
  const started = startCommand(line.split(' '), config, home.path)
  const code = await started.ended
  return { code, out: started.output(), err: started.errors() }
}

const fixture = (name: string): string =>
  `${join(import.meta.dirname, '../import/exports', name)} --dry-run`

/** A command, as it is typed, and which exit codes it may have. */
const linesAt = (url: string): readonly (readonly [string, string, number?])[] => [
  ['status', ''],
  ['status', '--config'],
  ['db status', '--data .mintmark'],
  ['admin list', ''],
  ['app list', ''],
  ['app usage', ''],
  ['app get', 'demo-app'],
  ['app create', 'billing --api Orders --scope orders.read'],
  ['app secret list', 'demo-app'],
  ['app secret create', 'demo-app --label partner --expires 2099-01-01T00:00:00Z'],
  ['app secret rotate', 'billing --overlap 1h'],
  ['app secret list', 'demo-app'],
  ['app key list', 'demo-app'],
  ['api list', ''],
  ['api get', 'Orders'],
  ['api create', 'Stock --audience urn:stock: --scope read'],
  ['token get', '--app demo-app'],
  ['token get', '--app demo-app --decode'],
  ['explain', 'demo-app Orders orders.read'],
  ['explain', 'demo-app Orders orders.none', 8],
  ['explain', '--who Orders orders.read'],
  ['logs tail', '--count 1'],
  ['logs search', '--since 1h'],
  ['audit list', '--limit 20'],
  ['admin pair', ''],
  ['token inspect', '-f token.jwt'],
  ['token verify', `-f token.jwt --url ${url}`],
  ['token verify', `-f token.jwt --url ${url} --audience urn:other`, 8],
  ['token introspect', '-f token.jwt --app demo-app'],
  ['audit verify', 'audit.ndjson --keys jwks.json'],
  ['audit verify', '--server'],
  ['overview', ''],
  ['health', ''],
  ['access map', ''],
  ['access map', '--api Orders --use unused --status active'],
  ['certificate list', ''],
  ['certificate list', '--authority'],
  ['settings list', ''],
  ['settings get', 'issuer'],
  ['import keycloak', fixture('keycloak-26.4-realm.json'), 10],
  ['import hydra', fixture('hydra-2.3-clients.json'), 10],
  ['import auth0', fixture('auth0-deploy-cli-8-tenant.yaml'), 10],
  ['import idcs', fixture('idcs-scim-v1.json'), 10],
  ['key list', ''],
  ['key rotate', '--algorithm RS256'],
  ['key doctor', ''],
  ['apply', '-f domain.yaml --dry-run', 10],
  ['apply', '-f domain.yaml'],
  ['ca list', '--directory .mintmark'],
  ['doctor', ''],
]

test('what a command writes is what its schema says', async () => {
  const url = /(http:\/\/localhost:\d+)\/oauth2/.exec(server.output())?.[1] ?? ''
  const token = JSON.parse((await run('token get --app demo-app -o json')).out).access_token
  writeFileSync(join(home.path, 'token.jwt'), token)
  writeFileSync(join(home.path, 'audit.ndjson'), (await run('audit export')).out)
  const jwks = await fetch(`${url}/.well-known/jwks.json`)
  writeFileSync(join(home.path, 'jwks.json'), await jwks.text())
  for (const [words, rest, wanted = 0] of linesAt(url)) {
    const line = `${words} ${rest} -o json`.replace(/ +/g, ' ')
    const { code, out, err } = await run(line)
    assert.equal(code, wanted, `${line}: ${out}${err}`)
    const isValid = checker.validate(outputSchemas[words] ?? false, JSON.parse(out))
    assert.ok(isValid, `${line}: ${JSON.stringify(checker.errors)} in ${out}`)
  }
})
