import { createHash } from 'node:crypto'
import type { ChainedPack } from '@mintmark/storage/audit-reader'
import { checkNames, readTime } from './audit.ts'
import type { AnswerHappening } from './happening.ts'

/** Packs that one answer looks at: then it says up to when. */
const packsMax = 20_000
const dayMs = 86_400_000

/** Why a pack does not stand in the chain; null: it does. */
const faultOf = (pack: ChainedPack, isFirst: boolean): string | null => {
  const { previous, body, hash } = pack
  if (previous === null) return isFirst ? null : 'the pack before it is missing'
  const expected = createHash('sha256').update(previous).update(body).digest()
  return expected.equals(hash) ? null : 'it was altered, or does not follow the pack before it'
}

const timeOf = (ms: number): string => new Date(ms).toISOString()

/**
 * `GET /api/v1/audit/verify`: computes the hashes of the packs anew; of the last day unless told
 * otherwise. A server that lies can lie here too: proof is an export, and a checkpoint elsewhere.
 */
export const verifyAudit: AnswerHappening = async ({ query, services, nowMs }) => {
  const wrong = checkNames(query, new Set(['from', 'to']))
  if (wrong !== null) return wrong
  const from = readTime(query, 'from')
  if ('fault' in from) return from.fault
  const to = readTime(query, 'to')
  if ('fault' in to) return to.fault
  const fromMs = from.value ?? nowMs - dayMs
  const toMs = to.value ?? nowMs
  const seen = { packs: 0, events: 0, verifiedToMs: fromMs }
  let broken: { sequence: number; what: string } | null = null
  let complete = true
  for await (const pack of services.audit.packs(fromMs, toMs + 1)) {
    if (seen.packs >= packsMax) {
      complete = false
      break
    }
    const what = faultOf(pack, seen.packs === 0)
    if (what !== null) {
      broken = { sequence: pack.sequence, what }
      break
    }
    seen.packs += 1
    seen.events += pack.eventCount
    seen.verifiedToMs = pack.lastAtMs
  }
  if (broken === null && complete) seen.verifiedToMs = toMs
  const { packs, events, verifiedToMs } = seen
  const verified = { from: timeOf(fromMs), verifiedTo: timeOf(verifiedToMs) }
  return {
    kind: 'json',
    body: { ok: broken === null, ...verified, complete, packs, events, broken },
  }
}
