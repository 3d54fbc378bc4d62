import { checkNames } from './audit.ts'
import { type AnswerHappening, problem } from './happening.ts'
import { memberInvalid, readObject } from './read-object.ts'

const absent = () =>
  problem('PATH_UNKNOWN', { detail: 'This program was put together without domain files.' })

/** `GET /api/v1/domain-file`: the domain as YAML, without its secrets. */
export const readDomainFile: AnswerHappening = async ({ query, services, administer, nowMs }) => {
  const wrong = checkNames(query, new Set())
  if (wrong !== null) return wrong
  const { domainFiles } = services
  if (domainFiles === null) return absent()
  return { kind: 'json', body: { text: await domainFiles.read(administer, nowMs) } }
}

/**
 * `POST /api/v1/domain-file/apply`: makes the domain as the text says, in one transaction or not at
 * all; what it does not name stays. A dry run decides everything and changes nothing.
 */
export const applyDomainFile: AnswerHappening = async (call) => {
  const { domainFiles } = call.services
  if (domainFiles === null) return absent()
  const example = '{"text": "apis: []", "dryRun": true}'
  const read = readObject(call.body, ['text', 'dryRun'], example)
  if ('fault' in read) return read.fault
  const { text, dryRun } = read.object
  if (typeof text !== 'string') return memberInvalid('text', 'Send the domain file as a text.')
  if (typeof dryRun !== 'boolean') return memberInvalid('dryRun', 'Send true or false.')
  const how = { ask: call.administer, dryRun, nowMs: call.nowMs }
  return { kind: 'json', body: await domainFiles.apply(text, how) }
}
