import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { formatMistakes } from '../domain-file/mistake.ts'
import { readDomainFile } from '../domain-file/read-domain-file.ts'
import { exitCodes } from '../exit-codes.ts'
import { CommandFault, runCommand } from '../session/command-fault.ts'
import { processTerminal, type Terminal } from '../session/terminal.ts'
import { type Answers, gatherAnswers, type InitFlags } from '../setup/answers.ts'
import { checkClock, checkDoors } from '../setup/check-place.ts'
import { administratorId, alreadyThere, writeSetup } from '../setup/write-setup.ts'

/** A path as one would type it here. */
const shown = (path: string, terminal: Terminal): string => {
  const short = relative(terminal.directory, path)
  return short.startsWith('..') ? path : short || '.'
}

/** What is to be applied first is read now: a mistake in it is told before anything is written. */
const checkStart = (start: string | null): void => {
  if (start === null) return
  const files = [{ name: start, text: readFileSync(start, 'utf8') }]
  const readBeside = (file: string, path: string) =>
    readFileSync(resolve(dirname(file), path), 'utf8')
  const read = readDomainFile({ files, readBeside })
  if (read.ok) return
  const message = `Nothing was written.\n${formatMistakes(read.failure, files)}`
  throw new CommandFault(exitCodes.invalidInput, message)
}

const nextSteps = (answers: Answers, terminal: Terminal): string => {
  const { config, issuer, start, tls } = answers
  const authority = shown(join(dirname(config), 'ca', 'ca.crt'), terminal)
  const trust =
    tls.by === 'development' ? `\n  Trust:        export NODE_EXTRA_CA_CERTS=${authority}` : ''
  const secret = shown(join(dirname(config), 'admin.secret'), terminal)
  const signIn = `--client-id ${administratorId} --client-secret-stdin`
  const apply = start === null ? 'domain.yaml' : shown(start, terminal)
  return `
  Start:        mintmark serve --config ${shown(config, terminal)}${trust}
  First admin:  mintmark login ${issuer} ${signIn} < ${secret}
  First domain: mintmark apply -f ${apply}        (or mintmark import, mintmark app create)
  Look after:   mintmark doctor --config ${shown(config, terminal)}
`
}

/** `mintmark init`: a configuration that has been checked, and what it names. @returns exit code */
export const init = (flags: InitFlags, terminal = processTerminal()): Promise<number> =>
  runCommand(async () => {
    const config = resolve(flags.config)
    if (existsSync(config)) throw alreadyThere(config)
    const answers = await gatherAnswers(flags, terminal)
    checkStart(answers.start)
    const ports = await checkDoors(answers)
    const clock = await checkClock(answers.issuer)
    const { files, warnings } = await writeSetup(answers, terminal.nowMs)
    for (const { path, mode, isNew, note } of files) {
      const what = isNew ? 'wrote' : 'kept '
      const said = note === '' ? '' : `  ${note}`
      terminal.writeOutput(`  ✔ ${what} ${shown(path, terminal)} (${mode})${said}\n`)
    }
    const scheme = answers.issuer.startsWith('https:') ? 'https' : 'on this machine'
    const checks = [`issuer is ${scheme}`, 'folders can be written', ...ports, clock]
    terminal.writeOutput(`  ✔ checked: ${checks.join(', ')}\n`)
    for (const warning of warnings) terminal.writeError(`  ${warning}\n`)
    terminal.writeOutput(nextSteps(answers, terminal))
    return exitCodes.ok
  }, terminal)
