import { type Json, listOf, type Send, textOf } from '../domain-file/present-state.ts'
import { exitCodes } from '../exit-codes.ts'
import { fixLines, fixText } from '../explain/fix-commands.ts'
import { findApp } from '../nouns/find.ts'
import { CommandFault, expectSuccess, runCommand } from '../session/command-fault.ts'
import { openSession } from '../session/open-session.ts'
import { readForm, show } from '../session/output.ts'
import { processTerminal } from '../session/terminal.ts'
import type { NounFlags } from './app.ts'

const inside = (object: Json, name: string): Json | null => {
  const value = object[name]
  return typeof value === 'object' && value !== null ? (value as Json) : null
}

const stepLines = (steps: readonly Json[]): string =>
  steps
    .map((step, at) => {
      const mark = step['ok'] === true ? '✔' : '✖'
      const number = String(at + 1).padStart(2)
      return `  ${number} ${mark} ${textOf(step, 'what')}: ${textOf(step, 'detail')}\n`
    })
    .join('')

interface Told {
  readonly table: string
  readonly data: Json
  readonly isRefused: boolean
}

const tell = async (send: Send, heading: string, story: Json | null): Promise<string> => {
  if (story === null) return `${heading}\n`
  const fixes: (readonly string[])[] = []
  for (const fix of listOf(story, 'fixes')) fixes.push(await fixLines(send, fix))
  const fixed = fixText(fixes)
  const steps = stepLines(listOf(story, 'steps'))
  return `${heading}\n\n${steps}${fixed === '' ? '' : `\n${fixed}`}`
}

const verdictText = (isRefused: boolean): string => (isRefused ? '✖ DENIED ' : '✔ ALLOWED')

/** What would be decided now: nothing is issued. */
const preview = async (
  server: { readonly send: Send; readonly ask: Send },
  [appName, apiName, ...scopes]: readonly string[],
): Promise<Told> => {
  const app = await findApp(server.send, appName ?? '', 'application')
  const api = await findApp(server.send, apiName ?? '', 'API')
  const body = {
    client: textOf(app, 'id'),
    resource: textOf(api, 'audience'),
    ...(scopes.length > 0 && { scope: scopes.join(' ') }),
  }
  const said = expectSuccess(await server.ask({ method: 'POST', path: '/preview', body }))
  const isRefused = said['verdict'] === 'refused'
  const what = scopes.length === 0 ? 'what it may' : scopes.join(' ')
  const names = `${textOf(app, 'displayName')} → ${textOf(api, 'displayName')}: ${what}`
  const reason = isRefused ? `   reason ${textOf(said, 'reason')}` : ''
  const heading = `${verdictText(isRefused)}  ${names}${reason}`
  return { table: await tell(server.send, heading, said), data: said, isRefused }
}

/** What was decided, and how it would be decided now. */
const decision = async (
  server: { readonly send: Send; readonly ask: Send },
  id: string,
): Promise<Told> => {
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(id)) {
    const fix = 'For an application: mintmark explain APP API'
    const message = `"${id.slice(0, 100)}" is no request id. ${fix}`
    throw new CommandFault(exitCodes.usage, message)
  }
  const said = expectSuccess(await server.ask({ method: 'GET', path: `/decisions/${id}` }))
  const recorded = inside(said, 'recorded')
  const isRefused = recorded?.['verdict'] === 'refused'
  const statement = textOf(said, 'statement')
  const heading = `${verdictText(isRefused)}  ${id}\n  ${statement}`
  return { table: await tell(server.send, heading, inside(said, 'now')), data: said, isRefused }
}

/** `mintmark explain`. @returns 8 when the answer is no */
export const explain = (words: readonly string[], flags: NounFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const form = readForm(flags.output)
    const server = await openSession(flags, terminal)
    const [first = '', second] = words
    const told = await (second === undefined ? decision(server, first) : preview(server, words))
    const { table, data, isRefused } = told
    const name = textOf(data, 'reason') || (isRefused ? 'refused' : 'issued')
    await show(terminal, form, { table, data, names: [name] })
    return isRefused ? exitCodes.denied : exitCodes.ok
  }, terminal)
