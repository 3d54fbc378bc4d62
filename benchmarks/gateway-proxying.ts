import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { frontFiles } from '@mintmark/gateway/front-proxy'
import { identityFieldsUsual, identityNames } from '@mintmark/gateway/identity-fields'
import { testIssuer } from '@mintmark/guard/testing'
import type { BenchOptions, ScenarioResult } from './result.ts'
import { alternate, type Contender, compare, type Ratio } from './rounds.ts'
import { openStage, type Stage } from './stage.ts'
import { findFreePort, startProgram, startSubject } from './subject-process.ts'
import { isBuilt } from './subjects/mintmark.ts'

type Outcome = Omit<ScenarioResult, 'name' | 'about'>

const main = fileURLToPath(new URL('../edge/cli/bin/mintmark.js', import.meta.url))
const api = fileURLToPath(new URL('./subjects/plain-api.ts', import.meta.url))
const requestsShareMin = 0.6
const distinctTokens = 100

const nginxFrame = `daemon off;
master_process off;
pid nginx.pid;
events {}
http {
  access_log off;
  keepalive_requests 1000000000;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  include mintmark-nginx.conf;
}
`

/** nginx in one process on the cores of the servers. */
const startNginx = async (stage: Stage, folder: string, port: number): Promise<Contender> => {
  const nginx = await startProgram({
    name: 'nginx auth_request',
    command: ['nginx', '-p', folder, '-c', 'nginx.conf', '-e', 'stderr'],
    port,
    cores: stage.placement.server,
  })
  stage.ended.defer(nginx.stop)
  return { ...nginx, list: 'orders' }
}

/** The gateway as proxy, and nginx that asks the same gateway; one core for all servers. */
export async function measureGateway(options: BenchOptions): Promise<Outcome> {
  const nothing: Outcome = { measurements: [], ratios: [], figures: [], skipped: [] }
  if (!isBuilt()) return { ...nothing, skipped: ['mintmark: not built (npm run build)'] }
  if (spawnSync('nginx', ['-v']).status !== 0) return { ...nothing, skipped: ['nginx: not found'] }
  await using ended = new AsyncDisposableStack()
  const stage = openStage(options, 1, ended)
  const issuer = await testIssuer({ http: true })
  ended.defer(() => issuer.close())
  const folder = mkdtempSync(join(tmpdir(), 'mintmark-bench-gateway-'))
  ended.defer(() => rmSync(folder, { recursive: true, force: true }))
  const cores = stage.placement.server
  const behind = await startSubject({ name: 'plain-api', args: [api], cores })
  ended.defer(behind.stop)
  const file = join(folder, 'gateway.yaml')
  writeFileSync(
    file,
    `listen: 127.0.0.1:0\nupstream: http://127.0.0.1:${behind.port}\nissuer: ${issuer.issuer}\n` +
      `audience: ${issuer.audience}\nforwardAuth: true\ntrustedProxies: [127.0.0.1]\n` +
      'routes: [{ path: /orders/**, scope: orders.read }]\n',
  )
  const gateway = await startSubject({
    name: 'mintmark gateway',
    args: [main, 'gateway', '-c', file],
    cores,
  })
  ended.defer(gateway.stop)
  const port = await findFreePort()
  const [printed] = frontFiles('nginx', {
    gateway: `127.0.0.1:${gateway.port}`,
    api: `127.0.0.1:${behind.port}`,
    port,
    fields: identityNames(identityFieldsUsual),
    passToken: false,
  })
  writeFileSync(join(folder, 'mintmark-nginx.conf'), printed?.text ?? '')
  writeFileSync(join(folder, 'nginx.conf'), nginxFrame)
  const nginx = await startNginx(stage, folder, port)
  const requests = Array.from({ length: distinctTokens }, () => {
    const token = issuer.token({ scope: 'orders.read', exp: Math.floor(Date.now() / 1000) + 3600 })
    return Buffer.from(
      `GET /orders/1 HTTP/1.1\r\nHost: api.test\r\nAuthorization: Bearer ${token}\r\n\r\n`,
    )
  })
  await stage.load.prepare('orders', requests)
  const measurements = await alternate(
    stage.load,
    [{ ...gateway, list: 'orders' }, nginx],
    stage.plan,
  )
  const comparison = { of: gateway.name, over: nginx.name, requestsTarget: requestsShareMin }
  const ratios = [compare(measurements, comparison)].filter((each): each is Ratio => !!each)
  return { ...nothing, measurements, ratios }
}
