import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { readConfiguration } from '@mintmark/server/configuration/read-configuration'
import { replaceFile } from '@mintmark/server/replace-file'
import { exitCodes } from '../exit-codes.ts'
import { systemdUnit, type UnitFacts } from '../service/systemd-unit.ts'
import { CommandFault, configurationRefused, runCommand } from '../session/command-fault.ts'
import { confirmName } from '../session/confirm.ts'
import { processTerminal, type Terminal } from '../session/terminal.ts'

export interface ServiceFlags {
  readonly config: string
  readonly user: string
  readonly unitFile: string
  readonly dryRun?: boolean
  readonly yes?: boolean
}

/** The folder under which the command and all that it imports lie. */
const rootOf = (command: string): string => {
  const [root = '', inside] = command.split('/node_modules/')
  if (inside !== undefined) return root
  for (let folder = dirname(command); folder !== '/'; folder = dirname(folder)) {
    if (existsSync(join(folder, 'node_modules'))) return folder
  }
  return dirname(command)
}

/** @throws CommandFault (exit 3, 6) */
const factsOf = (flags: ServiceFlags): UnitFacts => {
  const config = resolve(flags.config)
  if (!existsSync(config)) {
    const message = `There is no ${config}. First: mintmark init --config ${config}`
    throw new CommandFault(exitCodes.notFound, message)
  }
  const read = readConfiguration({ file: config, environment: {}, flags: {} })
  if (!read.ok) throw configurationRefused(read.failure)
  if (!/^[a-z_][a-z0-9_-]{0,31}$/.test(flags.user)) {
    throw new CommandFault(exitCodes.usage, `"${flags.user}" cannot be the name of a user.`)
  }
  const { data, masterKeyFile, tls, clientCa, workers } = read.value
  const command = realpathSync(process.argv[1] ?? '')
  const named = [masterKeyFile, tls.certFile, tls.keyFile, ...clientCa]
  const alsoRead = named.flatMap((path) => {
    // A folder, because certificates are renewed by putting another file in place.
    const isElsewhere = path !== null && path !== '' && !path.startsWith(`${data}/`)
    return isElsewhere ? [dirname(path)] : []
  })
  const { user } = flags
  const root = rootOf(command)
  return { node: process.execPath, command, root, config, data, user, alsoRead, workers }
}

/** @throws CommandFault (exit 4) in place of a fault that says too little */
const asRoot = <T>(what: string, work: () => T): T => {
  try {
    return work()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'EACCES' && code !== 'EPERM' && code !== 'EROFS') throw error
    const fix = 'Run it with sudo; --dry-run only prints.'
    throw new CommandFault(exitCodes.forbidden, `${what}: ${message}. ${fix}`)
  }
}

/** Tells systemd, if the unit is where it looks; where there is none, says so instead. */
const systemctl = (unitFile: string, words: readonly string[], terminal: Terminal): void => {
  if (!resolve(unitFile).startsWith('/etc/systemd/')) return
  const { status, stderr, error } = spawnSync('systemctl', words, { encoding: 'utf8' })
  if (status === 0) return
  const why = error === undefined ? stderr.trim() : 'there is no systemctl here'
  terminal.writeError(`⚠ systemctl ${words.join(' ')}: ${why}\n`)
}

/** `mintmark service install`: a systemd unit that starts this command with its configuration. */
export const serviceInstall = (flags: ServiceFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const facts = factsOf(flags)
    const unit = systemdUnit(facts)
    if (flags.dryRun === true) {
      terminal.writeOutput(unit)
      return undefined
    }
    const { unitFile, user } = flags
    if (existsSync(unitFile) && readFileSync(unitFile, 'utf8') !== unit) {
      const fix = 'mintmark service remove takes it away; --dry-run prints the other.'
      const message = `${unitFile} is there already and says something else. ${fix}`
      throw new CommandFault(exitCodes.conflict, message)
    }
    if (spawnSync('id', ['-u', user]).status !== 0) {
      const home = `--home-dir ${facts.data} --shell /usr/sbin/nologin`
      const message = `There is no user ${user}. First: sudo useradd --system ${home} ${user}`
      throw new CommandFault(exitCodes.invalidInput, message)
    }
    asRoot('The unit cannot be written', () => replaceFile(unitFile, unit, { mode: 0o644 }))
    terminal.writeError(`✔ wrote ${unitFile}\n`)
    systemctl(unitFile, ['daemon-reload'], terminal)
    const name = basename(unitFile, '.service')
    terminal.writeError(`  Start:  sudo systemctl enable --now ${name}\n`)
    terminal.writeError(`  Look:   journalctl -u ${name} -f\n`)
    return undefined
  }, terminal)

/** `mintmark service remove`: stops the service and takes its unit away; the data stays. */
export const serviceRemove = (
  flags: Pick<ServiceFlags, 'unitFile' | 'yes'>,
  terminal = processTerminal(),
) =>
  runCommand(async () => {
    const { unitFile } = flags
    if (!existsSync(unitFile)) {
      throw new CommandFault(exitCodes.notFound, `There is no ${unitFile}.`)
    }
    const name = basename(unitFile, '.service')
    await confirmName(`Stopping and removing the service ${name}`, name, flags.yes, terminal)
    systemctl(unitFile, ['disable', '--now', name], terminal)
    asRoot('The unit cannot be removed', () => rmSync(unitFile))
    systemctl(unitFile, ['daemon-reload'], terminal)
    terminal.writeError(`✔ removed ${unitFile}. Configuration and data are where they were.\n`)
    return undefined
  }, terminal)
