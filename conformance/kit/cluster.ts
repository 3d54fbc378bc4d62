/** Several servers on one PostgreSQL, asked as one domain. */
import { type DatabaseProxy, startDatabaseProxy } from './database-proxy.ts'
import { type DomainOptions, type MintmarkDomain, startMintmark } from './mintmark-domain.ts'
import type { Environment, ServerProcess } from './server-process.ts'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'

/** One server, with all that is asked of the domain asked of it. */
export type Node = MintmarkDomain

export interface Cluster {
  /** Those that run now. */
  nodes(): readonly Node[]
  node(at: number): Node
  readonly proxy: TcpProxy
  /** Between the last of the first servers and PostgreSQL. */
  readonly network: DatabaseProxy
  /** Another server takes the place of this one, which runs on, or is gone already. */
  replace(at: number, more?: { readonly main?: string }): Promise<Node>
  stop(): Promise<void>
}

export interface ClusterOptions extends Pick<DomainOptions, 'databases' | 'main'> {
  readonly environment?: Environment
}

/** As many servers on one new database, and a proxy before them whose URL is the issuer. */
export const startCluster = async (
  count: number,
  options: ClusterOptions = {},
): Promise<Cluster> => {
  const proxy = await startTcpProxy()
  const first = await startMintmark({
    ...options,
    environment: { MINTMARK_ISSUER: proxy.url, MINTMARK_URL: proxy.url, ...options.environment },
  })
  const network = await startDatabaseProxy(first.databaseUrl)
  const main = options.main === undefined ? {} : { main: options.main }
  const started: ServerProcess[] = []
  const start = async (environment: Environment, more: { readonly main?: string }) => {
    const process = await first.startNode({ environment, ...main, ...more })
    started.push(process)
    return nodeOf(first, process)
  }
  const others = Array.from({ length: count - 1 }, (_, at) =>
    start(at === count - 2 ? { MINTMARK_DATABASE_URL: network.url } : {}, {}),
  )
  const nodes: Node[] = [first, ...(await Promise.all(others))]
  const lead = (): void => proxy.lead(nodes.map(({ url }) => url))
  lead()
  return {
    nodes: () => nodes,
    node: (at) => nodes[at % nodes.length] as Node,
    proxy,
    network,
    replace: async (at, more = {}) => {
      const node = await start({}, more)
      nodes[at] = node
      lead()
      return node
    },
    stop: async () => {
      proxy.stop()
      network.pass('all')
      await Promise.all(started.map((each) => each.stop()))
      await first.stop()
      network.stop()
    },
  }
}

const nodeOf = (domain: MintmarkDomain, process: ServerProcess): Node => {
  const url = process.door('plain') as string
  return {
    ...domain,
    url,
    process: () => process,
    administrate: (at = url) => domain.administrate(at),
  }
}
