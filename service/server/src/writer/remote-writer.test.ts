import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StorageFailed } from '@mintmark/storage/database'
import type { ToPrimary } from './messages.ts'
import { createRemoteWriter } from './remote-writer.ts'

test('a worker tells what the store cannot do now from a fault', async () => {
  const sent: ToPrimary[] = []
  const remote = createRemoteWriter((message) => sent.push(message))
  for (const isOfStore of [true, false]) {
    const answer = remote.call('administer', {})
    const call = sent.at(-1)
    assert.ok(call?.kind === 'call')
    remote.receive({ kind: 'failure', id: call.id, message: 'busy', isOfStore })
    await assert.rejects(answer, (error: Error) => {
      assert.equal(error.message, 'busy')
      return error instanceof StorageFailed === isOfStore
    })
  }
})
