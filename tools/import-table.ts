/**
 * Who may import whom: the arrow `service → core ← edge` of ARCHITECTURE.md, as data. Packages of
 * npm need no row here: a part may import those that its own `package.json` names, and `core`
 * names none.
 */
export interface Part {
  /** Folder from the root; everything below it belongs to the part. */
  readonly folder: string
  /** Name under which other parts import it; absent where nobody may. */
  readonly package?: string
  /** Packages of this repository it may import. */
  readonly mayImport: readonly string[]
  /** `node:` modules it may import: none, or all but those of `reservedNodeModules`. */
  readonly node: 'none' | 'all'
  /** Pure: no clock, no chance, no network, no console. */
  readonly pure: boolean
  /** Synchronous: neither `async` nor `await`. */
  readonly synchronous: boolean
}

const core = { node: 'none', pure: true, synchronous: false } as const
const running = { node: 'all', pure: false, synchronous: false } as const

const protocol = '@mintmark/protocol'
const registry = '@mintmark/registry'
const decisions = '@mintmark/decisions'
const storage = '@mintmark/storage'
const server = '@mintmark/server'
const client = '@mintmark/client'
const guard = '@mintmark/guard'
const gateway = '@mintmark/gateway'

export const importTable: readonly Part[] = [
  { ...core, folder: 'core/protocol', package: protocol, mayImport: [] },
  { ...core, folder: 'core/registry', package: registry, mayImport: [protocol] },
  {
    ...core,
    folder: 'core/decisions',
    package: decisions,
    mayImport: [protocol, registry],
    synchronous: true,
  },
  {
    ...running,
    folder: 'service/storage',
    package: storage,
    mayImport: [protocol, registry, decisions],
  },
  {
    ...running,
    folder: 'service/server',
    package: server,
    mayImport: [protocol, registry, decisions, storage],
  },
  // Runs in browsers and knows the server by its APIs only.
  { ...running, folder: 'service/console', package: '@mintmark/console', mayImport: [] },
  { ...running, folder: 'edge/client', package: client, mayImport: [protocol] },
  { ...running, folder: 'edge/guard', package: guard, mayImport: [protocol] },
  { ...running, folder: 'edge/gateway', package: gateway, mayImport: [protocol, guard] },
  {
    ...running,
    folder: 'edge/cli',
    package: '@mintmark/cli',
    mayImport: [protocol, server, client, guard, gateway],
  },
  // These look at the product from outside: over HTTP, through its programs, and through the two
  // libraries that callers and APIs install.
  { ...running, folder: 'conformance', mayImport: [client, guard, gateway] },
  { ...running, folder: 'benchmarks', mayImport: [client, guard, gateway] },
  { ...running, folder: 'examples', mayImport: [client, guard, gateway] },
  // Runs servers and guards in one process, over a model of their database.
  {
    ...running,
    folder: 'simulation',
    mayImport: [protocol, registry, decisions, storage, server, guard],
  },
  // Reads the lists of reasons, and what is answered to each.
  { ...running, folder: 'tools', mayImport: [protocol, guard] },
]

/** `node:` modules that one package keeps to itself, so that what they do has one place. */
export const reservedNodeModules: ReadonlyMap<string, string> = new Map([
  ['node:sqlite', 'service/storage'],
])

/** Folders outside the table whose files a part may import by a relative path. */
export const openFolders: readonly { readonly from: string; readonly to: string }[] = [
  { from: 'tools', to: 'conformance/rows' },
  { from: 'examples', to: 'conformance/kit' },
]

/** What a pure part may not name: the clock, chance, and the world outside. */
export const worldlyGlobals: ReadonlySet<string> = new Set([
  'process',
  'console',
  'fetch',
  'crypto',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'localStorage',
  'WebSocket',
])

/** Members of harmless globals that read the clock or throw dice. */
export const worldlyMembers: ReadonlySet<string> = new Set(['Date.now', 'Math.random'])
