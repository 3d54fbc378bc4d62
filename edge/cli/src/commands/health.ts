import { isObject, type Json, listOf, textOf } from '../domain-file/present-state.ts'
import { exitCodes } from '../exit-codes.ts'
import { expectSuccess, runCommand } from '../session/command-fault.ts'
import { openSession } from '../session/open-session.ts'
import { panelOf, readForm, show } from '../session/output.ts'
import { processTerminal } from '../session/terminal.ts'
import type { NounFlags } from './app.ts'

const part = (said: Json, name: string): Json => {
  const value = said[name]
  return isObject(value) ? value : {}
}

const mebibytes = (bytes: unknown): string => `${Math.round(Number(bytes) / 1_048_576)} MiB`
const milliseconds = (seconds: unknown): string => `${(Number(seconds) * 1000).toFixed(1)} ms`

const panelOfHealth = (said: Json): string => {
  const [build, data, processes] = ['build', 'database', 'processes'].map((name) =>
    part(said, name),
  ) as [Json, Json, Json]
  const loop = part(processes, 'eventLoop')
  const reasons = Array.isArray(said['notReady']) ? said['notReady'].join('; ') : ''
  const servers = listOf(data, 'servers')
  const behind = servers.map((each) => String(each['behind'])).join(', ')
  const stale = part(said, 'cache')['outOfTouch']
  return panelOf([
    ['Ready', said['ready'] === true ? 'yes' : `no: ${reasons}`],
    ['Build', `${textOf(build, 'version')}, Node ${textOf(build, 'node')}`],
    ['Platform', textOf(build, 'platform')],
    ['Database', `${textOf(data, 'kind')}, schema ${data['schema']}`],
    ['It answers in', `${Number(data['milliseconds']).toFixed(1)} ms`],
    ['Servers', servers.length === 0 ? '' : `${servers.length}, behind by ${behind}`],
    ['Cache', typeof stale === 'string' ? stale : 'knows every change'],
    ['Processes', `${processes['count']} since ${textOf(processes, 'started')}`],
    ['Memory', mebibytes(processes['residentBytes'])],
    ['Event loop', `late by ${milliseconds(loop['lagP99Seconds'])} in one of 100`],
    ['Clock', textOf(said, 'now')],
  ])
}

/** `mintmark health`: how the server is doing, for who administers it; 6 when it is not ready. */
export const health = (flags: NounFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const form = readForm(flags.output)
    const { ask } = await openSession(flags, terminal)
    const said = expectSuccess(await ask({ method: 'GET', path: '/health' }))
    const isReady = said['ready'] === true
    const names = [isReady ? 'ready' : 'not ready']
    await show(terminal, form, { table: panelOfHealth(said), data: said, names })
    return isReady ? undefined : exitCodes.invalidInput
  }, terminal)
