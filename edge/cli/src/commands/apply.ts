import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { applyDomainFile } from '../domain-file/apply-domain-file.ts'
import type { DomainSource, SourceFile } from '../domain-file/mistake.ts'
import { formatPlan, type Plan } from '../domain-file/plan.ts'
import { exitCodes } from '../exit-codes.ts'
import { CommandFault, runCommand } from '../session/command-fault.ts'
import { confirmName } from '../session/confirm.ts'
import { readSignIn, type SessionFlags } from '../session/open-session.ts'
import { processTerminal, type Terminal } from '../session/terminal.ts'
import { isOutputForm, type OutputForm, outputText } from './apply-output.ts'
import { connectServer } from './connect-server.ts'

export interface ApplyFlags extends SessionFlags {
  /** `-`: standard input. */
  readonly file: string
  readonly dryRun?: boolean
  readonly prune?: boolean
  readonly yes?: boolean
  readonly output: string
}

const besideBytesMax = 1_048_576

/** A domain file, or every .yaml and .yml of a folder in the order of their names. */
const readSource = (path: string, terminal: Terminal): DomainSource => {
  if (path === '-') return sourceOf([{ name: 'standard input', text: terminal.readInput() }], '.')
  const isFolder = statSync(path).isDirectory()
  const names = isFolder
    ? readdirSync(path)
        .filter((name) => /\.ya?ml$/i.test(name))
        .toSorted()
        .map((name) => join(path, name))
    : [path]
  const files = names.map((name): SourceFile => ({ name, text: readFileSync(name, 'utf8') }))
  return sourceOf(files, null)
}

/** @param base where paths begin; null: beside the file that names them */
const sourceOf = (files: readonly SourceFile[], base: string | null): DomainSource => ({
  files,
  readBeside: (file, beside) => {
    const found = resolve(base ?? dirname(file), beside)
    if (statSync(found).size > besideBytesMax) throw new Error('it is too large')
    return readFileSync(found, 'utf8')
  },
})

/** The diff goes where people look: to standard output unless that carries data. */
const showPlan = (plan: Plan, form: OutputForm, terminal: Terminal): void => {
  const text = `${formatPlan(plan)}\n`
  if (form === 'text') terminal.writeOutput(text)
  else terminal.writeError(text)
}

/** @throws CommandFault where somebody should say yes to what goes and does not */
const confirmRemovals = async (plan: Plan, flags: ApplyFlags, terminal: Terminal) => {
  if (flags.dryRun === true) return
  for (const removed of plan.removed) {
    const [kind = '', ...name] = removed.split(' ')
    await confirmName(`Removing the ${kind} ${name.join(' ')}`, name.join(' '), flags.yes, terminal)
  }
}

/** `mintmark apply`. @returns the exit code */
export const apply = (flags: ApplyFlags, terminal = processTerminal()): Promise<number> =>
  runCommand(async () => {
    const form = flags.output
    if (!isOutputForm(form)) {
      const message = `--output is text, env or json, not "${form}".`
      throw new CommandFault(exitCodes.usage, message)
    }
    const source = readSource(flags.file, terminal)
    const { url, ...credentials } = readSignIn(flags, terminal)
    const server = await connectServer(url, credentials)
    if (server.warning !== null) terminal.writeError(`⚠ ${server.warning}\n`)
    const { dryRun = false, prune = false } = flags
    const result = await applyDomainFile({
      source,
      send: server.send,
      dryRun,
      prune,
      ownClientId: credentials.clientId,
      nowMs: terminal.nowMs,
      onPlan: (plan) => {
        showPlan(plan, form, terminal)
        return confirmRemovals(plan, flags, terminal)
      },
    })
    if (!result.ok) {
      const { exitCode, message } = result.failure
      throw new CommandFault(exitCode, `Nothing was changed.\n${message}`)
    }
    const applied = result.value
    terminal.writeOutput(outputText(applied, { dryRun, form, issuer: server.issuer }))
    return dryRun && applied.changed ? exitCodes.dryRunChanges : exitCodes.ok
  }, terminal)
