/*
 * Before anything of the product is loaded: its clocks, its chance and its signatures become the
 * model's. Its files are read as they are, but for a bug that was planted.
 */
import { registerHooks } from 'node:module'
import { installModelKeys } from './model-keys.ts'
import { installVirtualGlobals } from './virtual-globals.ts'

/** A change of one file of the product. */
export interface Mutation {
  /** End of its path. */
  readonly file: string
  readonly find: string
  readonly replace: string
}

/** Certificates of signing keys are made by a library that waits for threads. */
const certificateFile = '/service/server/src/certificates/make-signing-certificate.ts'
const certificateModule = `export const makeSigningCertificate = async ({ subject }) => ({
  certificateDer: Buffer.from(subject),
})`

/** Memories for thousands of clients, which are made anew at each start of a server. */
const sizes: readonly Mutation[] = (
  [
    ['server/src/composition/build-services.ts', 'admissionPairsMax = 50_000', '= 500'],
    ['server/src/composition/build-services.ts', 'tokensMax: 24_576', ': 256'],
    ['server/src/composition/build-services.ts', 'tokensMax: 16_384', ': 256'],
    ['server/src/proof/remote-key-set.ts', 'options.cacheMax ?? 1000', '?? 10'],
    ['storage/src/cached-registry.ts', 'readyMax = 4096', '= 64'],
    ['storage/src/cached-registry.ts', 'unknownMax ?? 1000', '?? 50'],
    ['storage/src/count-memory.ts', 'countsMax = 1000', '= 50'],
  ] as const
).map(([file, find, less]) => {
  const [name = ''] = find.split(/ (?:=|\?\?) |: /)
  return { file: `service/${file}`, find, replace: `${name} ${less}` }
})

/** @throws when its place is not there, or not the only one */
export const mutate = (text: string, { file, find, replace }: Mutation): string => {
  if (text.split(find).length !== 2) throw new Error(`${file} does not hold once: ${find}`)
  return text.replace(find, () => replace)
}

/** Once a process. @param mutations of a planted bug */
export const prepareProcess = (mutations: readonly Mutation[]): void => {
  registerHooks({
    load: (url, context, next) => {
      if (url.endsWith(certificateFile)) {
        return { format: 'module', source: certificateModule, shortCircuit: true }
      }
      const loaded = next(url, context)
      const mine = [...sizes, ...mutations].filter(({ file }) => url.endsWith(`/${file}`))
      if (mine.length === 0) return loaded
      return { ...loaded, source: mine.reduce(mutate, String(loaded.source)) }
    },
  })
  installVirtualGlobals()
  installModelKeys()
}
