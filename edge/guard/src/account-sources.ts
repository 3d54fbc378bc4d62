/** Ready-made places to keep accounts: a JSON file, a service over HTTP, rows of a query. */
import { readFile, stat } from 'node:fs/promises'
import type { JsonObject, JsonValue } from '@mintmark/protocol/rfc8259-strict-json'
import { parseStrictJson } from '@mintmark/protocol/rfc8259-strict-json'
import { addressFault, type Fetch, fetchDocument } from './fetch-document.ts'
import type { FindAccount, LocalAccount } from './local-account.ts'

const depthMax = 16
const fileBytesMax = 16_777_216
const timeoutMsDefault = 5000

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** @throws when the record has no name, or a status that is none */
const accountOf = (value: JsonValue | undefined, where: string): LocalAccount => {
  if (!isObject(value)) throw new Error(`${where}: an account is a JSON object`)
  const { name, status = 'active', attributes = {} } = value
  if (typeof name !== 'string' || name === '') throw new Error(`${where}: an account has a name`)
  if (status !== 'active' && status !== 'disabled' && status !== 'locked') {
    throw new Error(`${where}: status is active, disabled or locked`)
  }
  if (!isObject(attributes)) throw new Error(`${where}: attributes is a JSON object`)
  return { name, status, attributes }
}

const readAccounts = (text: string, path: string): ReadonlyMap<string, LocalAccount> => {
  const parsed = parseStrictJson(text, depthMax)
  const list = parsed.ok && isObject(parsed.value) ? parsed.value['accounts'] : undefined
  if (!Array.isArray(list)) throw new Error(`${path} is not {"accounts": [...]}`)
  const accounts = new Map<string, LocalAccount>()
  for (const [index, each] of (list as readonly JsonValue[]).entries()) {
    const where = `${path}: accounts[${index}]`
    const account = accountOf(each, where)
    const subject = (each as JsonObject)['subject'] ?? account.name
    if (typeof subject !== 'string') throw new Error(`${where}: subject is a text`)
    if (accounts.has(subject)) throw new Error(`${where}: ${subject} comes twice`)
    accounts.set(subject, account)
  }
  return accounts
}

/**
 * Accounts of a file `{"accounts": [{"name", "subject"?, "status"?, "attributes"?}]}`; `subject` is
 * what the token says, the name itself unless stated. The file is read again when it has changed;
 * one that cannot be read refuses everybody.
 */
export const accountsFromFile = (path: string): FindAccount => {
  let stamp = ''
  let accounts: ReadonlyMap<string, LocalAccount> = new Map()
  return async (subject) => {
    const { mtimeMs, size, ino } = await stat(path)
    const now = `${mtimeMs} ${size} ${ino}`
    if (now !== stamp) {
      if (size > fileBytesMax) throw new Error(`${path} is larger than ${fileBytesMax} bytes`)
      accounts = readAccounts(await readFile(path, 'utf8'), path)
      stamp = now
    }
    return accounts.get(subject)
  }
}

export interface HttpAccountOptions {
  /** Headers of each request, such as credentials. */
  readonly headers?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
  readonly allowHttp?: boolean
  readonly fetch?: Fetch
}

/**
 * Accounts of a service: `GET <base>/<subject>` answers 200 with `{"name", "status"?,
 * "attributes"?}`, or 404. Anything else refuses everybody.
 * @param base URL without a query
 */
export const accountsOverHttp = (base: string, options: HttpAccountOptions = {}): FindAccount => {
  const { allowHttp = false, timeoutMs = timeoutMsDefault, headers = {} } = options
  const fault = addressFault(base, allowHttp)
  if (fault !== null) throw new TypeError(`accountsOverHttp(): ${fault}.`)
  const fetching = { allowHttp, timeoutMs, fetch: options.fetch ?? fetch }
  return async (subject) => {
    // encodeURIComponent leaves dots, and a path of dots leads elsewhere.
    if (/^\.{1,2}$/.test(subject)) return null
    const url = `${base.replace(/\/$/, '')}/${encodeURIComponent(subject)}`
    const answer = await fetchDocument(url, fetching, { headers })
    if (answer.ok) return accountOf(answer.value.json, base)
    if (answer.failure.status === 404) return null
    throw new Error(answer.failure.message)
  }
}

/** A row of an account, as a query gives it. */
export interface AccountRow {
  readonly name: unknown
  readonly status?: unknown
  readonly [column: string]: unknown
}

/**
 * Accounts of a database.
 * @param query asks for the one row of a subject, which must go in as a parameter, never as text:
 * `(subject) => db.prepare('SELECT name, status FROM account WHERE client_id = ?').get(subject)`
 */
export const accountsFromQuery =
  (
    query: (
      subject: string,
    ) => AccountRow | null | undefined | Promise<AccountRow | null | undefined>,
  ): FindAccount =>
  async (subject) => {
    const row = await query(subject)
    if (row === null || row === undefined) return null
    const { name, status, ...attributes } = row
    if (typeof name !== 'string' || name === '') throw new Error('the row of an account has a name')
    if (status === undefined || status === null || status === 'active') return { name, attributes }
    return { name, status: status === 'locked' ? 'locked' : 'disabled', attributes }
  }
