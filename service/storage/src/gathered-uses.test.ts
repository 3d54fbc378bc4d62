import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { createGatheredUses } from './gathered-uses.ts'

for (const count of [1, 100, 10_000]) {
  test(`${count} uses come out whole, in the order of the first two bytes of their ids`, () => {
    const uses = createGatheredUses()
    const atMs = 1_700_000_000_000
    const known = new Map<string, number>()
    for (let number = 0; number < count; number += 1) {
      const id = hash('md5', `secret ${number}`)
      known.set(id, atMs + number)
      uses.add(id, atMs + number)
    }
    uses.add('of another form', atMs)
    assert.equal(uses.size, count + 1)
    const taken = uses.take()
    assert.equal(uses.size, 0)
    assert.deepEqual(taken.next(1), [['of another form', atMs]])
    taken.drop(1)
    const ids: string[] = []
    while (taken.left > 0) {
      const some = taken.next(300)
      assert.deepEqual(taken.next(300), some)
      for (const [id, at] of some) assert.equal(known.get(id), at)
      ids.push(...some.map(([id]) => id))
      taken.drop(some.length)
    }
    assert.equal(new Set(ids).size, count)
    const prefixes = ids.map((id) => id.slice(0, 4))
    assert.deepEqual(prefixes, prefixes.toSorted())
  })
}
