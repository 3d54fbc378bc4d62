/*
 * `node tools/pack.ts FOLDER`: the three packages that people install, as tarballs that need
 * nothing of this repository. Parts that are not published by themselves travel inside.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

interface Manifest {
  readonly name: string
  readonly version: string
  readonly bin?: Readonly<Record<string, string>>
  readonly engines?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, unknown>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, unknown>>
}

/** A package as it is published. */
interface Published {
  readonly folder: string
  readonly name: string
  readonly description: string
  readonly node: string
  /** Pages of this repository that become its README. */
  readonly readme: string
}

/** `node:crypto` has argon2id from 24.7 on. */
const serverNode = '>=24.7'

export const published: readonly Published[] = [
  {
    folder: 'edge/cli',
    name: 'mintmark',
    description: 'A self-hosted OAuth 2.0 authorization server for client credentials',
    node: serverNode,
    readme: 'README.md',
  },
  {
    folder: 'edge/client',
    name: '@mintmark/client',
    description: 'Access tokens by client credentials, and a fetch that carries them',
    node: '>=20',
    readme: 'docs/calling/client.md',
  },
  {
    folder: 'edge/guard',
    name: '@mintmark/guard',
    description: 'Lets an API accept OAuth 2.0 access tokens, and say why not',
    node: '>=20',
    readme: 'docs/guarding/first-guard.md',
  },
]

const readManifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))

const folders = readManifest('.') as Manifest & { readonly workspaces: readonly string[] }
const folderOf = new Map(folders.workspaces.map((each) => [readManifest(each).name, each]))

/** The parts of this repository that a part runs with, itself first. */
const partsOf = (folder: string, known: ReadonlySet<string> = new Set()): ReadonlySet<string> => {
  let parts: ReadonlySet<string> = new Set([...known, folder])
  for (const name of Object.keys(readManifest(folder).dependencies ?? {})) {
    const next = folderOf.get(name)
    if (next !== undefined && !parts.has(next)) parts = partsOf(next, parts)
  }
  return parts
}

/** Only what is built: nobody has the sources there. */
const withoutSources = (exported: Manifest['exports']): Manifest['exports'] =>
  exported &&
  Object.fromEntries(
    Object.entries(exported).map(([path, target]) => {
      const { default: built } = target as { readonly default: string }
      return [path, { types: built.replace(/\.js$/, '.d.ts'), default: built }]
    }),
  )

/** What is built for tests, and what the compiler keeps for itself. */
const isForUs = (path: string): boolean =>
  /(?:\.test|-contract|\/test-(?:process|api))\.(?:js|d\.ts)$|\.tsbuildinfo$/.test(path)

const copyPart = (folder: string, target: string): void => {
  mkdirSync(target, { recursive: true })
  const filter = (path: string): boolean => !isForUs(path)
  cpSync(join(root, folder, 'dist'), join(target, 'dist'), { recursive: true, filter })
}

/** What the server hands to browsers: built whole, and needing nothing at run time. */
const consoleFolder = 'service/console'

const writeManifest = (target: string, manifest: object): void =>
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)

const stage = (wish: Published, target: string): void => {
  const own = readManifest(wish.folder)
  const inside = [...partsOf(wish.folder)].filter((each) => each !== wish.folder)
  const foreign = [wish.folder, ...inside]
    .flatMap((each) => Object.entries(readManifest(each).dependencies ?? {}))
    .filter(([name]) => !folderOf.has(name))
  if (inside.includes('service/server')) inside.push(consoleFolder)
  const bundled = inside.map((each) => readManifest(each))
  copyPart(wish.folder, target)
  if (own.bin) cpSync(join(root, wish.folder, 'bin'), join(target, 'bin'), { recursive: true })
  cpSync(join(root, 'LICENSE'), join(target, 'LICENSE'))
  cpSync(join(root, wish.readme), join(target, 'README.md'))
  writeManifest(target, {
    name: wish.name,
    version: own.version,
    description: wish.description,
    license: 'Apache-2.0',
    type: 'module',
    engines: { node: wish.node },
    ...(own.bin && { bin: own.bin }),
    ...(own.exports && { exports: withoutSources(own.exports) }),
    files: ['dist', 'bin'],
    dependencies: Object.fromEntries(
      [...foreign, ...bundled.map(({ name, version }) => [name, version] as const)].sort(),
    ),
    ...(own.peerDependencies && { peerDependencies: own.peerDependencies }),
    ...(own.peerDependenciesMeta && { peerDependenciesMeta: own.peerDependenciesMeta }),
    bundleDependencies: bundled.map(({ name }) => name),
  })
  for (const [at, folder] of inside.entries()) {
    const { name, version, exports } = bundled[at] as Manifest
    const place = join(target, 'node_modules', name)
    copyPart(folder, place)
    const plain = { name, version, license: 'Apache-2.0', type: 'module' }
    writeManifest(place, { ...plain, exports: withoutSources(exports) })
  }
}

/** Writes the tarballs into a folder; gives back their paths by the names of the packages. */
export const packAll = (target: string): ReadonlyMap<string, string> => {
  mkdirSync(target, { recursive: true })
  const packed = new Map<string, string>()
  for (const wish of published) {
    const staging = mkdtempSync(join(tmpdir(), 'mintmark-pack-'))
    try {
      stage(wish, staging)
      const words = ['pack', '--json', '--ignore-scripts', '--pack-destination', target]
      const run = spawnSync('npm', words, { cwd: staging, encoding: 'utf8' })
      if (run.status !== 0) throw new Error(`npm pack of ${wish.name}: ${run.stderr}`)
      const version = readManifest(wish.folder).version
      const file = `${wish.name.replace('@', '').replace('/', '-')}-${version}.tgz`
      packed.set(wish.name, join(target, file))
    } finally {
      rmSync(staging, { recursive: true, force: true })
    }
  }
  return packed
}

if (import.meta.main) {
  const [target] = process.argv.slice(2)
  if (target === undefined) {
    console.error('node tools/pack.ts FOLDER: where shall the tarballs go?')
    process.exit(2)
  }
  for (const [name, file] of packAll(target)) console.log(`${name}  ${file}`)
}
