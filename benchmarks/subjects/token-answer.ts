import { Buffer } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https'
import type { TlsFiles } from '../certificates.ts'

const signatureBytes = { RS256: 256, ES256: 64 } as const

/** A base64url signature of the right length, for the floor that does not sign. */
export function placeholderSignature(algorithm: 'RS256' | 'ES256'): string {
  return Buffer.alloc(signatureBytes[algorithm], 0x5a).toString('base64url')
}

/** Writes what a token endpoint answers (RFC 6749 §5.1). */
export function answerToken(response: ServerResponse, token: string): void {
  const body = `{"access_token":"${token}","token_type":"Bearer","expires_in":3600}`
  response.writeHead(200, {
    'Content-Type': 'application/json;charset=UTF-8',
    'Cache-Control': 'no-store',
    Pragma: 'no-cache',
    'Content-Length': Buffer.byteLength(body),
  })
  response.end(body)
}

/**
 * A bare node:http server that reads the whole body and then answers with one token.
 *
 * @param tls for node:https instead, which asks for client certificates and checks them
 */
export function tokenServer(
  makeToken: (body: string) => string,
  tls?: TlsFiles,
): Server | SecureServer {
  const listener: RequestListener = (request, response) => {
    let body = ''
    request.setEncoding('latin1')
    request.on('data', (chunk: string) => {
      body += chunk
    })
    request.on('end', () => answerToken(response, makeToken(body)))
  }
  if (tls === undefined) return createServer(listener)
  const [cert, key, ca] = [tls.cert, tls.key, tls.authority].map((file) => readFileSync(file))
  const asked = { requestCert: true, rejectUnauthorized: false }
  return createSecureServer({ cert, key, ca, ...asked }, listener)
}
