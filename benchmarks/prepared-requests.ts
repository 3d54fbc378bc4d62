import { Buffer } from 'node:buffer'
import { type KeyObject, randomUUID, sign } from 'node:crypto'

/** A client that proves itself with a secret. */
export interface SecretClient {
  readonly clientId: string
  readonly clientSecret: string
}

export const formType = 'application/x-www-form-urlencoded'

/** The bytes of one HTTP/1.1 request to 127.0.0.1, ready to be written to a socket. */
export function requestBytes(
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Uint8Array {
  const lines = [`POST ${path} HTTP/1.1`, 'Host: 127.0.0.1', 'Accept: application/json']
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
  lines.push(`Content-Length: ${Buffer.byteLength(body)}`)
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`)
}

/** The bytes of one GET, ready to be written to a socket. */
export function getBytes(path: string, headers: Readonly<Record<string, string>> = {}): Uint8Array {
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${fields.join('')}\r\n`)
}

/** RFC 6749 §2.3.1: id and secret are form-encoded before they become a Basic credential. */
function basic(client: SecretClient): string {
  const pair = `${encodeURIComponent(client.clientId)}:${encodeURIComponent(client.clientSecret)}`
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

/** A form request by a client with a Basic credential. */
export function formRequest(
  path: string,
  client: SecretClient,
  parameters: Readonly<Record<string, string>>,
): Uint8Array {
  const headers = { Authorization: basic(client), 'Content-Type': formType }
  return requestBytes(path, headers, new URLSearchParams(parameters).toString())
}

/** What all assertions of one list share. */
export interface AssertionSetting {
  readonly clientId: string
  readonly keyId: string
  readonly key: KeyObject
  readonly audience: string
  readonly lifetimeSeconds: number
}

function base64urlJson(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** One ES256 client assertion (RFC 7523 §3) with a `jti` of its own. */
function clientAssertion(setting: AssertionSetting, nowSeconds: number): string {
  const header = base64urlJson({ alg: 'ES256', typ: 'JWT', kid: setting.keyId })
  const payload = base64urlJson({
    iss: setting.clientId,
    sub: setting.clientId,
    aud: setting.audience,
    jti: randomUUID(),
    iat: nowSeconds,
    exp: nowSeconds + setting.lifetimeSeconds,
  })
  const key = { key: setting.key, dsaEncoding: 'ieee-p1363' as const }
  const signature = sign('sha256', Buffer.from(`${header}.${payload}`), key)
  return `${header}.${payload}.${signature.toString('base64url')}`
}

/** Token requests that each carry a different assertion, valid from now on. */
export function assertionRequests(
  path: string,
  setting: AssertionSetting,
  scope: string,
  count: number,
): readonly Uint8Array[] {
  const nowSeconds = Math.floor(Date.now() / 1_000)
  return Array.from({ length: count }, () => {
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      scope,
      client_id: setting.clientId,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: clientAssertion(setting, nowSeconds),
    })
    return requestBytes(path, { 'Content-Type': formType }, body.toString())
  })
}
