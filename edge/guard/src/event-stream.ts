/** Reading server-sent events (HTML Standard §9.2.6), bounded, as much of them as a feed needs. */

export interface StreamEvent {
  readonly event: string
  readonly data: string
}

const charsMax = 2_000_000

const fieldsOf = (block: string): StreamEvent => {
  const read = { event: 'message', data: [] as string[] }
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':')
    const name = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (name === 'event') read.event = value
    else if (name === 'data') read.data.push(value)
  }
  return { event: read.event, data: read.data.join('\n') }
}

/**
 * Gives each event as it is complete.
 * @throws Error when one is larger than any could be
 */
export async function* readEvents(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<StreamEvent, void> {
  const decoder = new TextDecoder('utf-8')
  let pieces: string[] = []
  let length = 0
  let wasReturn = false
  for await (const bytes of body) {
    // Lines may end in any of three ways; a pair may be cut in two.
    const raw = decoder.decode(bytes, { stream: true })
    const text = (wasReturn ? raw.replace(/^\n/, '') : raw).replace(/\r\n?/g, '\n')
    wasReturn = raw.endsWith('\r')
    pieces.push(text)
    length += text.length
    if (length > charsMax) throw new Error('an event is larger than any could be')
    const isEnd = text.includes('\n')
    if (!isEnd) continue
    const blocks = pieces.join('').split('\n\n')
    const rest = blocks.pop() ?? ''
    pieces = rest === '' ? [] : [rest]
    length = rest.length
    for (const block of blocks) {
      const event = fieldsOf(block)
      if (event.data !== '') yield event
    }
  }
}
