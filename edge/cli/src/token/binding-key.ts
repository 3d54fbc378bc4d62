import { generateKeyPairSync } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { TokenTerminal } from './token-terminal.ts'

/**
 * The private key that a token is bound to (RFC 9449), as PEM: whoever uses the token needs it for
 * the proof of each request. Made, for its owner alone, where the file is not there.
 */
export const bindingKey = (path: string, console: TokenTerminal): string => {
  if (existsSync(path)) return readFileSync(path, 'utf8')
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  writeFileSync(path, pem, { mode: 0o600, flag: 'wx' })
  console.writeError(`  New key in ${path}: each use of the token needs a proof by it.\n`)
  return pem
}
