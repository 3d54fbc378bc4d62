/** nginx, Caddy and HAProxy with the configurations that `mintmark gateway config` prints. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FrontPlan } from '@mintmark/gateway/front-plan'
import { frontFiles } from '@mintmark/gateway/front-proxy'
import { freePort, isListening } from './free-port.ts'

/** How each is asked whether it is there, and started. */
const programs = {
  nginx: { probe: ['-v'], run: ['-p', '.', '-c', 'nginx.conf', '-e', 'stderr'] },
  caddy: { probe: ['version'], run: ['run', '--config', 'Caddyfile', '--adapter', 'caddyfile'] },
  haproxy: { probe: ['-v'], run: ['-f', 'haproxy.cfg', '-db'] },
} as const

export type RealProxy = keyof typeof programs
export const realProxies = Object.keys(programs) as RealProxy[]

export const isInstalled = (name: RealProxy): boolean =>
  spawnSync(name, programs[name].probe, { stdio: 'ignore' }).status === 0

/** What nginx wants around the printed block. */
const nginxFrame = `daemon off;
pid nginx.pid;
events {}
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  include mintmark-nginx.conf;
}
`

export interface RunningProxy {
  readonly url: string
  stop(): Promise<void>
}

const until = async (isReady: () => Promise<boolean>, child: ChildProcess): Promise<boolean> => {
  for (let at = 0; at < 100 && child.exitCode === null; at += 1) {
    if (await isReady()) return true
    await new Promise((fulfil) => setTimeout(fulfil, 50))
  }
  return false
}

/** Starts a proxy in a directory of its own. @throws Error with what it said when it does not */
export const startFrontProxy = async (
  name: RealProxy,
  plan: Omit<FrontPlan, 'port'>,
): Promise<RunningProxy> => {
  const directory = mkdtempSync(join(tmpdir(), `mintmark-${name}-`))
  const port = await freePort()
  const files = frontFiles(name, { ...plan, port })
  for (const { name: file, text } of files) writeFileSync(join(directory, file), text)
  if (name === 'nginx') writeFileSync(join(directory, 'nginx.conf'), nginxFrame)
  const env = { ...process.env, HOME: directory, XDG_DATA_HOME: directory }
  const child = spawn(name, programs[name].run, { cwd: directory, env })
  let said = ''
  child.stdout.on('data', (bytes) => {
    said += bytes
  })
  child.stderr.on('data', (bytes) => {
    said += bytes
  })
  const ended = new Promise<void>((fulfil) => child.once('exit', () => fulfil()))
  const stop = async () => {
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), 3000)
    await ended
    clearTimeout(timer)
    rmSync(directory, { recursive: true, force: true })
  }
  if (!(await until(() => isListening(port), child))) {
    await stop()
    throw new Error(`${name} does not listen: ${said}`)
  }
  return { url: `http://127.0.0.1:${port}`, stop }
}
