/**
 * Glewlwyd as Debian packages it (`apt-get install glewlwyd`): its OAuth 2 plugin with signed JWTs,
 * one client, and a SQLite file of its own on the same disk as our data.
 */
import { generateKeyPairSync, pbkdf2Sync, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { SecretClient } from '../prepared-requests.ts'
import { findFreePort, type Subject, startProgram } from '../subject-process.ts'
import { makeDataDirectory } from './mintmark.ts'

const program = '/usr/bin/glewlwyd'
const modules = '/usr/lib/glewlwyd'
const schema = '/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3'
const plugin = 'bench'

export const glewlwydTokenPath = `/api/${plugin}/token`

/** Whether it lies where Debian puts it. */
export const hasGlewlwyd = (): boolean =>
  [program, modules, schema].every((path) => existsSync(path))

function pluginParameters(algorithm: 'RS256' | 'ES256'): string {
  const pair =
    algorithm === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return JSON.stringify({
    'jwt-type': algorithm === 'RS256' ? 'rsa' : 'ecdsa',
    'jwt-key-size': '256',
    key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    cert: pair.publicKey.export({ type: 'spki', format: 'pem' }),
    'access-token-duration': 3600,
    'refresh-token-duration': 1_209_600,
    'code-duration': 600,
    'refresh-token-rolling': true,
    'auth-type-code-enabled': false,
    'auth-type-implicit-enabled': false,
    'auth-type-password-enabled': false,
    'auth-type-client-enabled': true,
    'auth-type-refresh-enabled': false,
    scope: [],
  })
}

/** The hash under which it keeps a password. */
function hashed(password: string): string {
  const salt = randomBytes(12).toString('base64')
  const hash = pbkdf2Sync(password, salt, 1_000, 32, 'sha256')
  return Buffer.concat([hash, Buffer.from(salt)]).toString('base64')
}

/** Its tables as the package makes them, with an administrator whose password nobody knows. */
function makeDatabase(file: string, parameters: string, administratorPassword: string): void {
  const database = new DatabaseSync(file)
  try {
    database.exec(readFileSync(schema, 'utf8'))
    const told = hashed(administratorPassword)
    database.prepare('UPDATE g_user_password SET guw_password = ?').run(told)
    database
      .prepare(
        `INSERT INTO g_plugin_module_instance (gpmi_module, gpmi_name, gpmi_parameters)
         VALUES ('oauth2-glewlwyd', ?, ?)`,
      )
      .run(plugin, parameters)
    database.exec(`INSERT INTO g_scope (gs_name, gs_password_required) VALUES ('read', 0)`)
  } finally {
    database.close()
  }
}

const configuration = (port: number, database: string): string => `port=${port}
bind_address="127.0.0.1"
external_url="http://127.0.0.1:${port}/"
login_url="login.html"
api_prefix="api"
log_mode="console"
log_level="NONE"
cookie_secure=0
session_expiration=3600
session_key="BENCH_SESSION"
admin_scope="g_admin"
profile_scope="g_profile"
user_module_path="${modules}/user"
client_module_path="${modules}/client"
user_auth_scheme_module_path="${modules}/scheme"
plugin_module_path="${modules}/plugin"
hash_algorithm="SHA256"
database = { type = "sqlite3"; path = "${database}"; };
`

async function post(url: string, body: unknown, cookie = ''): Promise<Response> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Cookie: cookie },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`glewlwyd answered ${response.status} to ${url}`)
  return response
}

/** Declares the client as its administration does, so that its password is kept its own way. */
async function createClient(port: number, password: string, client: SecretClient): Promise<void> {
  const api = `http://127.0.0.1:${port}/api`
  const entered = await post(`${api}/auth`, { username: 'admin', password })
  const cookie = entered.headers.getSetCookie().map((each) => each.split(';')[0])
  const declared = {
    client_id: client.clientId,
    password: client.clientSecret,
    confidential: true,
    enabled: true,
    scope: ['read'],
    authorization_type: ['client_credentials'],
  }
  await post(`${api}/client`, declared, cookie.join('; '))
}

/** Starts it with one client, on the cores given; its threads are not counted. */
export async function startGlewlwyd(
  algorithm: 'RS256' | 'ES256',
  client: SecretClient,
  cores: string | undefined,
): Promise<Subject> {
  const folder = makeDataDirectory()
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  try {
    const administratorPassword = randomBytes(24).toString('base64url')
    const database = join(folder, 'glewlwyd.db')
    makeDatabase(database, pluginParameters(algorithm), administratorPassword)
    const port = await findFreePort()
    const file = join(folder, 'glewlwyd.conf')
    writeFileSync(file, configuration(port, database))
    const command = [program, `--config-file=${file}`]
    const subject = await startProgram({ name: 'glewlwyd', command, port, cores })
    const stop = (): Promise<void> => subject.stop().then(remove)
    await createClient(port, administratorPassword, client).catch(async (error) => {
      await stop()
      throw error
    })
    return { ...subject, stop }
  } catch (error) {
    remove()
    throw error
  }
}
