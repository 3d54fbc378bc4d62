import { appExtension } from '../domain-file/app-view.ts'
import { isObject, type Json, listOf, textOf } from '../domain-file/present-state.ts'
import { exitCodes } from '../exit-codes.ts'
import { doAll, findApp, patchApp, pickNamed } from '../nouns/find.ts'
import { readPublicKeys, thumbprintOf } from '../nouns/public-key-file.ts'
import { CommandFault, runCommand } from '../session/command-fault.ts'
import { confirmName } from '../session/confirm.ts'
import { openSession } from '../session/open-session.ts'
import { readForm, show, tableOf } from '../session/output.ts'
import { processTerminal } from '../session/terminal.ts'
import type { NounFlags } from './app.ts'

export interface KeyAddFlags extends NounFlags {
  readonly kid?: string
}

const insideOf = (app: Json): Json => {
  const inside = app[appExtension]
  return isObject(inside) ? inside : {}
}

const keysOf = (app: Json): readonly Json[] => {
  const { jwks } = insideOf(app)
  return isObject(jwks) ? listOf(jwks, 'keys') : []
}

const kindOf = (key: Json): string =>
  [textOf(key, 'kty'), textOf(key, 'crv'), textOf(key, 'alg')].filter(Boolean).join(' ')

/** `mintmark app key list`: the public keys that its assertions are checked with. */
export const appKeyList = (name: string, flags: NounFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const form = readForm(flags.output)
    const { send } = await openSession(flags, terminal)
    const app = await findApp(send, name, 'application')
    const rows = keysOf(app).map((key) => ({
      kid: textOf(key, 'kid'),
      kind: kindOf(key),
      thumbprint: thumbprintOf(key),
    }))
    const table = tableOf(
      ['KEY', 'KIND', 'THUMBPRINT'],
      rows.map(({ kid, kind, thumbprint }) => [kid, kind, thumbprint]),
    )
    await show(terminal, form, { table, data: rows, names: rows.map(({ kid }) => kid) })
    const uri = textOf(insideOf(app), 'jwksUri')
    if (uri !== '') terminal.writeError(`  Its keys are fetched from ${uri}\n`)
    return undefined
  }, terminal)

/** Where only certain methods may be used, assertions must be among them. */
const methodsWith = (app: Json): readonly string[] | null => {
  const said = insideOf(app)['authenticationMethods']
  const methods = Array.isArray(said) ? said.map(String) : []
  const isMet = methods.length === 0 || methods.includes('private_key_jwt')
  return isMet ? null : [...methods, 'private_key_jwt']
}

/** `mintmark app key add`: one more public key by which it can prove itself (RFC 7523). */
export const appKeyAdd = (
  name: string,
  file: string,
  flags: KeyAddFlags,
  terminal = processTerminal(),
) =>
  runCommand(async () => {
    const read = readPublicKeys(file)
    if (flags.kid !== undefined && read.length > 1) {
      throw new CommandFault(
        exitCodes.usage,
        `${file} holds ${read.length} keys: --kid is for one.`,
      )
    }
    const added = flags.kid === undefined ? read : read.map((key) => ({ ...key, kid: flags.kid }))
    const { send } = await openSession(flags, terminal)
    const app = await findApp(send, name, 'application')
    const shown = textOf(app, 'displayName')
    const present = keysOf(app)
    for (const key of added) {
      const same = present.find((each) => textOf(each, 'kid') === textOf(key, 'kid'))
      if (same === undefined) continue
      const message = `${shown} has a key ${textOf(key, 'kid')} already. Choose another: --kid`
      throw new CommandFault(exitCodes.conflict, message)
    }
    const methods = methodsWith(app)
    const change = (path: string, value: unknown) =>
      ({ op: 'replace', path: `${appExtension}:${path}`, value }) as const
    await doAll(send, [
      patchApp(app, [
        change('jwks', { keys: [...present, ...added] }),
        ...(methods === null ? [] : [change('authenticationMethods', methods)]),
      ]),
    ])
    const kids = added.map((key) => textOf(key, 'kid')).join(', ')
    terminal.writeError(`✔ ${shown} can prove itself by key ${kids}.\n`)
    return undefined
  }, terminal)

/** `mintmark app key remove`. */
export const appKeyRemove = (
  name: string,
  kid: string,
  flags: NounFlags,
  terminal = processTerminal(),
) =>
  runCommand(async () => {
    const { send } = await openSession(flags, terminal)
    const app = await findApp(send, name, 'application')
    const shown = textOf(app, 'displayName')
    const present = keysOf(app)
    const gone = pickNamed(present, 'kid', kid, `key of ${shown}`)
    const left = present.filter((each) => each !== gone)
    const leaves = left.length === 0 ? ', the last one,' : ''
    await confirmName(`Removing key ${kid}${leaves}`, shown, flags.yes, terminal)
    const path = `${appExtension}:jwks`
    const operation =
      left.length === 0
        ? ({ op: 'remove', path } as const)
        : ({ op: 'replace', path, value: { keys: left } } as const)
    await doAll(send, [patchApp(app, [operation])])
    terminal.writeError(`✔ ${shown} no longer has key ${textOf(gone, 'kid')}.\n`)
    return undefined
  }, terminal)
