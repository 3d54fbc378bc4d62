import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { revocationKinds } from '@mintmark/registry/revocation'
import { createRevocationMarks } from './revocation-marks.ts'

const none = Number.NEGATIVE_INFINITY
const total = 20_000

const keepMany = (marks = createRevocationMarks()) => {
  for (let at = 1; at <= total; at += 1) {
    marks.keep({ kind: 'client', subject: `app${at}`, issuedBeforeMs: at, expiresAtMs: 9000 + at })
  }
  return marks
}

describe('marks of ended tokens', () => {
  it('knows what was kept and nothing else, through all its growth', () => {
    const marks = keepMany()
    assert.equal(marks.size(), total)
    for (let at = 1; at <= total; at += 1) {
      assert.equal(marks.endedUntilMs('client', `app${at}`), at)
      assert.equal(marks.endedUntilMs('client', `ap${at}`), none)
      assert.equal(marks.endedUntilMs('token', `app${at}`), none)
    }
  })

  it('tells kinds and subjects apart, the empty one and any character too', () => {
    const marks = createRevocationMarks()
    const subjects = ['', 'a', 'b', 'ab', 'ba', 'aa', ' ', '\0', '\0\0', 'é', '漢', 'a a']
    const all = revocationKinds.flatMap((kind) => subjects.map((subject) => ({ kind, subject })))
    for (const [at, each] of all.entries()) {
      assert.equal(marks.endedUntilMs(each.kind, each.subject), none)
      marks.keep({ ...each, issuedBeforeMs: at, expiresAtMs: 1 })
    }
    const found = all.map(({ kind, subject }) => marks.endedUntilMs(kind, subject))
    assert.deepEqual(found, [...all.keys()])
  })

  it('never shortens an earlier word', () => {
    const marks = createRevocationMarks()
    const word = { kind: 'grant', subject: 'u c' } as const
    marks.keep({ ...word, issuedBeforeMs: 5, expiresAtMs: 50 })
    marks.keep({ ...word, issuedBeforeMs: 4, expiresAtMs: 60 })
    marks.keep({ ...word, issuedBeforeMs: 3, expiresAtMs: 40 })
    assert.equal(marks.size(), 1)
    marks.dropExpired(60)
    assert.equal(marks.endedUntilMs('grant', 'u c'), 5)
    marks.dropExpired(61)
    assert.equal(marks.endedUntilMs('grant', 'u c'), none)
  })

  it('forgets what has expired to the millisecond, and takes more afterwards', () => {
    const marks = keepMany()
    marks.dropExpired(9000 + total - 9)
    assert.equal(marks.size(), 10)
    assert.equal(marks.endedUntilMs('client', `app${total - 10}`), none)
    assert.equal(marks.endedUntilMs('client', `app${total - 9}`), total - 9)
    assert.equal(keepMany(marks).size(), total)
    marks.clear()
    assert.equal(marks.size(), 0)
    assert.deepEqual([marks.hasAny('client'), marks.endedUntilMs('client', 'app7')], [false, none])
    assert.equal(keepMany(marks).size(), total)
  })

  it('takes nothing on the heap for one more', () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const used = (): number => {
      collect()
      return process.memoryUsage().heapUsed
    }
    keepMany()
    const before = used()
    const marks = keepMany()
    const each = (used() - before) / total
    assert.equal(marks.size(), total)
    assert.ok(each < 16, `${each} bytes`)
  })
})
