import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestChosen, digestMinted, isChosenSecret, sameDigest } from './secret-digest.ts'

test('a chosen secret rests as argon2id and is recognised, again from the cache', async () => {
  const phc = await digestChosen('correct horse')
  assert.match(phc, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  assert.equal(await isChosenSecret('correct horse', phc), true)
  assert.equal(await isChosenSecret('correct horse', phc), true)
  assert.equal(await isChosenSecret('correct hors', phc), false)
  assert.notEqual(await digestChosen('correct horse'), phc)
})

test('a cached verdict is for that secret of that record only', async () => {
  const first = await digestChosen('one')
  const second = await digestChosen('two')
  assert.equal(await isChosenSecret('one', first), true)
  assert.equal(await isChosenSecret('one', second), false)
})

test('digests are compared whole', () => {
  assert.equal(sameDigest(digestMinted('a'), digestMinted('a')), true)
  assert.equal(sameDigest(digestMinted('a'), digestMinted('b')), false)
  assert.equal(sameDigest('short', digestMinted('a')), false)
})
