import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createShedLog } from './shed-log.ts'

test('overload is one line when it begins and one a while, not one a request', async () => {
  const told: object[] = []
  const note = createShedLog({ warn: (fields) => void told.push(fields) }, 30)
  for (let at = 0; at < 1000; at += 1) note()
  assert.deepEqual(told, [{ refused: 1, seconds: 0.03 }])
  await sleep(50)
  assert.deepEqual(told[1], { refused: 999, seconds: 0.03 })
  await sleep(80)
  assert.equal(told.length, 2, 'nothing is told where nothing was refused')
  note()
  assert.equal(told.length, 3)
})
