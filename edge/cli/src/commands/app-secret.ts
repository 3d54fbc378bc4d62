import { isObject, type Json, listOf, type Send, textOf } from '../domain-file/present-state.ts'
import { exitCodes } from '../exit-codes.ts'
import { findApp } from '../nouns/find.ts'
import { CommandFault, expectSuccess, runCommand } from '../session/command-fault.ts'
import { confirmName } from '../session/confirm.ts'
import { openSession } from '../session/open-session.ts'
import { panelOf, readForm, show, tableOf } from '../session/output.ts'
import { processTerminal } from '../session/terminal.ts'
import type { NounFlags } from './app.ts'

export interface SecretFlags extends NounFlags {
  readonly label?: string
  readonly expires?: string
  readonly overlap?: string
}

const idcs = 'urn:ietf:params:scim:schemas:oracle:idcs:'
const extension = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:AppClientSecretRegenerator'

const secretsOf = (app: Json): readonly Json[] => {
  const inside = app['urn:ietf:params:scim:schemas:extension:mintmark:1.0:App']
  return isObject(inside) ? listOf(inside, 'secrets') : []
}

const isLive = (secret: Json, nowMs: number): boolean =>
  ['ends', 'expires'].every((name) => {
    const time = textOf(secret, name)
    return time === '' || Date.parse(time) > nowMs
  })

/** `mintmark app secret list`: what is known of them; the secrets themselves nobody knows. */
export const secretList = (name: string, flags: NounFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const form = readForm(flags.output)
    const { send } = await openSession(flags, terminal)
    const app = await findApp(send, name, 'application')
    const secrets = secretsOf(app)
    const columns = ['label', 'ending', 'origin', 'created', 'lastUsed', 'expires', 'ends']
    const table = tableOf(
      ['LABEL', 'ENDING', 'ORIGIN', 'CREATED', 'LAST USED', 'EXPIRES', 'ENDS'],
      secrets.map((secret) => columns.map((column) => textOf(secret, column))),
    )
    const names = secrets.map((secret) => textOf(secret, 'id'))
    await show(terminal, form, { table, data: secrets, names })
    return undefined
  }, terminal)

const secondsPerUnit: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** `24h`, `90m`, `0`. @throws CommandFault (exit 2) */
const readOverlap = (text: string): number => {
  const [, number, unit] = /^(\d{1,9})([smhd]?)$/.exec(text) ?? []
  if (number !== undefined) return Number(number) * (secondsPerUnit[unit || 's'] ?? 1)
  throw new CommandFault(exitCodes.usage, `--overlap is a time like 24h, 90m or 0, not "${text}".`)
}

const regenerate = async (send: Send, app: Json, seconds: number, flags: SecretFlags) => {
  const { label, expires } = flags
  return expectSuccess(
    await send({
      method: 'POST',
      path: '/AppClientSecretRegenerator',
      body: {
        schemas: [`${idcs}AppClientSecretRegenerator`, extension],
        appId: textOf(app, 'id'),
        [extension]: {
          overlapSeconds: seconds,
          ...(label && { label }),
          ...(expires && { expires }),
        },
      },
    }),
  )
}

/** `mintmark app secret create` (no overlap to speak of: there is none yet) and `rotate`. */
export const secretMake = (
  name: string,
  way: 'create' | 'rotate',
  flags: SecretFlags,
  terminal = processTerminal(),
) =>
  runCommand(async () => {
    const form = readForm(flags.output)
    const seconds = readOverlap(flags.overlap ?? '24h')
    const { send, issuer } = await openSession(flags, terminal)
    const app = await findApp(send, name, 'application')
    const shown = textOf(app, 'displayName')
    const live = secretsOf(app).filter((each) => isLive(each, terminal.nowMs))
    if (way === 'create' && live.length > 0) {
      const fix = `Next to it: mintmark app secret rotate ${shown}`
      const message = `${shown} has a secret that works. ${fix}`
      throw new CommandFault(exitCodes.conflict, message)
    }
    if (way === 'rotate' && seconds === 0 && live.length > 0) {
      const what = `Ending every other secret of ${shown} at once`
      await confirmName(what, shown, flags.yes, terminal)
    }
    const made = await regenerate(send, app, way === 'create' ? 0 : seconds, flags)
    const clientSecret = textOf(made, 'clientSecret')
    const clientId = textOf(app, 'name')
    const until = new Date(terminal.nowMs + seconds * 1000).toISOString()
    const before = live.length === 0 || seconds === 0 ? '' : ` Older ones work until ${until}.`
    terminal.writeError(`✔ New secret for ${shown}, shown once: save it now.${before}\n`)
    await show(terminal, form, {
      table: panelOf([
        ['Client ID', clientId],
        ['Client secret', clientSecret],
      ]),
      data: { clientId, clientSecret, overlapSeconds: seconds },
      names: [clientId],
      env: {
        MINTMARK_ISSUER: issuer,
        MINTMARK_CLIENT_ID: clientId,
        MINTMARK_CLIENT_SECRET: clientSecret,
      },
    })
    return undefined
  }, terminal)
