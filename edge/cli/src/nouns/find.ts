import { didYouMean } from '@mintmark/protocol/closest-name'
import { type Json, listAll, listOf, type Send, textOf } from '../domain-file/present-state.ts'
import { exitCodes } from '../exit-codes.ts'
import { CommandFault, expectSuccess } from '../session/command-fault.ts'

export type AppSide = 'application' | 'API'

const sideFilters: Readonly<Record<AppSide, string>> = {
  application: 'isOAuthClient eq true',
  API: 'isOAuthResource eq true',
}

const isOnSide = (app: Json, side: AppSide): boolean =>
  app[side === 'API' ? 'isOAuthResource' : 'isOAuthClient'] === true

const namesMax = 500

/** Names for "did you mean": the first few hundred are enough for it. */
const namesOnSide = async (send: Send, side: AppSide): Promise<readonly string[]> => {
  const filter = sideFilters[side]
  const query = { filter, attributes: 'displayName,name', count: String(namesMax) }
  const { status, body } = await send({ method: 'GET', path: '/Apps', query })
  const list = status === 200 ? listOf(body as Json, 'Resources') : []
  return list.flatMap((app) => [textOf(app, 'displayName'), textOf(app, 'name')])
}

const listCandidates = (apps: readonly Json[]): string =>
  apps
    .map((app) => {
      const words = ['displayName', 'name', 'id'].map((name) => textOf(app, name))
      return `  ${words[0]}   client id ${words[1]}   id ${words[2]}`
    })
    .join('\n')

/**
 * An application or an API by its name, its client id or its id.
 * @throws CommandFault: exit 3 with what was meant; exit 2 where the name is one of several
 */
export const findApp = async (send: Send, text: string, side: AppSide): Promise<Json> => {
  const value = JSON.stringify(text)
  const filter = `displayName eq ${value} or name eq ${value} or id eq ${value}`
  const all = await listAll(send, '/Apps', filter)
  const found = all.filter((app) => isOnSide(app, side))
  const exact = found.filter((app) => textOf(app, 'displayName') === text)
  const meant =
    found.length > 1 && exact.length === 1 && found.length === exact.length ? exact : found
  const [app, ...more] = meant
  if (app !== undefined && more.length === 0) return app
  if (app !== undefined) {
    const message = `"${text}" can be several. Use the id of one:\n${listCandidates(meant)}`
    throw new CommandFault(exitCodes.usage, message)
  }
  const fix = didYouMean(text, await namesOnSide(send, side))
  const other = all.length > 0 ? ` It is no ${side}.` : ''
  const hint = fix?.replace(/"/g, '') ?? ''
  const message = `No ${side} "${text}".${other} ${hint}`.trimEnd()
  throw new CommandFault(exitCodes.notFound, message)
}

/** What was just made, by the name that it was given. */
export const findMade = async (send: Send, name: string): Promise<Json> => {
  const [app] = await listAll(send, '/Apps', `displayName eq ${JSON.stringify(name)}`)
  if (app !== undefined) return app
  throw new CommandFault(exitCodes.notFound, `"${name}" was made, and is gone again.`)
}

/** @throws CommandFault (exit 5) where the name is taken */
export const refuseTaken = async (send: Send, name: string): Promise<void> => {
  const [taken] = await listAll(send, '/Apps', `displayName eq ${JSON.stringify(name)}`)
  if (taken === undefined) return
  const shown = JSON.stringify(textOf(taken, 'displayName'))
  const isApplication = taken['isOAuthClient'] === true
  const what = `There is an ${isApplication ? 'application' : 'API'} ${shown} already.`
  const fix = isApplication ? ` Another secret: mintmark app secret create ${shown}` : ''
  throw new CommandFault(exitCodes.conflict, what + fix)
}

/** A part of what was found, by name, whatever its case where `exact` is not set. */
export const pickNamed = (
  list: readonly Json[],
  attribute: string,
  text: string,
  what: string,
): Json => {
  const found =
    list.find((each) => textOf(each, attribute) === text || textOf(each, 'id') === text) ??
    list.find((each) => textOf(each, attribute).toLowerCase() === text.toLowerCase())
  if (found !== undefined) return found
  const names = list.map((each) => textOf(each, attribute))
  const fix = didYouMean(text, names) ?? (names.length > 0 ? `There are: ${names.join(', ')}.` : '')
  throw new CommandFault(exitCodes.notFound, `No ${what} "${text}". ${fix}`.trimEnd())
}

export const rolesOfApp = (send: Send, app: Json): Promise<readonly Json[]> =>
  listAll(send, '/AppRoles', `app.value eq ${JSON.stringify(textOf(app, 'id'))}`)

/** One operation of a Bulk of ours. */
export interface Operation {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly data?: Json
}

/** Does all of it in one transaction, or nothing. @throws CommandFault */
export const doAll = async (send: Send, operations: readonly Operation[]): Promise<Json> =>
  expectSuccess(
    await send({
      method: 'POST',
      path: '/Bulk',
      body: {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
        Operations: operations.map((operation, at) => ({ ...operation, bulkId: `op${at}` })),
        'urn:ietf:params:scim:schemas:extension:mintmark:1.0:Bulk': { atomic: true },
      },
    }),
  )

/** A PATCH of an App (RFC 7644 §3.5.2). */
export const patchApp = (
  app: Json,
  operations: readonly { readonly op: string; readonly path: string; readonly value?: unknown }[],
): Operation => ({
  method: 'PATCH',
  path: `/Apps/${textOf(app, 'id')}`,
  data: {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: operations,
  },
})
