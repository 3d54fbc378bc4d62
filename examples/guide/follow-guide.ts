/**
 * Follows the README of an example as a reader would: `mintmark dev` beside a copy of the files,
 * every block after `<!-- run -->` in order in one terminal, `<!-- serve -->` in another.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Administration, openAdministration } from '../../conformance/kit/administration.ts'
import { freePort } from '../../conformance/kit/free-port.ts'
import { basic, form, formHeaders, send } from '../../conformance/kit/http.ts'
import { type Answer, revocationPath, tokenPath } from '../../conformance/kit/test-domain.ts'
import { type Environment, type Started, startProgram } from './start-program.ts'
import {
  layOut,
  openTerminal,
  type Ports,
  root,
  type Terminal,
  terminalEnvironment,
  translate,
} from './terminal.ts'

const main = join(root, 'edge/cli/bin/mintmark.js')
const block = /^<!-- (run|serve) -->\n```sh\n([\s\S]*?)^```$/gm

/** The playground, with what a test asks of it beside the README. */
export interface GuideRun extends Terminal {
  /** Where the reader stands; `.mintmark/` and the files of the README lie here. */
  readonly folder: string
  /** Addresses of the authorization server. */
  readonly url: string
  readonly secureUrl: string
  readonly authority: string
  /** Address of the resource server. */
  readonly apiUrl: string
  readonly admin: Administration
  /** What each block marked `run` has printed. */
  readonly printed: readonly string[]
  /** The resource server of the block marked `serve`. */
  readonly server: Started
  /** One more resource server like the first, at an address of its own. */
  serveAnother(more: Environment): Promise<Started & { readonly apiUrl: string }>
  /** A token by the secret of an application of the README. */
  tokenFor(prefix: string, scope: string): Promise<string>
  /** The record of an application of the README. */
  applicationId(name: string): Promise<string>
  /** Ends a token, by the application that it was issued to (RFC 7009). */
  revoke(prefix: string, token: string): Promise<void>
  /** A GET with a token, or without one. */
  get(path: string, token: string | null, at?: string): Promise<Answer>
  stop(): Promise<void>
}

interface Addresses {
  readonly folder: string
  readonly url: string
  readonly secureUrl: string
  readonly apiUrl: string
  readonly ports: Ports
  /** Variable by which the resource server is told its address. */
  readonly apiVariable: string
}

const chooseAddresses = async (example: string, writtenPort: number): Promise<Addresses> => {
  const [plain, secure, own] = [await freePort(), await freePort(), await freePort()]
  return {
    folder: mkdtempSync(join(tmpdir(), `mintmark-${example}-`)),
    url: `http://localhost:${plain}`,
    secureUrl: `https://localhost:${secure}`,
    apiUrl: `https://localhost:${own}`,
    ports: [
      [8480, plain],
      [8482, secure],
      [writtenPort, own],
    ],
    apiVariable: `${example.replace(/-.*/, '').toUpperCase()}_URL`,
  }
}

/** What a server has as defaults is another address here. */
const serverSettings = ({ apiVariable, apiUrl, secureUrl }: Addresses): Environment => ({
  [apiVariable]: apiUrl,
  DOMAIN_URL: secureUrl,
  INTROSPECTION_URL: `${secureUrl}/oauth2/v1/introspect`,
})

const startServer = (folder: string, script: string, more: Environment): Promise<Started> =>
  startProgram({
    command: ['sh', '-c', `set -eu\n${script}`],
    cwd: folder,
    environment: { ...terminalEnvironment, ...more },
    ready: 'listening at',
  })

interface Followed {
  readonly printed: readonly string[]
  readonly server: Started
  /** The block that started it. */
  readonly serving: string
}

const followPage = async (
  page: string,
  addresses: Addresses,
  terminal: Terminal,
): Promise<Followed> => {
  const printed: string[] = []
  let serving = ''
  let server: Started | null = null
  try {
    for (const [, kind, code = ''] of page.matchAll(block)) {
      const script = translate(code, addresses.ports).replaceAll(/^npx |\bnpx (?=mintmark)/gm, '')
      if (kind === 'run') printed.push(await terminal.run(script))
      else {
        serving = script
        server = await startServer(addresses.folder, script, serverSettings(addresses))
      }
    }
  } catch (error) {
    await server?.stop()
    throw error
  }
  if (server === null) throw new Error('This README starts nothing.')
  return { printed, server, serving }
}

type Asking = Pick<GuideRun, 'tokenFor' | 'applicationId' | 'revoke' | 'get'>

const asking = (
  { url, apiUrl }: Addresses,
  { variable }: Terminal,
  admin: Administration,
  authority: string,
): Asking => {
  const post = (path: string, prefix: string, parameters: Readonly<Record<string, string>>) => {
    const [id, secret] = [variable(`${prefix}_CLIENT_ID`), variable(`${prefix}_CLIENT_SECRET`)]
    const headers = formHeaders({ authorization: basic(id, secret) })
    return send({ url: url + path, headers, body: form(parameters) })
  }
  return {
    tokenFor: async (prefix, scope) => {
      const answer = await post(tokenPath, prefix, { grant_type: 'client_credentials', scope })
      const token = answer.json?.['access_token']
      if (typeof token !== 'string') throw new Error(`no token: ${answer.status} ${answer.text}`)
      return token
    },
    applicationId: async (name) => {
      const filter = encodeURIComponent(`displayName eq "${name}"`)
      const found = await admin.call('GET', `/Apps?filter=${filter}&attributes=id`)
      const [app] = found['Resources'] as readonly { readonly id: string }[]
      if (app === undefined) throw new Error(`no application is called ${name}`)
      return app.id
    },
    revoke: async (prefix, token) => {
      const answer = await post(revocationPath, prefix, { token })
      if (answer.status !== 200) throw new Error(`not revoked: ${answer.text}`)
    },
    get: (path, token, at = apiUrl) => {
      const headers = token === null ? {} : { authorization: `Bearer ${token}` }
      return send({ url: at + path, method: 'GET', authority, headers })
    },
  }
}

interface State {
  readonly administrator: { readonly clientId: string; readonly secret: string }
}

const startPlayground = ({ folder, ports }: Addresses): Promise<Started> => {
  const listen = ['--port', `${ports[0]?.[1]}`, '--tls-port', `${ports[1]?.[1]}`]
  return startProgram({
    command: [process.execPath, main, 'dev', ...listen],
    cwd: folder,
    environment: terminalEnvironment,
    ready: 'Stop: Ctrl-C',
  })
}

/**
 * Starts the playground, follows the README and leaves its servers running.
 * @param example a folder beside this one
 * @param writtenPort port of the resource server in the README and in the domain file
 */
export const followGuide = async (example: string, writtenPort: number): Promise<GuideRun> => {
  const addresses = await chooseAddresses(example, writtenPort)
  const { folder, url, apiUrl, apiVariable, ports } = addresses
  layOut(folder, example, ports)
  const removeFolder = () => rmSync(folder, { recursive: true, force: true })
  const dev = await startPlayground(addresses).catch((error) => {
    removeFolder()
    throw error
  })
  const terminal = openTerminal(folder, { [apiVariable]: apiUrl, TRUSTED_ISSUER: url })
  const page = readFileSync(join(root, 'examples', example, 'README.md'), 'utf8')
  const followed = await followPage(page, addresses, terminal).catch(async (error) => {
    await dev.stop()
    removeFolder()
    throw error
  })
  const { server, printed, serving } = followed
  const state: State = JSON.parse(readFileSync(join(folder, '.mintmark/dev.json'), 'utf8'))
  const admin = await openAdministration(url, state.administrator)
  const authority = readFileSync(join(folder, '.mintmark/ca.crt'), 'utf8')
  const others: Started[] = []
  return {
    ...terminal,
    ...addresses,
    ...asking(addresses, terminal, admin, authority),
    authority,
    admin,
    printed,
    server,
    serveAnother: async (more) => {
      const at = `https://localhost:${await freePort()}`
      const settings = { ...serverSettings(addresses), [apiVariable]: at, ...more }
      const another = await startServer(folder, serving, settings)
      others.push(another)
      return { ...another, apiUrl: at }
    },
    stop: async () => {
      await Promise.all([...others, server, dev].map((each) => each.stop()))
      removeFolder()
    },
  }
}
