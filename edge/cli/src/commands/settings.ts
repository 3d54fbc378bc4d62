import { type Json, listOf, type Send, textOf } from '../domain-file/present-state.ts'
import { exitCodes } from '../exit-codes.ts'
import { pickNamed } from '../nouns/find.ts'
import { CommandFault, expectSuccess, runCommand } from '../session/command-fault.ts'
import { openSession } from '../session/open-session.ts'
import { readForm, show, tableOf } from '../session/output.ts'
import { processTerminal } from '../session/terminal.ts'
import type { NounFlags } from './app.ts'

const domainPath = '/Settings/Settings'
/** Those of the domain: in its database, for every server of it. */
const domainKeys = ['issuer', 'signingCertPublicAccess'] as const

interface Setting {
  readonly key: string
  readonly value: string | null
  /** Where it came from: `domain`, `default`, or a place of the server's configuration. */
  readonly from: string
}

const shownKey = (key: string): string => `domain.${key}`

const readDomain = async (send: Send): Promise<readonly Setting[]> => {
  const said = expectSuccess(await send({ method: 'GET', path: domainPath }))
  return domainKeys.map((key) => ({
    key: shownKey(key),
    value: said[key] === undefined ? null : String(said[key]),
    from: 'domain',
  }))
}

const placeOf = ({ source }: Json): string => {
  const said = source as Json
  return textOf(said, 'place') || textOf(said, 'from')
}

const shownValue = (setting: Json): string | null => {
  const { value, isSecret } = setting
  if (value === null || value === undefined) return null
  return isSecret === true ? 'set, not shown' : String(value)
}

const readAll = async (send: Send, ask: Send): Promise<readonly Setting[]> => {
  const said = expectSuccess(await ask({ method: 'GET', path: '/settings' }))
  const server = listOf(said, 'settings').map((setting) => ({
    key: textOf(setting, 'key'),
    value: shownValue(setting),
    from: placeOf(setting),
  }))
  return [...(await readDomain(send)), ...server]
}

const find = (settings: readonly Setting[], key: string): Setting => {
  const name = domainKeys.some((each) => each === key) ? shownKey(key) : key
  const exact = settings.find((each) => each.key === name)
  if (exact !== undefined) return exact
  const rows = settings.map((each) => ({ key: each.key }))
  const meant = textOf(pickNamed(rows, 'key', key, 'setting'), 'key')
  return settings.find((each) => each.key === meant) as Setting
}

const outputOf = (settings: readonly Setting[]) => ({
  table: tableOf(
    ['SETTING', 'VALUE', 'FROM'],
    settings.map(({ key, value, from }) => [key, value ?? '–', from]),
  ),
  data: settings,
  names: settings.map(({ key }) => key),
})

/** `mintmark settings list`: those of the domain, and how the server was started. */
export const settingsList = (flags: NounFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const form = readForm(flags.output)
    const { send, ask } = await openSession(flags, terminal)
    await show(terminal, form, outputOf(await readAll(send, ask)))
    return undefined
  }, terminal)

/** `mintmark settings get`: the value alone, for scripts. */
export const settingsGet = (key: string, flags: NounFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const form = readForm(flags.output)
    const { send, ask } = await openSession(flags, terminal)
    const found = find(await readAll(send, ask), key)
    const table = `${found.value ?? ''}\n`
    await show(terminal, form, { table, data: found, names: [found.value ?? ''] })
    return undefined
  }, terminal)

const flagOf = (text: string): boolean => {
  if (text === 'true' || text === 'false') return text === 'true'
  throw new CommandFault(exitCodes.usage, `It is true or false, not "${text}".`)
}

/** `mintmark settings set`: of the domain; the server's own change where they were set. */
export const settingsSet = (
  key: string,
  text: string,
  flags: NounFlags,
  terminal = processTerminal(),
) =>
  runCommand(async () => {
    const { send, ask } = await openSession(flags, terminal)
    const found = find(await readAll(send, ask), key)
    const name = domainKeys.find((each) => shownKey(each) === found.key)
    if (name === undefined) {
      const place = found.from === 'default' ? 'its configuration' : found.from
      const fix = `Change it in ${place}, and start the server anew.`
      const message = `${found.key} is a setting of the server, not of the domain. ${fix}`
      throw new CommandFault(exitCodes.invalidInput, message)
    }
    const value = name === 'issuer' ? text : flagOf(text)
    const body = {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'replace', path: name, value }],
    }
    expectSuccess(await send({ method: 'PATCH', path: domainPath, body }))
    terminal.writeError(`✔ ${found.key} is ${text}; it was ${found.value ?? 'not set'}.\n`)
    return undefined
  }, terminal)
