import { mayUse } from '@mintmark/decisions/administration/decide-access'
import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import { appExtensionUrn } from './app-schema.ts'
import type { AdministrationCommand, AdministrationContext } from './command.ts'
import type { Exchange } from './exchange.ts'
import { isObject } from './read-resource.ts'

export const chosenSecretCharsMin = 8
export const chosenSecretCharsMax = 500
/** Each costs an argon2id, so a Bulk cannot have as many as it likes. */
export const chosenSecretsMax = 100

/** A secret that came with the request, and its digest. */
export interface ChosenSecret {
  readonly secret: string
  readonly digest: string
}

const extensionMember = (body: unknown): unknown => {
  const extension = isObject(body) ? body[appExtensionUrn] : undefined
  if (!isObject(extension)) return undefined
  // RFC 7643 §2.1; two spellings at once are refused where attributes are read
  const name = Object.keys(extension).find((each) => each.toLowerCase() === 'secret')
  return name === undefined ? undefined : extension[name]
}

/** RFC 6749 Appendix A.2: VSCHAR. */
const isSecret = (secret: string): boolean =>
  /^[\x20-\x7e]+$/.test(secret) &&
  secret.length >= chosenSecretCharsMin &&
  secret.length <= chosenSecretCharsMax

/** What the request says of the first secret: nothing, `null` for none, or one of its own. */
export const readSecretWish = (
  exchange: Exchange,
): Result<ChosenSecret | 'none' | 'unsaid', AdministrationRefusal> => {
  const member = extensionMember(exchange.command.body)
  if (member === undefined) return ok('unsaid')
  if (member === null) return ok('none')
  const digest = exchange.command.chosenDigests?.get(exchange.digestKey)
  if (typeof member !== 'string' || !isSecret(member)) {
    const range = `${chosenSecretCharsMin} to ${chosenSecretCharsMax}`
    return refuseChange('VALUE_INVALID', `secret must be ${range} printable ASCII characters.`, {
      at: 'secret',
    })
  }
  if (digest === undefined) {
    return refuseChange('TOO_MANY_SECRETS', `At most ${chosenSecretsMax} chosen secrets at once.`, {
      at: 'secret',
    })
  }
  return ok({ secret: member, digest })
}

/** The bodies of a command that may carry a secret, by the key of their digest. */
const bodiesOf = (command: AdministrationCommand): readonly (readonly [string, unknown])[] => {
  const { body, path } = command
  if (!/^\/Bulk\/?$/i.test(path)) return [['', body]]
  const operations = isObject(body) ? body['Operations'] : undefined
  if (!Array.isArray(operations)) return []
  return operations.map((each, at) => [String(at), isObject(each) ? each['data'] : null])
}

/**
 * What takes time and must not happen inside a transaction: digests of the secrets that somebody
 * chose. To be called with every command before `administer`.
 */
export const prepareCommand = async (
  command: AdministrationCommand,
  context: Pick<AdministrationContext, 'digestChosen'>,
): Promise<AdministrationCommand> => {
  const { chosenDigests: _, ...rest } = command
  // Digests are slow on purpose: not for somebody who could not use them.
  if (command.method !== 'POST' || !mayUse(command.principal.roleNames, 'Apps', 'POST')) return rest
  const chosenDigests = new Map<string, string>()
  for (const [key, body] of bodiesOf(command)) {
    const member = extensionMember(body)
    if (typeof member !== 'string' || !isSecret(member)) continue
    if (chosenDigests.size === chosenSecretsMax) break
    chosenDigests.set(key, await context.digestChosen(member))
  }
  return { ...rest, chosenDigests }
}
