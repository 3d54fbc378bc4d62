import {
  countExpiring,
  daysLeft,
  type ExpiringCounts,
  noticeDays,
  noticeName,
} from '@mintmark/decisions/upkeep/decide-expiry-notices'
import type { ExpiringCredential } from '@mintmark/registry/expiring-credential'
import type { Database } from '@mintmark/storage/database'
import { listExpiring } from '@mintmark/storage/expiring-credentials'
import { readRegistry } from '@mintmark/storage/stored-registry'
import { putNoticeMark, sentNotices, sweepNoticeMarks } from '@mintmark/storage/tables/notice-mark'
import type { ServerLedger } from '../services.ts'
import { newEcid } from '../signing/random-ids.ts'
import { defaultNoticeLimits, type NoticeLimits, postNotice } from './post-notice.ts'

const dayMs = 86_400_000
/** A mark is of one day, so that a later one is never looked up again. */
const keptMs = 2 * dayMs
/** Notices of one turn: who has more expiring credentials hears of the rest an hour later. */
const noticesMax = 200

export interface ExpiryOrder {
  readonly database: Database
  readonly domainId: string
  readonly ledger: Pick<ServerLedger, 'record'>
  /** null: nobody is told, only counted. */
  readonly webhookUrl: string | null
  readonly counted: (counts: ExpiringCounts) => void
  readonly warn: (fields: object, message: string) => void
  readonly nowMs: number
  /** Given by tests only. */
  readonly limits?: NoticeLimits
}

/**
 * Counts the secrets and certificates that end soon, and sends a notice of each, once a day. That
 * it was sent is remembered in the database: a restart sends nothing twice.
 */
export const tellExpiring = async (order: ExpiryOrder): Promise<void> => {
  const { database, domainId, nowMs, webhookUrl } = order
  const untilMs = nowMs + noticeDays * dayMs
  const span = { fromMs: nowMs, untilMs }
  const credentials = await listExpiring(database.lists, database.dialect, domainId, span)
  order.counted(countExpiring(credentials, nowMs))
  if (webhookUrl === null) return
  const before = await sentNotices(database.lists, domainId)
  let sent = 0
  for (const credential of credentials) {
    if (sent === noticesMax) return
    const name = noticeName(credential, nowMs)
    if (before.has(name)) continue
    sent += 1
    const body = await noticeOf(order, credential)
    const fault = await postNotice(webhookUrl, body, order.limits ?? (await defaultNoticeLimits()))
    if (fault !== null) {
      // The next would fail as well; what was not sent is tried again in an hour.
      order.warn({ fault }, 'MINTMARK_EXPIRY_WEBHOOK_URL could not be told of expiring credentials')
      return
    }
    await database.transaction(async (statements) => {
      await putNoticeMark(statements, domainId, name, nowMs)
      await sweepNoticeMarks(statements, domainId, nowMs - keptMs)
    })
    await record(order, credential)
  }
}

const noticeOf = async (order: ExpiryOrder, credential: ExpiringCredential) => {
  const { kind, id, label, ending, applicationId, expiresAtMs } = credential
  const registry = readRegistry(order.database.lists, order.domainId)
  const application = applicationId === null ? null : await registry.findApplication(applicationId)
  return {
    type: 'credential.expiring',
    domain: order.domainId,
    kind,
    id,
    label,
    ...(ending ? { ending } : {}),
    ...(application && {
      application: {
        id: application.id,
        clientId: application.clientId,
        displayName: application.displayName,
      },
    }),
    expiresAt: new Date(expiresAtMs).toISOString(),
    daysLeft: daysLeft(credential, order.nowMs),
  }
}

const record = (order: ExpiryOrder, { kind, id, label }: ExpiringCredential) =>
  order.ledger.record({
    event: {
      at: order.nowMs,
      ecid: newEcid(),
      action: 'credential.expiry-notice',
      result: 'ok',
      object: `${id} ${label}`,
      detail: { kind },
    },
    once: [],
    clientId: null,
    sequence: 0,
  })
