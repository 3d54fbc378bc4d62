/** Accounts of a directory that is asked over LDAP: OpenLDAP, Active Directory, 389 Directory. */
import { readFile } from 'node:fs/promises'
import type { FindAccount, LocalAccount } from '@mintmark/guard'
import { AndFilter, Client, type Entry, EqualityFilter, ResultCodeError } from 'ldapts'

export interface DirectoryOptions {
  /** `ldaps://host`; `ldap://` for this machine only, because a password goes over it. */
  readonly url: string
  /** Who asks, and the file with the password; read at each bind, so that it may change. */
  readonly bindName: string
  readonly passwordFile: string
  /** Where people are, and the attribute that holds what the token says. */
  readonly base: string
  readonly subjectAttribute: string
  /** Attribute that the API calls the account by. */
  readonly nameAttribute: string
  /** For one account, with everything that this takes: connecting, binding, searching. */
  readonly timeoutMs: number
}

export interface Directory {
  readonly find: FindAccount
  close(): Promise<void>
}

/** What directories say of accounts that may not be used; only what is asked for is answered. */
const statusAttributes = ['userAccountControl', 'lockoutTime', 'nsAccountLock']
const lockedAttribute = 'pwdAccountLockedTime'
const accountDisable = 0x2
const waitingMax = 200

const valuesOf = (entry: Entry, attribute: string): readonly string[] => {
  const wanted = attribute.toLowerCase()
  const found = Object.entries(entry).find(([name]) => name.toLowerCase() === wanted)?.[1] ?? []
  return (Array.isArray(found) ? found : [found]).map(String)
}

const statusOf = (entry: Entry): 'active' | 'disabled' | 'locked' => {
  const [control = '0'] = valuesOf(entry, 'userAccountControl')
  const [nsLock = 'false'] = valuesOf(entry, 'nsAccountLock')
  // What is no number disables: nobody knows what it means.
  if (!/^\d+$/.test(control) || (Number(control) & accountDisable) !== 0) return 'disabled'
  if (nsLock.toLowerCase() !== 'false') return 'disabled'
  const [lockout = '0'] = valuesOf(entry, 'lockoutTime')
  const isLocked = lockout !== '0' || valuesOf(entry, lockedAttribute).length > 0
  return isLocked ? 'locked' : 'active'
}

const assertSafeUrl = (url: string): void => {
  const { protocol, hostname } = new URL(url)
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
  if (protocol === 'ldaps:' || (protocol === 'ldap:' && isHere)) return
  throw new TypeError(`${url} is not ldaps://: the password would go over the wire in the clear.`)
}

const openConnection = async (options: DirectoryOptions): Promise<Client> => {
  const { url, bindName, passwordFile, timeoutMs } = options
  const password = (await readFile(passwordFile, 'utf8')).replace(/\r?\n$/, '')
  // A bind without a password succeeds, as nobody (RFC 4513, section 5.1.2).
  if (password === '') throw new Error(`${passwordFile} is empty`)
  const client = new Client({ url, timeout: timeoutMs, connectTimeout: timeoutMs })
  try {
    await client.bind(bindName, password)
    return client
  } catch (error) {
    await client.unbind().catch(() => {})
    throw error
  }
}

const search = async (client: Client, options: DirectoryOptions, subject: string) => {
  const { base, subjectAttribute, nameAttribute, timeoutMs } = options
  // Filters as objects: the subject is a value in them, and never read as text of a filter.
  const { searchEntries } = await client.search(base, {
    scope: 'sub',
    sizeLimit: 2,
    timeLimit: Math.max(1, Math.ceil(timeoutMs / 1000)),
    filter: new AndFilter({
      filters: [
        new EqualityFilter({ attribute: 'objectClass', value: 'person' }),
        new EqualityFilter({ attribute: subjectAttribute, value: subject }),
      ],
    }),
    attributes: [subjectAttribute, nameAttribute, lockedAttribute, ...statusAttributes],
  })
  return searchEntries
}

const accountOf = (
  entries: readonly Entry[],
  subject: string,
  options: DirectoryOptions,
): LocalAccount | null => {
  const [entry, another] = entries
  if (entry === undefined) return null
  if (another !== undefined) throw new Error(`${entry.dn} and ${another.dn} have one subject`)
  // Directories take capitals and blanks for the same; to the issuer those are other clients.
  if (!valuesOf(entry, options.subjectAttribute).includes(subject)) return null
  const [name] = valuesOf(entry, options.nameAttribute)
  if (name === undefined) throw new Error(`${entry.dn} has no ${options.nameAttribute}`)
  return { name, status: statusOf(entry), attributes: { dn: entry.dn } }
}

const within = async <T>(timeoutMs: number, work: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const why = `the directory has not answered within ${timeoutMs} ms`
    timer = setTimeout(() => reject(new Error(why)), timeoutMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Finds accounts over one bound connection, which carries many searches at once and is opened anew
 * when it was lost. What it throws makes the guard answer 503.
 */
export const directoryAt = (options: DirectoryOptions): Directory => {
  assertSafeUrl(options.url)
  let kept: Promise<Client> | null = null
  let waiting = 0

  /** @param lost one that failed, though it may not know yet */
  const connection = async (lost: Client | null = null): Promise<Client> => {
    const known = kept
    const client = await known?.catch(() => null)
    if (client?.isBound && client !== lost) return client
    // The first to notice opens it for all who wait.
    if (kept === known || kept === null) kept = openConnection(options)
    return kept
  }

  const entriesOf = async (subject: string): Promise<readonly Entry[]> => {
    const client = await connection()
    try {
      return await search(client, options, subject)
    } catch (error) {
      if (error instanceof ResultCodeError) throw error
      // No word of the directory: it was lost since it was last used. Once more, over a new one.
      return search(await connection(client), options, subject)
    }
  }

  return {
    find: async (subject) => {
      if (waiting >= waitingMax) throw new Error(`${waiting} searches wait for the directory`)
      waiting += 1
      // Counted until it has really ended, even where nobody waits for it any more.
      const found = entriesOf(subject).finally(() => {
        waiting -= 1
      })
      return accountOf(await within(options.timeoutMs, found), subject, options)
    },
    close: async () => {
      const client = await kept?.catch(() => null)
      kept = null
      await client?.unbind()
    },
  }
}
