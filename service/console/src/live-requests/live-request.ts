/** One answered OAuth request, as `/api/v1/requests` tells it. */
export interface LiveRequest {
  readonly at: string
  readonly ecid: string
  readonly endpoint: string
  readonly status: number
  readonly ms: number
  readonly source: string
  /** null: none of ours. */
  readonly client: string | null
  readonly api: string | null
  readonly scopes: string | null
  readonly reason: string | null
  readonly detail: string | null
}

/** What of the requests is looked at; empty texts ask nothing. */
export interface LiveWish {
  readonly show: 'all' | 'allowed' | 'denied'
  readonly endpoint: string
  readonly reasons: readonly string[]
  readonly text: string
}

export const readWish = (query: URLSearchParams): LiveWish => {
  const show = query.get('show')
  return {
    show: show === 'allowed' || show === 'denied' ? show : 'all',
    endpoint: query.get('endpoint') ?? '',
    reasons: (query.get('reason') ?? '').split(',').filter((each) => each !== ''),
    text: query.get('q') ?? '',
  }
}

const holds = (request: LiveRequest, { endpoint, text }: LiveWish): boolean => {
  if (endpoint !== '' && request.endpoint !== endpoint) return false
  if (text === '') return true
  const { client, api, scopes, reason, source, ecid, detail } = request
  const all = [client, api, scopes, reason, source, ecid, detail].join(' ').toLowerCase()
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word))
}

const isShown = (request: LiveRequest, { show, reasons }: LiveWish): boolean => {
  if (show !== 'all' && (request.reason !== null) !== (show === 'denied')) return false
  return reasons.length === 0 || (request.reason !== null && reasons.includes(request.reason))
}

export interface Sifted {
  readonly shown: readonly LiveRequest[]
  readonly all: number
  readonly denied: number
  /** Most frequent first. */
  readonly reasons: readonly (readonly [reason: string, count: number])[]
}

/** Counts are of what fits text and endpoint, so that each choice says what it would show. */
export const sift = (requests: readonly LiveRequest[], wish: LiveWish): Sifted => {
  const fitting = requests.filter((request) => holds(request, wish))
  const counts = new Map<string, number>(wish.reasons.map((reason) => [reason, 0]))
  let denied = 0
  for (const { reason } of fitting) {
    if (reason === null) continue
    denied += 1
    counts.set(reason, (counts.get(reason) ?? 0) + 1)
  }
  return {
    shown: fitting.filter((request) => isShown(request, wish)),
    all: fitting.length,
    denied,
    reasons: [...counts].toSorted((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])),
  }
}

/** What a page keeps: the newest so many. */
export const keptMax = 1000

/** Puts new ones, oldest first, before those known, newest first; each once. */
export const keepNewest = (
  known: readonly LiveRequest[],
  news: readonly LiveRequest[],
): readonly LiveRequest[] => {
  const ids = new Set(known.map(({ ecid }) => ecid))
  const added: LiveRequest[] = []
  for (const each of news) {
    if (ids.has(each.ecid)) continue
    ids.add(each.ecid)
    added.push(each)
  }
  return added.length === 0 ? known : [...added.toReversed(), ...known].slice(0, keptMax)
}
