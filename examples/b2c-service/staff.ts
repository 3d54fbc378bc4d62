/** Staff accounts and profiles of the site, in one file that is read again for each request. */
import { readFile } from 'node:fs/promises'
import type { FindAccount } from '@mintmark/guard'
import { accountsFromFile } from '@mintmark/guard/account-sources'

interface Profiles {
  readonly profiles?: Readonly<Record<string, { readonly ssoLogin?: boolean }>>
}

const hasSsoLogin = async (path: string, profile: unknown): Promise<boolean> => {
  const { profiles = {} }: Profiles = JSON.parse(await readFile(path, 'utf8'))
  return typeof profile === 'string' && profiles[profile]?.ssoLogin === true
}

/**
 * Finds the account whose user name is the client id, and says whether its profile has single
 * sign-on: without it nobody signs in by a token.
 * @param path `{"profiles": {name: {"ssoLogin"}}, "accounts": [{"name", "status", "attributes"}]}`
 */
export const staffFrom = (path: string): FindAccount => {
  const find = accountsFromFile(path)
  return async (userName, token) => {
    const account = await find(userName, token)
    if (account === null || account === undefined) return null
    const { attributes = {} } = account
    const ssoLogin = await hasSsoLogin(path, attributes['profile'])
    return { ...account, attributes: { ...attributes, ssoLogin } }
  }
}
