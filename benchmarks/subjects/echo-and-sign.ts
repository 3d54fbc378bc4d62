/** Floor 2: the echo plus what cannot be saved, a signature over a fresh signing input. */
import { generateKeyPairSync, sign } from 'node:crypto'
import { readSettings, serve } from './serve.ts'
import { tokenServer } from './token-answer.ts'

const settings = readSettings()
const { privateKey } =
  settings.algorithm === 'RS256'
    ? generateKeyPairSync('rsa', { modulusLength: 2048 })
    : generateKeyPairSync('ec', { namedCurve: 'P-256' })
// RFC 7518 §3.4: an ES256 signature is R and S side by side, not DER.
const key = { key: privateKey, dsaEncoding: 'ieee-p1363' as const }
const counterDigits = 12
const filler = 'A'.repeat(settings.signingInputBytes - counterDigits)
let counter = 0

function makeToken(): string {
  counter += 1
  const signingInput = filler + String(counter).padStart(counterDigits, '0')
  return `${signingInput}.${sign('sha256', Buffer.from(signingInput), key).toString('base64url')}`
}

serve(settings.processes, () => tokenServer(makeToken, settings.tls))
