/** The terminal and the folder of a reader who follows the README of an example. */
import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Environment } from './start-program.ts'

export const root = join(import.meta.dirname, '../..')
const blockMsMax = 60_000

/** The ports of the README, and what they are here. */
export type Ports = readonly (readonly [written: number, here: number])[]

export const translate = (text: string, ports: Ports): string =>
  ports.reduce((all, [written, here]) => all.replaceAll(`:${written}`, `:${here}`), text)

/** The example's own files as the reader has them, programs by a link to the real ones. */
export const layOut = (folder: string, example: string, ports: Ports): void => {
  const [from, to] = [join(root, 'examples', example), join(folder, 'examples', example)]
  mkdirSync(to, { recursive: true })
  for (const name of readdirSync(from)) {
    const [source, target] = [join(from, name), join(to, name)]
    if (!name.endsWith('.yaml')) symlinkSync(source, target)
    else writeFileSync(target, translate(readFileSync(source, 'utf8'), ports))
  }
}

/** Nothing of our own environment but PATH is there, with the command as installed. */
export const terminalEnvironment: Environment = {
  PATH: [join(root, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
  HOME: tmpdir(),
}

const variablesFile = '.variables'
const exportsFile = '.exports'
/** What a shell sets for itself, and lets nobody set. */
const ownVariables = 'PPID|UID|EUID|BASH_VERSINFO|BASHOPTS|SHELLOPTS|_'

/** One terminal: variables last from block to block, and programs see those that are exported. */
export interface Terminal {
  /** Runs a block. @throws Error with everything it has printed when it fails */
  run(script: string): Promise<string>
  variable(name: string): string
}

const runBlock = (folder: string, script: string): Promise<string> =>
  new Promise((fulfil, reject) => {
    const whole = `set -eu; . ./${variablesFile}; . ./${exportsFile}
${script}
export -p > ${exportsFile}; set | grep -vE '^(${ownVariables})=' > ${variablesFile}`
    const options = { cwd: folder, env: terminalEnvironment, timeout: blockMsMax }
    const child = spawn('sh', ['-c', whole], options)
    let output = ''
    let errors = ''
    child.stdout.on('data', (bytes) => {
      output += bytes
    })
    child.stderr.on('data', (bytes) => {
      errors += bytes
    })
    child.once('close', (code) => {
      if (code === 0) fulfil(output)
      else reject(new Error(`${script}\nended with ${code}:\n${output}${errors}`))
    })
  })

/** @param exported what the reader's programs are told, because the addresses differ here */
export const openTerminal = (folder: string, exported: Environment): Terminal => {
  const lines = Object.entries(exported).map(([name, value]) => `export ${name}='${value}'\n`)
  writeFileSync(join(folder, exportsFile), lines.join(''))
  writeFileSync(join(folder, variablesFile), '')
  return {
    run: (script) => runBlock(folder, script),
    variable: (name) => {
      const text = readFileSync(join(folder, variablesFile), 'utf8')
      return new RegExp(`^${name}='?([^'\n]*)'?$`, 'm').exec(text)?.[1] ?? ''
    },
  }
}
