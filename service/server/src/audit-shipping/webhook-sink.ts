import { defaultNoticeLimits, postText } from '../upkeep/post-notice.ts'
import { type AuditSink, SinkFailed } from './audit-sink.ts'

/**
 * A receiver of NDJSON over HTTP, in the form of the export; any 2xx says that it keeps them. It
 * may get packs again whose receipt was lost: their sequence and hash tell.
 *
 * @param url https, or http to this machine
 */
export const openWebhookSink = (url: string): AuditSink => ({
  name: 'webhook',
  take: async (packs, signal) => {
    const text = packs.map(({ head, body }) => `${head}\n${body}`).join('')
    const posted = { type: 'application/x-ndjson', text, signal }
    const fault = await postText(url, posted, await defaultNoticeLimits())
    if (fault !== null) throw new SinkFailed(fault)
  },
  close: () => Promise.resolve(),
})
