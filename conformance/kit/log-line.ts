/** What our server's log says about one answer. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer } from './http.ts'
import type { TestDomain } from './test-domain.ts'

/** The log is written beside the answer, not before it. */
const waitMsMax = 5_000
const lookMs = 20

/** The line that holds the id and the reason of this answer. @throws when none comes */
export const logLineOf = async (
  domain: TestDomain,
  answer: Answer,
): Promise<Readonly<Record<string, unknown>>> => {
  const ecid = String(answer.headers['x-request-id'])
  for (let waitedMs = 0; waitedMs < waitMsMax; waitedMs += lookMs) {
    const lines = domain.log().split('\n')
    const found = lines.find((each) => each.includes(ecid) && each.includes('"reason"'))
    if (found !== undefined) return JSON.parse(found)
    await sleep(lookMs)
  }
  throw new Error(`no line of the log says why ${ecid} was answered with ${answer.status}`)
}
