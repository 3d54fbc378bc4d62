import assert from 'node:assert/strict'
import { chmodSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { newDirectory, startCommand } from '../test-process.ts'

test('--fix takes from others the rights to files with secrets, after asking', async (t) => {
  const home = newDirectory()
  t.after(home.remove)
  const config = join(home.path, 'mintmark.yaml')
  const secret = join(home.path, 'admin.secret')
  const url = 'http://127.0.0.1:1'
  const bootstrap = 'bootstrap: { clientId: admin, clientSecretFile: admin.secret }'
  writeFileSync(config, `data: ./data\nurl: ${url}\n${bootstrap}\n`)
  writeFileSync(secret, 'a-secret-of-an-administrator-1')
  chmodSync(config, 0o666)
  chmodSync(secret, 0o644)
  const modes = () => [config, secret].map((file) => statSync(file).mode & 0o777)
  const run = async (...words: readonly string[]) => {
    const started = startCommand(['doctor', ...words], {}, home.path)
    return { code: await started.ended, out: started.output(), err: started.errors() }
  }
  const unsure = await run('--config', config, '--fix')
  assert.equal(unsure.code, 2, unsure.err)
  assert.match(unsure.err, /Nobody is there to be asked about chmod 644 .*\. Add --yes\./)
  assert.deepEqual(modes(), [0o666, 0o644])
  const mended = await run('--config', config, '--fix', '--yes')
  // nobody answers at the url: that is no matter of rights
  assert.equal(mended.code, 7, mended.err)
  assert.match(mended.err, /✔ chmod 644 .*\n✔ chmod 600 .*\n/)
  assert.doesNotMatch(mended.out, /Others can/)
  assert.deepEqual(modes(), [0o644, 0o600])
  assert.equal((await run('--fix')).code, 2)
})
