import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createSeenLately } from './seen-lately.ts'
import { createTextMemory } from './text-memory.ts'

describe('text memory', () => {
  it('gives back what was stored, by its name', () => {
    const memory = createTextMemory({ bytesMax: 1_000_000 })
    const texts = ['', 'plain', 'Zürich', '東京 🗼', 'a\nb', 'é'.repeat(3000)]
    for (const [at, text] of texts.entries()) memory.set(`näme${at}`, text)
    for (const [at, text] of texts.entries()) assert.equal(memory.get(`näme${at}`), text)
    assert.equal(memory.get('näme'), undefined)
    memory.set('näme1', 'other')
    assert.equal(memory.get('näme1'), 'other')
    memory.delete('näme1')
    assert.equal(memory.get('näme1'), undefined)
    assert.equal(memory.get('näme2'), 'Zürich')
    memory.clear()
    assert.equal(memory.get('näme2'), undefined)
    memory.set('näme2', 'again')
    assert.equal(memory.get('näme2'), 'again')
  })

  it('tells names apart, whatever their hashes say', () => {
    // every entry in the place of another: a name of which one is the beginning
    const hash = () => 7
    const memory = createTextMemory({ bytesMax: 1_000_000, hash })
    memory.set('a', 'bc')
    assert.equal(memory.get('ab'), undefined)
    assert.equal(memory.get('x'), undefined)
    assert.equal(memory.get('a'), 'bc')
    memory.set('ab', 'd')
    assert.equal(memory.get('ab'), 'd')
    assert.equal(memory.get('a'), undefined)
  })

  it('never gives an old or a foreign text, while it forgets and stores anew', () => {
    const memory = createTextMemory({ bytesMax: 8192, segmentBytes: 2048 })
    const truth = new Map<string, string>()
    let seed = 1
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
      return (seed >>> 8) % below
    }
    let found = 0
    for (let step = 0; step < 50_000; step += 1) {
      const name = `client${random(80)}`
      const act = random(10)
      if (act < 3) {
        const text = `${step} ${'é'.repeat(random(2))}${'x'.repeat(random(150))}`
        memory.set(name, text)
        truth.set(name, text)
      } else if (act === 3) {
        memory.delete(name)
        truth.delete(name)
      } else {
        const kept = memory.get(name)
        if (kept === undefined) continue
        found += 1
        assert.equal(kept, truth.get(name), name)
      }
    }
    assert.ok(found > 1000, String(found))
  })

  it('forgets first what nobody has asked for', () => {
    const memory = createTextMemory({ bytesMax: 16_384, segmentBytes: 4096 })
    memory.set('used', 'x'.repeat(250))
    memory.set('unused', 'x'.repeat(250))
    for (let at = 0; at < 2000; at += 1) {
      memory.set(`once${at}`, 'x'.repeat(250))
      assert.ok(memory.get('used'), String(at))
    }
    assert.equal(memory.get('unused'), undefined)
    assert.equal(memory.get('once0'), undefined)
    assert.ok(memory.get('once1999'))
  })

  it('keeps none that would take the room of very many, nor what was there before it', () => {
    const memory = createTextMemory({ bytesMax: 8192, segmentBytes: 2048 })
    memory.set('large', 'small at first')
    memory.set('large', 'x'.repeat(2000))
    assert.equal(memory.get('large'), undefined)
  })
})

describe('what was seen lately', () => {
  it('is told from what is new', () => {
    const seen = createSeenLately(1024)
    assert.equal(seen(42), false)
    assert.equal(seen(42), true)
    for (let hash = 1000; hash < 1_000_000; hash += 7) seen(hash)
    assert.equal(seen(42), false)
  })
})
