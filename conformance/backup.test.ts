/** A backup is made while the server goes on, one at a time, by whoever may see everything. */
import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { askToken } from './kit/ask.ts'
import { askHappening } from './kit/explain-rounds.ts'
import { cBasic } from './kit/fixtures.ts'
import { noDataFile } from './kit/mintmark-domain.ts'
import { startOurs, useMintmark } from './kit/start-domain.ts'

const domain = await useMintmark()
const passphrase = 'a passphrase of the tests'

const backUp = () => askHappening(domain, 'POST', '/backup', { passphrase })

test('a backup is one file that says what it is; a second one at the time is refused', async () => {
  const answers = await Promise.all([backUp(), backUp()])
  const made = answers.filter(({ status }) => status === 200)
  ok(made.length >= 1)
  for (const { text } of made) ok(text.startsWith('{"format":"mintmark-backup"'))
  for (const { status, json } of answers) {
    if (status !== 200) equal(json?.['reason'], 'BACKUP_UNDER_WAY')
  }
  equal((await backUp()).status, 200, 'and after it the next')
})

test('it takes a passphrase that is worth its name', async () => {
  const answer = await askHappening(domain, 'POST', '/backup', { passphrase: 'short' })
  equal(answer.json?.['reason'], 'MEMBER_INVALID')
})

test('what cannot be recorded is not handed out', { skip: noDataFile }, async () => {
  const full = await startOurs({ fileBlocksMax: 3072 })
  try {
    const client = await cBasic(full)
    let { status } = await askToken(full, client)
    for (let tries = 0; tries < 3000 && status === 200; tries += 1) {
      status = (await askToken(full, client)).status
    }
    equal(status, 503)
    const answer = await askHappening(full, 'POST', '/backup', { passphrase })
    equal(answer.json?.['reason'], 'NOT_RECORDED', answer.text.slice(0, 200))
  } finally {
    await full.stop()
  }
})
