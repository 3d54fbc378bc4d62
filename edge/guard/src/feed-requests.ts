/** What a guard asks the issuer's revocation feed: pages of everything, and the stream of news. */
import { fail, type Result } from '@mintmark/protocol/result'
import { revocationFeedEvent } from '@mintmark/protocol/revocation-feed'
import { readEvents } from './event-stream.ts'
import type { FeedAccess } from './feed-access.ts'
import { type FetchOptions, fetchDocument } from './fetch-document.ts'
import type { KeySource } from './key-source.ts'
import { FeedBroken, type HeardPlace, type RevocationKnowledge } from './revocation-knowledge.ts'
import {
  type MessageFault,
  type RevocationMessage,
  readRevocationMessage,
} from './revocation-message.ts'
import type { VerifyingKey } from './verifying-key.ts'

export interface FeedRequestsOptions {
  readonly issuer: string
  readonly access: FeedAccess
  readonly keys: KeySource
  readonly fetching: FetchOptions
  readonly knowledge: RevocationKnowledge
  readonly skewSeconds: number
  readonly heartbeatSeconds: number
  readonly nowMs: () => number
}

/** Each throws FeedBroken, or what the network throws. */
export interface FeedRequests {
  readSnapshot(signal: AbortSignal): Promise<void>
  /** Takes what comes until the stream ends or is silent for too long. */
  readStream(from: HeardPlace, signal: AbortSignal, alive: () => void): Promise<void>
}

const snapshotPagesMax = 10_000

const must = <Value>(result: Result<Value, string>): Value => {
  if (result.ok) return result.value
  throw new FeedBroken(result.failure)
}

/** Believes a message as far as the issuer's keys say so; asks for keys that are new. */
const createBelief = (options: FeedRequestsOptions) => {
  const { issuer, keys, knowledge, skewSeconds, nowMs } = options
  const read = (text: string, held: readonly VerifyingKey[] | null) =>
    held === null
      ? fail<MessageFault>({ kind: 'key-unknown', message: 'the keys of the issuer are unknown' })
      : readRevocationMessage(text, {
          issuer,
          keys: held,
          isWithdrawn: knowledge.isWithdrawn,
          nowSeconds: nowMs() / 1000,
          skewSeconds,
        })
  return async (text: string): Promise<RevocationMessage> => {
    let message = read(text, keys.current())
    if (!message.ok && message.failure.kind === 'key-unknown') {
      message = read(text, await keys.renew())
    }
    if (message.ok) {
      // What it signed is refused from now on; the set without it is fetched as soon as may be.
      if (message.value.entries.some(({ kind }) => kind === 'key')) void keys.renew()
      return message.value
    }
    if (message.failure.kind === 'forged') knowledge.counts.forged += 1
    throw new FeedBroken(message.failure.message)
  }
}

export const createFeedRequests = (options: FeedRequestsOptions): FeedRequests => {
  const { access, fetching, knowledge } = options
  const believe = createBelief(options)

  const readPage = async (after: string | null): Promise<RevocationMessage> => {
    const query = after === null ? '' : `?after=${encodeURIComponent(after)}`
    const url = `${must(await access.endpoint()).replace(/\/$/, '')}/snapshot${query}`
    const authorization = `Bearer ${must(await access.bearer())}`
    const headers = { authorization, accept: 'application/json' }
    const answer = await fetchDocument(url, fetching, { headers })
    if (!answer.ok) {
      if (answer.failure.status === 401) access.forget()
      throw new FeedBroken(answer.failure.message)
    }
    const message = await believe(String(answer.value.json['revocations']))
    if (message.snapshot !== null && message.after === after) return message
    knowledge.counts.forged += 1
    throw new FeedBroken(`${url} answered another page than was asked for`)
  }

  const open = async (from: HeardPlace, signal: AbortSignal): Promise<Response> => {
    const url = `${must(await access.endpoint())}?heartbeat=${options.heartbeatSeconds}`
    const headers = {
      authorization: `Bearer ${must(await access.bearer())}`,
      accept: 'text/event-stream',
      'last-event-id': from.cursor,
    }
    const response = await fetching.fetch(url, { headers, redirect: 'error', signal })
    const type = response.headers.get('content-type') ?? ''
    if (response.status === 200 && /^text\/event-stream/i.test(type)) return response
    await response.body?.cancel()
    if (response.status === 401) access.forget()
    if (response.status === 410) knowledge.forgetPlace()
    throw new FeedBroken(`the feed answered ${response.status} ${type}`)
  }

  return {
    readSnapshot: async (signal) => {
      knowledge.counts.snapshots += 1
      const first = await readPage(null)
      let page = first
      for (let pages = 1; ; pages += 1) {
        knowledge.hold(page)
        const next = page.snapshot?.next ?? null
        if (next === null) break
        if (pages >= snapshotPagesMax || signal.aborted) throw new FeedBroken('too many pages')
        page = await readPage(next)
        // An older page would lack what the feed does not tell again.
        if (page.issuedAtSeconds < first.issuedAtSeconds || page.epoch !== first.epoch) {
          throw new FeedBroken('the pages are not of one reading')
        }
      }
      knowledge.arrive(first)
    },
    readStream: async (from, signal, alive) => {
      const response = await open(from, signal)
      knowledge.counts.connections += 1
      alive()
      const body = response.body as unknown as AsyncIterable<Uint8Array>
      for await (const { event, data } of readEvents(body)) {
        if (event !== revocationFeedEvent) continue
        knowledge.take(await believe(data))
        alive()
      }
    },
  }
}
