import { isObject, type Json, listOf, type Send, textOf } from '../domain-file/present-state.ts'

/** Something that a shell would take apart is quoted. */
const word = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

const get = async (send: Send, path: string): Promise<Json | null> => {
  const { status, body } = await send({ method: 'GET', path })
  return status === 200 && isObject(body) ? body : null
}

const nameOfApp = async (send: Send, id: string): Promise<string> => {
  const app = await get(send, `/Apps/${id}`)
  return word(app === null ? id : textOf(app, 'displayName'))
}

/** A scope that an earlier step of the same fix defines, so that nothing knows it yet. */
interface DefinedScope {
  readonly api: string
  readonly fqs: string
  readonly scope: string
}

/** Scopes by the API that defines them. */
const grantCommands = async (
  send: Send,
  app: string,
  scopes: readonly string[],
  defined: readonly DefinedScope[],
) => {
  const byApi = new Map<string, string[]>()
  for (const fqs of scopes) {
    const fresh = defined.find((each) => each.fqs === fqs)
    if (fresh !== undefined) {
      byApi.set(fresh.api, [...(byApi.get(fresh.api) ?? []), word(fresh.scope)])
      continue
    }
    const filter = `scopes.fqs eq ${JSON.stringify(fqs)}`
    const { body } = await send({ method: 'GET', path: '/Apps', query: { filter } })
    const [api] = isObject(body) ? listOf(body, 'Resources') : []
    if (api === undefined) continue
    const scope = listOf(api, 'scopes').find((each) => textOf(each, 'fqs') === fqs)
    const name = word(textOf(api, 'displayName'))
    const words = byApi.get(name) ?? []
    byApi.set(name, [...words, word(scope === undefined ? fqs : textOf(scope, 'value'))])
  }
  return [...byApi].map(([api, words]) => `mintmark app grant ${app} ${api} ${words.join(' ')}`)
}

const roleCommand = async (send: Send, step: Json, app: string): Promise<readonly string[]> => {
  const role = await get(send, `/AppRoles/${textOf(step, 'roleId')}`)
  if (role === null) return []
  const api = await nameOfApp(send, textOf(step, 'roleApplicationId'))
  return [`mintmark api role assign ${api} ${word(textOf(role, 'displayName'))} ${app}`]
}

/**
 * The commands that make one step of a fix; none where the step is not for administrators, or has
 * no command of its own: then its sentence says it.
 */
const commandsOf = async (
  send: Send,
  step: Json,
  defined: readonly DefinedScope[],
): Promise<readonly string[]> => {
  const kind = textOf(step, 'kind')
  const app = async () => await nameOfApp(send, textOf(step, 'applicationId'))
  const api = async () => await nameOfApp(send, textOf(step, 'resourceServerId'))
  switch (kind) {
    case 'activate':
      return [`mintmark app activate ${await app()}`]
    case 'make-confidential':
      return [`mintmark app update ${await app()} --type confidential`]
    case 'add-credential':
      return [`mintmark app secret rotate ${await app()}`]
    case 'grant-scope': {
      const scopes = Array.isArray(step['scopes']) ? step['scopes'].map(String) : []
      return grantCommands(send, await app(), scopes, defined)
    }
    case 'assign-role':
      return roleCommand(send, step, await app())
    case 'define-scope':
      return [`mintmark api scope add ${await api()} ${word(textOf(step, 'scope'))}`]
    case 'set-default-api':
      return [`mintmark app update ${await app()} --default-api ${await api()}`]
    default:
      return []
  }
}

const definedBy = async (send: Send, step: Json): Promise<readonly DefinedScope[]> => {
  if (textOf(step, 'kind') !== 'define-scope') return []
  const api = await get(send, `/Apps/${textOf(step, 'resourceServerId')}`)
  if (api === null) return []
  const scope = textOf(step, 'scope')
  const fqs = textOf(api, 'audience') + scope
  return [{ api: word(textOf(api, 'displayName')), fqs, scope }]
}

/** A fix as lines to type, or as sentences where nothing can be typed. */
export const fixLines = async (send: Send, fix: Json): Promise<readonly string[]> => {
  const lines: string[] = []
  const defined: DefinedScope[] = []
  for (const step of listOf(fix, 'steps')) {
    const commands = await commandsOf(send, step, defined)
    defined.push(...(await definedBy(send, step)))
    lines.push(...(commands.length > 0 ? commands : [textOf(step, 'sentence')]))
  }
  return lines
}

/** `  Fix:  …` and `   or:  …`, the nearest first. */
export const fixText = (fixes: readonly (readonly string[])[]): string =>
  fixes
    .filter((lines) => lines.length > 0)
    .map((lines, at) => {
      const head = at === 0 ? '  Fix:  ' : '   or:  '
      return lines.map((line, index) => `${index === 0 ? head : '        '}${line}\n`).join('')
    })
    .join('')
