import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { broken, type Check, type Violation } from './violation.ts'

const rule = 'types'

/** Folders outside the build (`tsc -b`) that have a `tsconfig.json` of their own. */
const folders = ['tools', 'conformance', 'benchmarks', 'examples', 'simulation'] as const

const compile = (root: string, folder: string): string => {
  const compiler = join(import.meta.dirname, '..', 'node_modules', 'typescript', 'bin', 'tsc')
  try {
    execFileSync(process.execPath, [compiler, '-p', folder, '--noEmit', '--pretty', 'false'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    return ''
  } catch (error) {
    const output = (error as { readonly stdout?: string }).stdout
    if (!output) throw error
    return output
  }
}

const readDiagnostics = (folder: string, output: string): readonly Violation[] =>
  output.split('\n').flatMap((text) => {
    const match = /^(\S+?)\((\d+),\d+\): error (.*)$/.exec(text)
    if (match) return [broken(rule, match[1] ?? '', Number(match[2]), match[3] ?? '')]
    const general = /^error (.*)$/.exec(text)
    return general ? [broken(rule, `${folder}/tsconfig.json`, 1, general[1] ?? '')] : []
  })

/** What is not built is still compiled: type stripping runs a program without reading its types. */
export const types: Check = {
  name: rule,
  run: (tree) =>
    folders
      .filter((folder) => tree.files.includes(`${folder}/tsconfig.json`))
      .flatMap((folder) => readDiagnostics(folder, compile(tree.root, folder))),
}
