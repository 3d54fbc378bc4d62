import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type Applied, applyDomainFile } from '../domain-file/apply-domain-file.ts'
import type { DomainSource, SourceFile } from '../domain-file/mistake.ts'
import { formatPlan, type Plan } from '../domain-file/plan.ts'
import { exitCodes } from '../exit-codes.ts'
import { isOutputForm, type OutputForm, outputText } from './apply-output.ts'
import { connectServer, ServerNotReached, SignInRefused } from './connect-server.ts'

export interface ApplyFlags {
  readonly file: string
  readonly dryRun?: boolean
  readonly url?: string
  readonly clientId?: string
  readonly clientSecretStdin?: boolean
  readonly output: string
}

/** Where the command reads from and writes to; tests put their own in place. */
export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>
  readInput(): string
  writeOutput(text: string): void
  writeError(text: string): void
  readonly nowMs: number
}

const terminal = (): Terminal => ({
  environment: process.env,
  readInput: () => readFileSync(0, 'utf8'),
  writeOutput: (text) => process.stdout.write(text),
  writeError: (text) => process.stderr.write(text),
  nowMs: Date.now(),
})

const besideBytesMax = 1_048_576

/** A domain file, or every .yaml and .yml of a folder in the order of their names. */
const readSource = (path: string): DomainSource => {
  const isFolder = statSync(path).isDirectory()
  const names = isFolder
    ? readdirSync(path)
        .filter((name) => /\.ya?ml$/i.test(name))
        .toSorted()
        .map((name) => join(path, name))
    : [path]
  const files = names.map((name): SourceFile => ({ name, text: readFileSync(name, 'utf8') }))
  return {
    files,
    readBeside: (file, beside) => {
      const found = resolve(dirname(file), beside)
      if (statSync(found).size > besideBytesMax) throw new Error('it is too large')
      return readFileSync(found, 'utf8')
    },
  }
}

interface Credentials {
  readonly clientId: string
  readonly clientSecret: string
}

const readCredentials = (flags: ApplyFlags, console: Terminal): Credentials | null => {
  const { environment } = console
  const clientId = flags.clientId ?? environment['MINTMARK_CLIENT_ID'] ?? ''
  const file = environment['MINTMARK_CLIENT_SECRET_FILE']
  const secret =
    flags.clientSecretStdin === true
      ? console.readInput()
      : (environment['MINTMARK_CLIENT_SECRET'] ??
        (file === undefined ? '' : readFileSync(file, 'utf8')))
  const clientSecret = secret.replace(/\r?\n$/, '')
  return clientId === '' || clientSecret === '' ? null : { clientId, clientSecret }
}

/** The diff goes where people look: to standard output unless that carries data. */
const showPlan = (plan: Plan, form: OutputForm, console: Terminal): void => {
  const text = `${formatPlan(plan)}\n`
  if (form === 'text') console.writeOutput(text)
  else console.writeError(text)
}

const usage = (console: Terminal, message: string): number => {
  console.writeError(`✖ ${message}\n`)
  return exitCodes.usage
}

const failed = (console: Terminal, error: unknown): number => {
  if (error instanceof ServerNotReached || error instanceof SignInRefused) {
    console.writeError(`✖ ${error.message}\n`)
    return error instanceof ServerNotReached ? exitCodes.unreachable : exitCodes.forbidden
  }
  const { code, message } = error as NodeJS.ErrnoException
  console.writeError(`✖ ${message}\n`)
  return code === 'ENOENT' ? exitCodes.notFound : exitCodes.unexpected
}

/** `mintmark apply`. @returns the exit code */
export const apply = async (flags: ApplyFlags, console = terminal()): Promise<number> => {
  const form = flags.output
  if (!isOutputForm(form)) return usage(console, `--output is text, env or json, not "${form}".`)
  try {
    const source = readSource(flags.file)
    const credentials = readCredentials(flags, console)
    if (credentials === null) {
      console.writeError(
        '✖ Not signed in. Set MINTMARK_CLIENT_ID and MINTMARK_CLIENT_SECRET (or …_FILE), ' +
          'or use --client-id with --client-secret-stdin.\n',
      )
      return exitCodes.forbidden
    }
    const url = flags.url ?? console.environment['MINTMARK_URL'] ?? 'http://localhost:8480'
    const server = await connectServer(url, credentials)
    if (server.warning !== null) console.writeError(`⚠ ${server.warning}\n`)
    const dryRun = flags.dryRun === true
    const onPlan = (plan: Plan) => showPlan(plan, form, console)
    const { nowMs } = console
    const result = await applyDomainFile({ source, send: server.send, dryRun, nowMs, onPlan })
    if (!result.ok) {
      console.writeError(`✖ Nothing was changed.\n${result.failure.message}\n`)
      return result.failure.exitCode
    }
    return finish(result.value, { dryRun, form, issuer: server.issuer }, console)
  } catch (error) {
    return failed(console, error)
  }
}

const finish = (
  applied: Applied,
  how: { readonly dryRun: boolean; readonly form: OutputForm; readonly issuer: string },
  console: Terminal,
): number => {
  console.writeOutput(outputText(applied, how))
  return how.dryRun && applied.changed ? exitCodes.dryRunChanges : exitCodes.ok
}
