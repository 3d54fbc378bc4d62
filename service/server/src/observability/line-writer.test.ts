import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { createLineWriter } from './line-writer.ts'

const line = `${'x'.repeat(999)}\n`
const heldBytesMax = 16 * 1_048_576

/** A stream that takes a write only when told. */
const stalled = () => {
  const taken: string[] = []
  let go: (() => void) | null = null
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      taken.push(String(chunk))
      go = done
    },
  })
  const readOn = async (): Promise<void> => {
    while (stream.writableLength > 0) {
      go?.()
      await new Promise((soon) => setImmediate(soon))
    }
  }
  return { stream, taken, readOn }
}

test('what nobody reads is bounded, and who reads again is told how much is missing', async () => {
  const { stream, taken, readOn } = stalled()
  const writer = createLineWriter(stream)
  for (let n = 0; n < 40_000; n += 1) writer.write(line)
  assert.ok(stream.writableLength <= heldBytesMax + 10_000, `${stream.writableLength}`)
  await readOn()
  writer.flush()
  await readOn()
  const text = taken.join('')
  const last = JSON.parse(text.trimEnd().split('\n').at(-1) ?? '')
  const whole = text.split(line).length - 1
  assert.equal(last.level, 'warn')
  assert.equal(last.dropped + whole, 40_000)
  assert.ok(last.dropped > 20_000, `${last.dropped}`)
})

test('a flush ends when all is taken, or after a second', async () => {
  const { stream, readOn } = stalled()
  const writer = createLineWriter(stream)
  const flushed = () => new Promise<void>((fulfil) => writer.flush(fulfil))
  writer.write(line)
  const soon = performance.now()
  await Promise.all([flushed(), readOn()])
  assert.ok(performance.now() - soon < 500)
  writer.write(line)
  const startedMs = performance.now()
  await flushed()
  const tookMs = performance.now() - startedMs
  assert.ok(tookMs > 900 && tookMs < 5000, `${tookMs} ms`)
})

test('a stream that fails is no fault of whoever writes', async () => {
  const stream = new Writable({
    autoDestroy: false,
    write: (_chunk, _encoding, done) => done(new Error('EPIPE')),
  })
  const writer = createLineWriter(stream)
  for (let n = 0; n < 100; n += 1) writer.write(line)
  await new Promise<void>((fulfil) => writer.flush(fulfil))
})
