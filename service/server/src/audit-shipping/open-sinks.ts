import type { AuditSinkOptions } from '../composition/server-options.ts'
import type { AuditSink } from './audit-sink.ts'
import { openFileSink } from './file-sink.ts'
import { openSyslogSink } from './syslog-sink.ts'
import { openWebhookSink } from './webhook-sink.ts'

/** Where the configuration says that the audit is kept besides the database. */
export const openSinks = (options: AuditSinkOptions): readonly AuditSink[] => [
  ...(options.file === null ? [] : [openFileSink(options.file)]),
  ...(options.syslog === null ? [] : [openSyslogSink(options.syslog)]),
  ...(options.webhookUrl === null ? [] : [openWebhookSink(options.webhookUrl)]),
]
