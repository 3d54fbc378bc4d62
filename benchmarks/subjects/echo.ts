/** Floor 1: node:http reads the request and answers with a token of the right size. */
import { readSettings, serve } from './serve.ts'
import { placeholderSignature, tokenServer } from './token-answer.ts'

const settings = readSettings()
const signature = placeholderSignature(settings.algorithm)
const token = `${'A'.repeat(settings.signingInputBytes)}.${signature}`

serve(settings.processes, () => tokenServer(() => token, settings.tls))
