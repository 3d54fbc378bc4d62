import type { IncomingMessage, ServerResponse } from 'node:http'
import { oauthError } from '@mintmark/protocol/rfc6749-error-response'
import type { Services } from '../services.ts'
import { newEcid } from '../signing/random-ids.ts'
import { sendAnswer } from './answer.ts'

const { status, body } = oauthError({ reason: 'OVERLOADED' }, { ecid: '', issuerRealm: '' })
const wholeText = JSON.stringify(body)
const emptyEcid = '"ecid":""}'
const textBeforeEcid = wholeText.slice(0, wholeText.length - '"}'.length)
if (!wholeText.endsWith(emptyEcid)) throw new Error('the id must be the last member of an error')

/** Callers that are refused together must not come back together. */
const retryAfterSeconds = ['1', '2', '3', '4'] as const
let refused = 0

/**
 * Refuses a request of which only the head has been looked at: nothing of it is parsed, proven, put
 * on record or logged by itself. There may be many of them, and each has to be cheap.
 */
export const shed = (
  request: IncomingMessage,
  response: ServerResponse,
  endpoint: string,
  services: Pick<Services, 'countShed'>,
): void => {
  const ecid = newEcid()
  refused = (refused + 1) % retryAfterSeconds.length
  const headers = ['retry-after', retryAfterSeconds[refused] as string]
  sendAnswer(request, response, ecid, { status, body: `${textBeforeEcid}${ecid}"}`, headers })
  services.countShed(endpoint)
}
