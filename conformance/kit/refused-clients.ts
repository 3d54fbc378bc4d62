/** Clients that are refused for reasons nobody may tell apart, and what their refusals cost. */
import { randomBytes } from 'node:crypto'
import { makeClient } from './fixtures.ts'
import { basic, form, send } from './http.ts'
import type { MintmarkDomain } from './mintmark-domain.ts'
import { rawRequest, sendRaw } from './raw-socket.ts'

type Credentials = { readonly clientId: string; readonly secret: string }

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** A secret of the form of a minted one, that was never minted. */
export const strangerSecret = (): string => {
  const letters = [...randomBytes(49)].map((byte) => alphabet[byte % 62])
  return `mms_${letters.join('')}`
}

/** 32 hexadecimal digits of the form of an id. */
export const strangerId = (): string => {
  const digits = randomBytes(16).toString('hex')
  return `${digits.slice(0, 12)}4${digits.slice(13, 16)}a${digits.slice(17)}`
}

/** A call for a token that must be refused. */
export type Refused = () => Credentials

/** Each reason by name; every call may use other credentials, but always of that kind. */
export const refusedClients = async (
  domain: MintmarkDomain,
): Promise<Readonly<Record<string, Refused>>> => {
  const [client, off, second] = [
    await makeClient(domain),
    await makeClient(domain),
    await makeClient(domain),
  ]
  await domain.setActive(off, false)
  const rotated = await makeClient(domain)
  await domain.rotateSecret(rotated, 0)
  const { clientId } = client
  const nobody = strangerId()
  return {
    'wrong secret': () => ({ clientId, secret: strangerSecret() }),
    'unknown client': () => ({ clientId: nobody, secret: strangerSecret() }),
    'deactivated client, right secret': () => off,
    'deactivated client, wrong secret': () => ({ ...off, secret: strangerSecret() }),
    'secret that was rotated out': () => rotated,
    'secret of another client': () => ({ clientId, secret: second.secret }),
    'secret with a typing mistake': () => ({ clientId, secret: `${client.secret.slice(0, -1)}!` }),
    'secret of another form': () => ({ clientId, secret: 'short' }),
  }
}

/** The whole answer as it came over the wire, its correlation and its date taken out. */
export const wireOf = async (
  url: string,
  path: string,
  headers: readonly string[],
  parameters: Readonly<Record<string, string>>,
): Promise<string> => {
  const body = form(parameters)
  const all = [
    ...headers,
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ]
  const text = await sendRaw(url, rawRequest(url, path, all, body))
  const ecid = /"ecid":"([^"]+)"/.exec(text)?.[1] ?? 'none'
  return text.replaceAll(ecid, 'ECID').replace(/\r\nDate: [^\r]+/i, '\r\nDate: DATE')
}

/** Credentials in the header or in the body, as the parts of a request. */
export const presented = (
  where: 'header' | 'body',
  { clientId, secret }: Credentials,
): { headers: readonly string[]; parameters: Readonly<Record<string, string>> } =>
  where === 'header'
    ? { headers: [`Authorization: ${basic(clientId, secret)}`], parameters: {} }
    : { headers: [], parameters: { client_id: clientId, client_secret: secret } }

/** Statements that the server has run on its database so far, read from its metrics. */
export const statementCount = async (domain: MintmarkDomain): Promise<number> => {
  const { text } = await send({ url: `${domain.url}/metrics`, method: 'GET' })
  const lines = text.split('\n').filter((line) => /^mintmark_store_query\S*_count\b/.test(line))
  if (lines.length === 0) throw new Error('the metrics do not count statements')
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}
