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

export interface SecretEndFlags extends NounFlags {
  readonly yes?: boolean
  readonly revokeTokens?: boolean
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
    const columns = ['id', 'label', 'ending', 'origin', 'created', 'lastUsed', 'expires', 'ends']
    const table = tableOf(
      ['ID', 'LABEL', 'ENDING', 'ORIGIN', 'CREATED', 'LAST USED', 'EXPIRES', 'ENDS'],
      secrets.map((secret) => columns.map((column) => textOf(secret, column))),
    )
    const names = secrets.map((secret) => textOf(secret, 'id'))
    await show(terminal, form, { table, data: secrets, names })
    return undefined
  }, terminal)

const idOfMade = (made: Json): string => {
  const said = made[extension]
  return isObject(said) ? textOf(said, 'secretId') : ''
}

const secondsPerUnit: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** `24h`, `90m`, `0`. @throws CommandFault (exit 2) */
const readOverlap = (text: string): number => {
  if (text === '0') return 0
  // A bare number would be seconds, where hours are what most people mean.
  const [, number, unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  if (number !== undefined) return Number(number) * (secondsPerUnit[unit] ?? 1)
  throw new CommandFault(exitCodes.usage, `--overlap is a time like 24h, 90m or 0, not "${text}".`)
}

/** @param seconds for which older ones go on working; null: until they end by themselves */
const regenerate = async (send: Send, app: Json, seconds: number | null, flags: SecretFlags) => {
  const { label, expires } = flags
  return expectSuccess(
    await send({
      method: 'POST',
      path: '/AppClientSecretRegenerator',
      body: {
        schemas: [`${idcs}AppClientSecretRegenerator`, extension],
        appId: textOf(app, 'id'),
        [extension]: {
          ...(seconds === null ? { keepOthers: true } : { overlapSeconds: seconds }),
          ...(label && { label }),
          ...(expires && { expires }),
        },
      },
    }),
  )
}

/** What becomes of the secrets that work already. */
const fateOf = (live: number, seconds: number | null, nowMs: number): string => {
  if (live === 0 || seconds === 0) return ''
  if (seconds === null)
    return ` The ${live} that work${live === 1 ? 's' : ''} already stay${live === 1 ? 's' : ''}.`
  return ` Older ones work until ${new Date(nowMs + seconds * 1000).toISOString()}.`
}

/** `mintmark app secret create`, which ends no other, and `rotate`. */
export const secretMake = (
  name: string,
  way: 'create' | 'rotate',
  flags: SecretFlags,
  terminal = processTerminal(),
) =>
  runCommand(async () => {
    const form = readForm(flags.output)
    const seconds = way === 'create' ? null : readOverlap(flags.overlap ?? '24h')
    const { send, issuer } = await openSession(flags, terminal)
    const app = await findApp(send, name, 'application')
    const shown = textOf(app, 'displayName')
    const live = secretsOf(app).filter((each) => isLive(each, terminal.nowMs))
    if (seconds === 0 && live.length > 0) {
      const what = `Ending every other secret of ${shown} at once`
      await confirmName(what, shown, flags.yes, terminal)
    }
    const made = await regenerate(send, app, seconds, flags)
    const clientSecret = textOf(made, 'clientSecret')
    const clientId = textOf(app, 'name')
    const fate = fateOf(live.length, seconds, terminal.nowMs)
    terminal.writeError(`✔ New secret for ${shown}, shown once: save it now.${fate}\n`)
    await show(terminal, form, {
      table: panelOf([
        ['Client ID', clientId],
        ['Client secret', clientSecret],
      ]),
      data: {
        clientId,
        clientSecret,
        secretId: idOfMade(made),
        ...(seconds === null ? { keepOthers: true } : { overlapSeconds: seconds }),
      },
      names: [clientId],
      env: {
        MINTMARK_ISSUER: issuer,
        MINTMARK_CLIENT_ID: clientId,
        MINTMARK_CLIENT_SECRET: clientSecret,
      },
    })
    return undefined
  }, terminal)

/** The one secret that a word means: an id, the beginning of one, a label or an ending. */
const pickSecret = (secrets: readonly Json[], word: string, nowMs: number): Json => {
  const live = secrets.filter((each) => isLive(each, nowMs))
  const means = (secret: Json): boolean =>
    word !== '' &&
    (textOf(secret, 'label') === word ||
      textOf(secret, 'ending') === word ||
      (word.length >= 6 && textOf(secret, 'id').startsWith(word)))
  const exact = secrets.find((each) => textOf(each, 'id') === word)
  const found = exact === undefined ? live.filter(means) : [exact]
  const [secret] = found
  const told = (found.length > 1 ? found : live)
    .map((each) => `${textOf(each, 'id')} (${textOf(each, 'label') || textOf(each, 'ending')})`)
    .join(', ')
  if (secret === undefined) {
    const there = told === '' ? 'None works.' : `There are ${told}.`
    throw new CommandFault(exitCodes.notFound, `No secret that works is "${word}". ${there}`)
  }
  if (found.length === 1) return secret
  throw new CommandFault(exitCodes.usage, `"${word}" can be ${told}. Say the id.`)
}

/** `mintmark app secret revoke`: ends one now, and no other. */
export const secretRevoke = (
  name: string,
  word: string,
  flags: SecretEndFlags,
  terminal = processTerminal(),
) =>
  runCommand(async () => {
    const { send } = await openSession(flags, terminal)
    const app = await findApp(send, name, 'application')
    const shown = textOf(app, 'displayName')
    const secrets = secretsOf(app)
    const secret = pickSecret(secrets, word, terminal.nowMs)
    const id = textOf(secret, 'id')
    const left = secrets.filter((each) => each !== secret && isLive(each, terminal.nowMs)).length
    const which = textOf(secret, 'label') || textOf(secret, 'ending') || id
    const leaves = left === 0 ? ', the last one that works' : ''
    await confirmName(`Ending secret ${which}${leaves}`, shown, flags.yes, terminal)
    const query = { revokeTokens: String(flags.revokeTokens === true) }
    const path = `/AppClientSecretRegenerator/${id}`
    expectSuccess(await send({ method: 'DELETE', path, query }))
    const tokens = flags.revokeTokens ? ', and the tokens that it obtained' : ''
    const rest = left === 0 ? 'None works now.' : `${left} still work${left === 1 ? 's' : ''}.`
    terminal.writeError(`✔ Secret ${which} of ${shown} has ended${tokens}. ${rest}\n`)
    return undefined
  }, terminal)
