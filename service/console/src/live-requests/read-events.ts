/** Reading server-sent events (HTML Standard §9.2.6), as much of them as this server sends. */

export interface StreamEvent {
  readonly id: string | null
  readonly event: string
  readonly data: string
}

const eventOf = (block: string): StreamEvent => {
  let id: string | null = null
  let event = 'message'
  const data: string[] = []
  for (const line of block.split('\n')) {
    const [, name = '', value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? []
    if (name === 'id') id = value
    else if (name === 'event') event = value
    else if (name === 'data') data.push(value)
  }
  return { id, event, data: data.join('\n') }
}

/** Gives the events of each piece together, as they are complete; none where nothing was said. */
export async function* readEvents(
  stream: ReadableStream<Uint8Array>,
): AsyncGenerator<readonly StreamEvent[], void> {
  const reader = stream.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  for (;;) {
    const { value, done } = await reader.read()
    if (done) return
    const blocks = (rest + decoder.decode(value, { stream: true })).split('\n\n')
    rest = blocks.pop() ?? ''
    yield blocks.map(eventOf).filter(({ data }) => data !== '')
  }
}
