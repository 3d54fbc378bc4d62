import { isObject, type Json, listOf, textOf } from '../domain-file/present-state.ts'
import { expectSuccess, runCommand } from '../session/command-fault.ts'
import { openSession } from '../session/open-session.ts'
import { panelOf, readForm, show, tableOf } from '../session/output.ts'
import { processTerminal } from '../session/terminal.ts'
import type { NounFlags } from './app.ts'

const nameOf = ({ application }: Json): string =>
  isObject(application) ? textOf(application, 'displayName') : ''

const times = (count: unknown): string => (count === 1 ? 'once' : `${count} times`)

/** What is the matter, in words. */
const wordsOf = (record: Json): string => {
  const { kind, count } = record
  switch (kind) {
    case 'expires': {
      const what = textOf(record, 'label') || 'its secret'
      return `${what} ends ${textOf(record, 'at')}`
    }
    case 'all-denied':
      return `refused ${times(count)}, and never let through: ${textOf(record, 'reason')}`
    case 'inactive-but-asking':
      return `inactive, and asked ${times(count)}`
    case 'does-not-cache':
      return `took ${count} tokens: it keeps none`
    case 'unused':
      return `its secrets were not used in 90 days, last ${textOf(record, 'at') || 'never'}`
    default:
      return String(kind)
  }
}

const tableOfOverview = (said: Json): string => {
  const p99 = said['p99Milliseconds']
  const numbers = panelOf([
    ['Issued', `${said['issued']}${said['isWhole'] === true ? '' : ' or more'}`],
    ['Denied', String(said['denied'])],
    ['99 of 100 within', typeof p99 === 'number' ? `${p99.toFixed(1)} ms` : ''],
  ])
  const top = listOf(said, 'top').map((each) => [
    nameOf(each),
    String(each['issued']),
    String(each['denied']),
  ])
  const attention = listOf(said, 'attention').map((each) => [nameOf(each), wordsOf(each)])
  const parts = [
    `The last hour, since ${textOf(said, 'since')}\n${numbers}`,
    ...(top.length === 0 ? [] : [tableOf(['APPLICATION', 'ISSUED', 'DENIED'], top)]),
    attention.length === 0
      ? 'Nothing needs attention.\n'
      : tableOf(['NEEDS ATTENTION', 'WHY'], attention),
  ]
  return parts.join('\n')
}

/** `mintmark overview`: the last hour, and what needs attention. */
export const overview = (flags: NounFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const form = readForm(flags.output)
    const { ask } = await openSession(flags, terminal)
    const said = expectSuccess(await ask({ method: 'GET', path: '/overview' }))
    const names = listOf(said, 'attention').map(nameOf)
    await show(terminal, form, { table: tableOfOverview(said), data: said, names })
    return undefined
  }, terminal)
