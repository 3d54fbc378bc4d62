import { readFileSync, statSync } from 'node:fs'
import { parse } from 'yaml'
import { type Applied, applyDomainFile } from '../domain-file/apply-domain-file.ts'
import { formatPlan, type Plan } from '../domain-file/plan.ts'
import type { Send } from '../domain-file/present-state.ts'
import { exitCodes } from '../exit-codes.ts'
import { type ImportedDomain, ImportMistake } from '../import/import-draft.ts'
import { reportText } from '../import/import-report.ts'
import { type ImportPart, partsOfImport, textOfImport } from '../import/import-source.ts'
import { readAuth0 } from '../import/read-auth0.ts'
import { readHydra } from '../import/read-hydra.ts'
import { readIdcs } from '../import/read-idcs.ts'
import { readKeycloak } from '../import/read-keycloak.ts'
import { CommandFault, runCommand } from '../session/command-fault.ts'
import { openSession, type SessionFlags } from '../session/open-session.ts'
import { processTerminal, type Terminal } from '../session/terminal.ts'
import { outputText } from './apply-output.ts'

export interface ImportFlags extends SessionFlags {
  readonly dryRun?: boolean
  readonly withSecrets?: boolean
  readonly overwrite?: boolean
  readonly audience?: string
  readonly output: string
}

export const importSources = ['keycloak', 'hydra', 'auth0', 'idcs'] as const
export type ImportFrom = (typeof importSources)[number]

const forms = ['text', 'env', 'json', 'yaml'] as const
const fileBytesMax = 256 * 1024 * 1024

const parseFile = (path: string): unknown => {
  if (statSync(path).size > fileBytesMax) throw new ImportMistake('The file has over 256 MiB.')
  const text = readFileSync(path, 'utf8')
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!/\.ya?ml$/i.test(path))
      throw new ImportMistake(`It is no JSON: ${(error as Error).message}`)
  }
  try {
    return parse(text, { maxAliasCount: 100 })
  } catch (error) {
    throw new ImportMistake(`It is no YAML: ${(error as Error).message}`)
  }
}

const read = (
  from: ImportFrom,
  path: string,
  flags: ImportFlags,
  nowMs: number,
): ImportedDomain => {
  try {
    const file = parseFile(path)
    if (from === 'keycloak') return readKeycloak(file, flags.audience)
    if (from === 'hydra') return readHydra(file, flags.audience)
    return from === 'auth0' ? readAuth0(file) : readIdcs(file, nowMs)
  } catch (error) {
    if (!(error instanceof ImportMistake)) throw error
    throw new CommandFault(exitCodes.invalidInput, `${path}: ${error.message}`)
  }
}

const checkFlags = (flags: ImportFlags): (typeof forms)[number] => {
  const form = forms.find((each) => each === flags.output)
  const usage = (message: string) => new CommandFault(exitCodes.usage, message)
  if (form === undefined) throw usage(`--output is ${forms.join(', ')}, not "${flags.output}".`)
  if (form === 'yaml' && flags.withSecrets === true) {
    throw usage('-o yaml prints a domain file, and none holds secrets. Leave --with-secrets out.')
  }
  return form
}

/** The plans of all parts as one; what several parts name is there once. */
const joinPlans = (plans: readonly Plan[]): Plan => {
  const lines = new Map<string, Plan['lines'][number]>()
  for (const line of plans.flatMap((plan) => plan.lines)) {
    lines.set(`${line.kind} ${line.name} ${line.text}`, line)
  }
  return {
    operations: plans.flatMap(({ operations }) => operations),
    lines: [...lines.values()],
    secrets: [],
    removed: [],
  }
}

interface Around {
  readonly send: Send
  readonly nowMs: number
  readonly dryRun: boolean
  /** Told how many applications are done. */
  readonly onProgress: (done: number) => void
}

const applyParts = async (
  parts: readonly ImportPart[],
  { send, nowMs, dryRun, onProgress }: Around,
): Promise<readonly Applied[]> => {
  const done: Applied[] = []
  let applications = 0
  for (const part of parts) {
    const result = await applyDomainFile({ source: part.source, send, nowMs, dryRun })
    if (!result.ok) {
      const { exitCode, message } = result.failure
      const before = dryRun || done.length === 0 ? 'Nothing was changed.' : stoppedAt(applications)
      throw new CommandFault(exitCode, `${before}\n${message}`)
    }
    done.push(result.value)
    applications += part.applications
    onProgress(applications)
  }
  return done
}

const stoppedAt = (applications: number): string =>
  `It stopped after ${applications} applications. Run it again to go on: what is there stays.`

const progressOf = (total: number, terminal: Terminal) => (done: number) => {
  if (!terminal.isInteractive || total === 0) return
  terminal.writeError(`\r  ${done} of ${total} applications${done === total ? '\n' : ''}`)
}

/** What is there already is somebody's work: an import adds beside it. */
const refuseOverwriting = (plan: Plan): void => {
  const changed = plan.lines.filter(({ mark, text }) => mark === '~' && text !== '')
  if (changed.length === 0) return
  const names = [...new Set(changed.map(({ kind, name }) => `${kind} ${name}`))]
  const shown = names.slice(0, 10).join(', ') + (names.length > 10 ? ', …' : '')
  throw new CommandFault(
    exitCodes.conflict,
    `Nothing was changed. There already, and different: ${shown}.\n` +
      '  To change them to what the file says: --overwrite. To choose: -o yaml, edit, then apply.',
  )
}

/** The plan is made without the secrets that are taken: it has these as if they were minted. */
const withTheirSecrets = (plan: Plan, names: ReadonlySet<string>): Plan => ({
  ...plan,
  lines: plan.lines.map((line) =>
    line.mark === '+' && line.kind === 'app' && names.has(line.name)
      ? { ...line, text: '(new; with the secret that it has)' }
      : line,
  ),
})

const checked = async (
  imported: ImportedDomain,
  around: Pick<Around, 'send' | 'nowMs'>,
): Promise<{ readonly plan: Plan; readonly changed: boolean }> => {
  // Without secrets: checking one costs the server as much as using it.
  const parts = partsOfImport(imported, new Map())
  const quiet = { ...around, dryRun: true, onProgress: () => {} }
  const applied = await applyParts(parts, quiet)
  const plan = joinPlans(applied.map((each) => each.plan))
  return { plan, changed: applied.some((each) => each.changed) }
}

const heading = (from: ImportFrom): string =>
  ` Made by mintmark import ${from}, for mintmark apply -f. It holds no secrets: where it says\n` +
  ' "secret: true", a new one is minted and shown once.'

/** `mintmark import`: the export of another server becomes APIs and applications here. */
export const importCommand = (
  from: ImportFrom,
  path: string,
  flags: ImportFlags,
  terminal = processTerminal(),
): Promise<number> =>
  runCommand(async () => {
    const form = checkFlags(flags)
    const imported = read(from, path, flags, terminal.nowMs)
    if (form !== 'json') terminal.writeError(reportText(imported.report))
    if (imported.secrets.size > 0 && flags.withSecrets !== true) {
      const { size } = imported.secrets
      terminal.writeError(
        `⚠ Secrets of the file that are left out: ${size}. --with-secrets takes them.\n`,
      )
    }
    if (form === 'yaml') {
      terminal.writeOutput(textOfImport(imported, heading(from)))
      return exitCodes.ok
    }
    const server = await openSession(flags, terminal)
    const { send, issuer } = server
    const { nowMs } = terminal
    const secrets = flags.withSecrets === true ? imported.secrets : new Map<string, string>()
    const seen = await checked(imported, { send, nowMs })
    const plan = withTheirSecrets(seen.plan, new Set(secrets.keys()))
    const { changed } = seen
    const show = form === 'text' ? terminal.writeOutput : terminal.writeError
    if (form !== 'json') show.call(terminal, `${formatPlan(plan)}\n`)
    if (flags.overwrite !== true) refuseOverwriting(plan)
    const dryRun = flags.dryRun === true
    const parts = dryRun ? [] : partsOfImport(imported, secrets)
    const onProgress = progressOf(imported.applications.length, terminal)
    const done = await applyParts(parts, { send, nowMs, dryRun, onProgress })
    const applied = { plan, changed, secrets: done.flatMap((each) => each.secrets) }
    if (form === 'json') {
      const said = JSON.parse(outputText(applied, { dryRun, form, issuer }))
      terminal.writeOutput(
        `${JSON.stringify({ ...said, notCarriedOver: imported.report }, null, 2)}\n`,
      )
    } else terminal.writeOutput(outputText(applied, { dryRun, form, issuer }))
    return dryRun && changed ? exitCodes.dryRunChanges : exitCodes.ok
  }, terminal)
