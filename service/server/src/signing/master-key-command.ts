import { spawnSync } from 'node:child_process'
import { type MasterKey, MasterKeyFault, masterKeyOf } from './master-key.ts'

const timeoutMsDefault = 20_000
const keyBytes = 32
const outputBytesMax = 4096
const base64 = /^(?:[A-Za-z0-9+/]{43}=|[A-Za-z0-9_-]{43}=?)$/

/** What the command need not know of us. */
const environmentFor = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !/^MINTMARK_/.test(name)))

/**
 * The master key from a command that a key management service or a hardware module comes with: it
 * is run without a shell and must write 32 bytes in base64, and nothing else, to standard output.
 * What it writes is neither kept nor logged, on standard error neither.
 *
 * @param argv the program and its arguments
 * @throws MasterKeyFault when it cannot be run, fails, takes too long, or writes something else
 */
export const masterKeyFromCommand = (
  argv: readonly string[],
  timeoutMs = timeoutMsDefault,
): MasterKey => {
  const [program = '', ...words] = argv
  const fault = (what: string) =>
    new MasterKeyFault(
      `The command of the master key, ${program}, ${what}. Run it by hand as the user of the ` +
        'server: it must write 32 bytes in base64 to standard output and end with 0.',
    )
  const ran = spawnSync(program, words, {
    shell: false,
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: outputBytesMax,
    env: environmentFor(process.env),
  })
  const { code } = (ran.error ?? {}) as NodeJS.ErrnoException
  if (code === 'ETIMEDOUT') throw fault(`did not end within ${timeoutMs / 1000} s`)
  if (code === 'ENOBUFS') throw fault('writes more than a key')
  if (code === 'ERR_ACCESS_DENIED') throw fault('may not be run: add --allow-child-process')
  if (ran.error !== undefined) throw fault(`cannot be run (${code ?? 'unknown'})`)
  if (ran.status !== 0) throw fault(`ended with ${ran.signal ?? ran.status}`)
  const text = ran.stdout.toString('latin1').trim()
  const key = Buffer.from(text, 'base64url')
  ran.stdout.fill(0)
  if (!base64.test(text) || key.length !== keyBytes) throw fault('wrote something else than a key')
  return masterKeyOf(key)
}
