import { isObject, type Json, listOf, type Send, textOf } from '../domain-file/present-state.ts'
import { exitCodes } from '../exit-codes.ts'
import { CommandFault, expectSuccess, runCommand } from '../session/command-fault.ts'
import { confirmName } from '../session/confirm.ts'
import { openSession } from '../session/open-session.ts'
import { readForm, show, tableOf } from '../session/output.ts'
import { processTerminal } from '../session/terminal.ts'
import type { NounFlags } from './app.ts'

export interface KeyFlags extends NounFlags {
  readonly algorithm?: string
}

const daySeconds = 86_400

const ageOf = (key: Json): string => {
  const seconds = Number(key['ageSeconds'])
  return seconds < 2 * daySeconds
    ? `${Math.floor(seconds / 3600)} h`
    : `${Math.floor(seconds / daySeconds)} d`
}

const nextOf = (key: Json): readonly [string, string] => {
  const next = isObject(key['next']) ? key['next'] : {}
  return [textOf(next, 'step'), textOf(next, 'at')]
}

const tableOfKeys = (keys: readonly Json[]): string =>
  tableOf(
    ['KEY', 'ALGORITHM', 'STATE', 'AGE', 'NEXT', 'AT'],
    keys.map((key) => [
      textOf(key, 'kid'),
      textOf(key, 'algorithm'),
      textOf(key, 'state'),
      ageOf(key),
      ...nextOf(key),
    ]),
  )

const outputOf = (said: Json) => {
  const keys = listOf(said, 'keys')
  return {
    table: tableOfKeys(keys),
    data: said,
    names: keys.map((key) => textOf(key, 'kid')),
  }
}

const readKeys = async (ask: Send): Promise<readonly Json[]> =>
  listOf(expectSuccess(await ask({ method: 'GET', path: '/keys' })), 'keys')

/** `mintmark key list`: what signs, what will and what did, and what happens when. */
export const keyList = (flags: KeyFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const form = readForm(flags.output)
    const { ask } = await openSession(flags, terminal)
    const said = expectSuccess(await ask({ method: 'GET', path: '/keys' }))
    await show(terminal, form, outputOf(said))
    return undefined
  }, terminal)

/** `mintmark key rotate`: a successor is published now and signs when everybody can know it. */
export const keyRotate = (flags: KeyFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const form = readForm(flags.output)
    const { ask } = await openSession(flags, terminal)
    const body = flags.algorithm === undefined ? {} : { algorithm: flags.algorithm }
    const said = expectSuccess(await ask({ method: 'POST', path: '/keys/rotate', body }))
    const made = Array.isArray(said['made']) ? said['made'].length : 0
    terminal.writeError(
      made === 0
        ? '✔ A rotation is under way already; its keys and times:\n'
        : '✔ Published. It signs at the time below, when no cache can be without it:\n',
    )
    await show(terminal, form, outputOf(said))
    return undefined
  }, terminal)

/**
 * `mintmark key revoke`: the emergency. The key leaves the key set at once, and every token that it
 * has signed is dead; asks for its name.
 */
export const keyRevoke = (kid: string, flags: KeyFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const form = readForm(flags.output)
    const { ask } = await openSession(flags, terminal)
    const key = (await readKeys(ask)).find((each) => textOf(each, 'kid') === kid)
    if (key === undefined) {
      const fix = 'mintmark key list shows those there are.'
      throw new CommandFault(exitCodes.notFound, `There is no signing key ${kid}. ${fix}`)
    }
    const state = textOf(key, 'state')
    const what = `Withdrawing the ${state} key ${kid} ends every token that it signed and`
    await confirmName(what, kid, flags.yes, terminal)
    const body = { kid, emergency: true }
    const said = expectSuccess(await ask({ method: 'POST', path: '/keys/rotate', body }))
    terminal.writeError(
      `✔ ${kid} is withdrawn. Tokens it signed are refused by introspection now, by guards that ` +
        'follow revocations within a second, by all others when they fetch the key set again.\n',
    )
    await show(terminal, form, outputOf(said))
    return undefined
  }, terminal)

/** `mintmark key doctor`: whether the master key opens all that is sealed; exit 6 when not. */
export const keyDoctor = (flags: KeyFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const form = readForm(flags.output)
    const { ask } = await openSession(flags, terminal)
    const said = expectSuccess(await ask({ method: 'GET', path: '/keys/check' }))
    const unopened = listOf(said, 'unopened')
    const source = textOf(said, 'masterKey')
    const verdict =
      unopened.length === 0
        ? `✔ The master key (from a ${source}) opens all ${said['sealed']} sealed records.\n`
        : `✖ The master key (from a ${source}) does not open ${unopened.length} records:\n` +
          unopened.map((each) => `  ${textOf(each, 'record')} ${textOf(each, 'id')}\n`).join('') +
          '  Restore the master key that they were sealed with, or make them anew:\n' +
          '  mintmark key revoke KEY, mintmark app secret rotate APPLICATION\n'
    terminal.writeError(verdict)
    await show(terminal, form, outputOf(said))
    return unopened.length === 0 ? undefined : exitCodes.invalidInput
  }, terminal)
