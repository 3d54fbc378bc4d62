/** What a program asks of the disk, in order, as `strace` sees it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createReadStream, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** One thing that happened; a sync is two, its beginning and its end. */
export type DiskEvent =
  | { readonly kind: 'made' | 'removed'; readonly path: string }
  | { readonly kind: 'written'; readonly path: string; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'cut'; readonly path: string; readonly length: number }
  | {
      readonly kind: 'sync begun' | 'synced'
      readonly path: string
      readonly call: string
      readonly thread: string
    }
  /** The program said this on its standard output. */
  | { readonly kind: 'said'; readonly text: string }

/** Whether programs can be watched here. */
export const canRecordDisk = (): boolean =>
  process.platform === 'linux' && spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0

const calls = 'openat,pwrite64,write,fdatasync,fsync,ftruncate,unlink'

/** The bytes of a `\x00\x01`. */
const bytesOf = (escaped: string): Buffer => Buffer.from(escaped.replaceAll('\\x', ''), 'hex')
const textOf = (escaped: string): string => bytesOf(escaped).toString()

const descriptor = /^\d+<((?:\\x[0-9a-f]{2})*)>/
const quoted = /"((?:\\x[0-9a-f]{2})*)"/

const read = (name: string, rest: string, thread: string): DiskEvent | null => {
  const path = textOf(descriptor.exec(rest)?.[1] ?? '')
  const result = Number(/\) += (-?\d+)/.exec(rest)?.[1])
  if (!(result >= 0)) return null
  switch (name) {
    case 'openat':
      if (!rest.includes('O_CREAT')) return null
      return { kind: 'made', path: textOf(quoted.exec(rest)?.[1] ?? '') }
    case 'unlink':
      return { kind: 'removed', path: textOf(quoted.exec(rest)?.[1] ?? '') }
    case 'pwrite64': {
      const bytes = bytesOf(quoted.exec(rest)?.[1] ?? '').subarray(0, result)
      const at = Number(/, (\d+) *\) += /.exec(rest)?.[1])
      return { kind: 'written', path, at, bytes }
    }
    case 'ftruncate':
      return { kind: 'cut', path, length: Number(/, (\d+) *\) += /.exec(rest)?.[1]) }
    case 'write':
      if (!rest.startsWith('1<')) return null
      return { kind: 'said', text: textOf(quoted.exec(rest)?.[1] ?? '') }
    default:
      return { kind: 'synced', path, call: name, thread }
  }
}

const line = /^(\d+) +(?:<\.\.\. )?(\w+)(?:\(| resumed>)(.*)$/

/** Of calls that others ran between the end counts, and of syncs the beginning too. */
const readTrace = async function* (path: string): AsyncGenerator<DiskEvent> {
  const unfinished = new Map<string, string>()
  for await (const text of createInterface({ input: createReadStream(path) })) {
    const [, thread = '', name = '', rest = ''] = line.exec(text) ?? []
    if (name === '') continue
    const isSync = name === 'fsync' || name === 'fdatasync'
    const begun = unfinished.get(thread) ?? ''
    const whole = begun + rest
    if (isSync && begun === '') {
      const of = textOf(descriptor.exec(rest)?.[1] ?? '')
      yield { kind: 'sync begun', path: of, call: name, thread }
    }
    if (rest.endsWith('<unfinished ...>')) {
      unfinished.set(thread, rest.slice(0, -'<unfinished ...>'.length))
      continue
    }
    unfinished.delete(thread)
    const event = read(name, whole, thread)
    if (event !== null) yield event
  }
}

const childOf = (pid: number): number =>
  Number.parseInt(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'), 10)

/**
 * Runs a program and writes down what it asks of the disk, until it has said so much: however slow
 * the machine is, as much is put to the test.
 *
 * @param command the program with its arguments
 * @param trace file to write to
 * @param linesMin lines on its standard output at which it is killed
 */
export const recordDisk = async (
  command: readonly string[],
  trace: string,
  linesMin: number,
): Promise<AsyncGenerator<DiskEvent>> => {
  const watching = ['-f', '-xx', '-y', '-s', '65536', '--seccomp-bpf', '-e', `trace=${calls}`]
  const child: ChildProcess = spawn(
    'strace',
    [...watching, '-e', 'signal=none', '-o', trace, ...command],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let lines = 0
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const before = lines
    lines += text.split('\n').length - 1
    if (before < linesMin && lines >= linesMin) process.kill(childOf(child.pid ?? 0), 'SIGKILL')
  })
  await new Promise((fulfil) => child.once('close', fulfil))
  return readTrace(trace)
}
