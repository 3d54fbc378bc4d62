/** The example of an Oracle Integration instance, as a resource server of a test domain. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.ts'
import { type Answer, send } from './http.ts'
import type { MintmarkDomain } from './mintmark-domain.ts'

const program = fileURLToPath(new URL('../../examples/integration/server.ts', import.meta.url))

/** @throws when the program ends before */
const untilListening = (lines: Interface): Promise<void> =>
  new Promise((fulfil, reject) => {
    lines.on('line', (line) => {
      if (line.startsWith('listening at')) fulfil()
    })
    lines.once('close', () => reject(new Error('the instance has ended')))
  })

export interface IntegrationInstance {
  /** Runs the echo flow with a token. */
  run(token: string): Promise<Answer>
  stop(): Promise<void>
}

/** Starts it for an audience, with an application of its own that may look up roles. */
export const startInstance = async (
  domain: MintmarkDomain,
  audience: string,
): Promise<IntegrationInstance> => {
  const filter = encodeURIComponent('displayName eq "Authenticator Client"')
  const found = await domain.admin.call('GET', `/AppRoles?filter=${filter}`)
  const [role] = found['Resources'] as { id: string; app: { value: string } }[]
  const own = await domain.createClient({ scopes: [] })
  await domain.admin.grantRole(role?.app.value ?? '', role?.id ?? '', own)
  const home = dirname(domain.dataDirectory)
  writeFileSync(join(home, 'authority.pem'), domain.authority)
  const url = `https://localhost:${await freePort()}`
  const child = spawn(process.execPath, [program], {
    cwd: home,
    env: {
      INTEGRATION_URL: url,
      DOMAIN_URL: domain.secureUrl,
      MINTMARK_ISSUER: domain.issuer,
      INTEGRATION_INSTANCE_CLIENT_ID: own.clientId,
      INTEGRATION_INSTANCE_CLIENT_SECRET: own.secret,
      INTEGRATION_AUDIENCE: audience,
      TLS_CERT_FILE: join(home, 'door.pem'),
      TLS_KEY_FILE: join(home, 'door.key'),
      NODE_EXTRA_CA_CERTS: join(home, 'authority.pem'),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  process.once('exit', () => child.kill('SIGKILL'))
  await untilListening(createInterface(child.stdout))
  return {
    run: (token) =>
      send({
        url: `${url}/ic/api/integration/v1/flows/rest/ECHO/1.0/?hello`,
        method: 'GET',
        authority: domain.authority,
        headers: { authorization: `Bearer ${token}` },
      }),
    stop: async () => {
      if (child.exitCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}
