import { type AnswerHappening, problem } from './happening.ts'
import { memberInvalid, readObject } from './read-object.ts'

const passphraseCharsMin = 16
const passphraseCharsMax = 1024
const triesMax = 5

/** On record before a byte leaves. */
const record = async (call: Parameters<AnswerHappening>[0]): Promise<boolean> => {
  const { services, ecid, clientId, source, nowMs } = call
  const event = { at: nowMs, ecid, action: 'backup.create', result: 'ok' } as const
  for (let tries = 0; tries < triesMax; tries += 1) {
    const sequence = services.registry.sequence()
    const entry = {
      event: { ...event, actor: clientId, source },
      once: [],
      clientId: null,
      sequence,
    }
    const outcome = await services.ledger.record(entry)
    if (outcome === 'recorded') return true
    if (outcome !== 'stale') return false
  }
  return false
}

/** `POST /api/v1/backup`: all data as it is at one moment, encrypted, while the server goes on. */
export const sendBackup: AnswerHappening = async (call) => {
  const { services } = call
  const read = readObject(call.body, ['passphrase'], '{"passphrase": "..."}')
  if ('fault' in read) return read.fault
  const { passphrase } = read.object
  const isLong =
    typeof passphrase === 'string' &&
    passphrase.length >= passphraseCharsMin &&
    passphrase.length <= passphraseCharsMax
  if (!isLong) {
    return memberInvalid('passphrase', `Send ${passphraseCharsMin} characters or more.`)
  }
  if (!(await record(call))) {
    return problem('NOT_RECORDED', {
      detail: 'What is not on record does not happen, and the record cannot be written just now.',
      fix: 'Try again; /readyz says what is wrong.',
    })
  }
  const stream = await services.backUp(passphrase)
  if (stream === 'under-way') {
    return problem('BACKUP_UNDER_WAY', {
      detail: 'Another backup is being made.',
      fix: 'Wait for its end.',
    })
  }
  return { kind: 'bytes', stream }
}
