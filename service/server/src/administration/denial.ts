import type { AdministrationRefusal } from '@mintmark/protocol/administration-refusal'
import { refusalText } from '@mintmark/protocol/rfc7644-error'
import type { AuditEvent } from '@mintmark/registry/audit-event'
import type { AdministrationCommand } from './command.ts'

const denials: ReadonlySet<AdministrationRefusal['reason']> = new Set([
  'ACCESS_DENIED',
  'ROLE_NOT_CONFERRABLE',
  'APPLICATION_OUT_OF_REACH',
])

/** Whether somebody tried what it may not: that goes on record although nothing changed. */
export const isDenial = (refusal: AdministrationRefusal): boolean => denials.has(refusal.reason)

export const deniedEvent = (
  command: AdministrationCommand,
  refusal: AdministrationRefusal,
): AuditEvent => ({
  at: command.nowMs,
  ecid: command.ecid,
  action: 'administration.denied',
  result: 'refused',
  reason: refusal.reason,
  actor: command.principal.clientId,
  ...(command.source === undefined ? {} : { source: command.source }),
  object: `${command.method} ${command.path.slice(0, 200)}`,
  detail: { said: refusalText(refusal) },
})
