/**
 * The fields by which the API behind learns who calls. It believes them, so nothing a caller sends
 * may look like one: they are taken out in every spelling, then set.
 */
import type { Caller } from '@mintmark/guard/guard'

/** Names of the fields; null: not sent. */
export interface IdentityFieldNames {
  readonly clientId: string | null
  readonly subject: string | null
  readonly account: string | null
  readonly scopes: string | null
  readonly roles: string | null
}

export const identityFieldsUsual: IdentityFieldNames = {
  clientId: 'X-Client-Id',
  subject: 'X-Subject',
  account: 'X-Account',
  scopes: 'X-Scopes',
  roles: 'X-Roles',
}

/** Names and values in turn, as `rawHeaders` has them. */
export type RawFields = readonly string[]

/**
 * One key for all spellings that a server can take for one another: CGI, WSGI, Rack and PHP turn
 * case, hyphens, dots and underscores into the same variable.
 */
export const spellingKey = (name: string): string =>
  name.toLowerCase().replaceAll(/[^a-z0-9]/g, '-')

/** Printable ASCII as it is, all else and the percent sign as percent-encoded UTF-8. */
const writeValue = (text: string, reserved: RegExp): string =>
  [...text]
    .map((character) => {
      const isPlain = /^[\x21-\x7e]$/.test(character) && !reserved.test(character)
      return isPlain ? character : encodeByte(character)
    })
    .join('')

const encodeByte = (character: string): string =>
  [...new TextEncoder().encode(character)]
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('')

/** Blanks within stay; at the ends they would be lost, and make two names one. */
const withBlanks = (written: string): string =>
  written.replaceAll('%20', ' ').replaceAll(/^ +| +$/g, (blanks) => blanks.replaceAll(' ', '%20'))

const inText = (text: string): string => withBlanks(writeValue(text, /%/))
const inList = (text: string): string => withBlanks(writeValue(text, /[%,]/))

/** The identity as fields; empty values where nobody was asked who they are. */
export const identityFields = (names: IdentityFieldNames, caller: Caller | null): RawFields => {
  const values: Readonly<Record<keyof IdentityFieldNames, string>> = {
    clientId: inText(caller?.clientId ?? ''),
    subject: inText(caller?.token.subject ?? ''),
    account: inText(caller?.account?.name ?? ''),
    scopes: [...(caller?.token.scopes ?? [])].map(inText).join(' '),
    roles: [...(caller?.token.roles ?? [])].map(inList).join(','),
  }
  return (Object.keys(values) as (keyof IdentityFieldNames)[]).flatMap((each) => {
    const name = names[each]
    return name === null ? [] : [name, values[each]]
  })
}

/** Names that are set, in the order of `identityFields`. */
export const identityNames = (names: IdentityFieldNames): readonly string[] =>
  [names.clientId, names.subject, names.account, names.scopes, names.roles].filter(
    (name) => name !== null,
  )
