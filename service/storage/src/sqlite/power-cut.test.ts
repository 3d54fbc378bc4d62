import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { canRecordDisk } from './disk-record.ts'
import { runPowerCutRounds } from './power-cut-rounds.ts'

const skip = canRecordDisk() ? false : 'strace is not here'

// The full count is run by `power-cut.ts`.
describe('sqlite: power failure (F-02)', { skip }, () => {
  it('loses nothing acknowledged, whatever of the unsynced the disk keeps', async () => {
    const report = await runPowerCutRounds({ points: 80, acknowledged: 60, seed: 1 })
    assert.deepEqual(report.faults, [])
    assert.ok(report.points >= 79, `only ${report.points} states`)
    assert.ok(report.acknowledged > 100, `only ${report.acknowledged} acknowledged`)
  })

  it('would lose some if the log were not synced behind a group commit', async () => {
    const ignores = (call: string): boolean => call === 'fdatasync'
    const report = await runPowerCutRounds({ points: 40, acknowledged: 60, seed: 1, ignores })
    assert.match(report.faults.join('\n'), /acknowledged and lost/)
  })
})
