/** PostgreSQL for one test file or trial, where `npm run test:postgres` has not started one. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** Gives an empty database to whoever asks at its address. */
export interface TestDatabases {
  readonly address: string
  stop(): Promise<void>
}

const starter = fileURLToPath(
  new URL('../../service/storage/src/postgres/with-test-databases.ts', import.meta.url),
)
/** Says the address, and waits until nobody holds its input any more. */
const say = 'console.log(process.env.MINTMARK_CONFORMANCE_DATABASES); process.stdin.resume()'

/** @returns null where no PostgreSQL can be started */
export const startDatabases = async (): Promise<TestDatabases | null> => {
  const present = process.env['MINTMARK_CONFORMANCE_DATABASES']
  if (present !== undefined) return { address: present, stop: async () => {} }
  const words = ['--conditions=mintmark-source', starter, process.execPath, '-e', say]
  const child = spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'ignore'] })
  const ended = once(child, 'exit')
  const said = once(child.stdout, 'data').then(([bytes]) => String(bytes).trim())
  const address = await Promise.race([said, ended.then(() => null)])
  if (address === null) return null
  return {
    address,
    stop: async () => {
      child.stdin.end()
      await ended
    },
  }
}
