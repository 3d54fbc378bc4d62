/** An export of the audit, followed from its first line to its last; without a network. */
import { createHash } from 'node:crypto'
import { isObject, type Json, textOf } from '../domain-file/present-state.ts'
import { type Checkpoint, readCheckpoint } from './read-checkpoint.ts'

/** What is wrong, and in which lines of the file. */
export interface ChainFault {
  readonly kind: 'altered' | 'gap' | 'unreadable' | 'checkpoint' | 'cut'
  readonly firstLine: number
  readonly lastLine: number
  readonly message: string
}

export interface ChainReport {
  readonly packs: number
  readonly events: number
  readonly firstSequence: number
  readonly lastSequence: number
  /** Hash of the last pack, hexadecimal. */
  readonly hash: string
  /** Checkpoints whose signature holds and whose pack is in the file as it was signed. */
  readonly checkpoints: number
  /** Those whose signature nobody could check: no key set, or none of its keys. */
  readonly unsigned: number
  readonly faults: readonly ChainFault[]
}

interface Pack {
  readonly sequence: number
  readonly events: number
  readonly previous: string | null
  readonly hash: string
  readonly line: number
}

interface FoundCheckpoint {
  readonly text: string
  readonly line: number
}

const genesis = '0'.repeat(64)
const faultsMax = 1000

const packOf = (value: unknown, line: number): Pack | null => {
  if (!isObject(value) || !isObject(value['pack'])) return null
  const { sequence, events, previous, hash } = value['pack']
  if (typeof sequence !== 'number' || typeof events !== 'number') return null
  if (typeof hash !== 'string' || !(previous === null || typeof previous === 'string')) return null
  return { sequence, events, previous, hash, line }
}

const parse = (text: string): Json | null => {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

const checkpointIn = (event: Json): string => {
  const { action, detail } = event
  return action === 'audit.checkpoint' && isObject(detail) ? textOf(detail, 'checkpoint') : ''
}

/** What was read so far. */
interface Reading {
  pack: Pack | null
  before: Pack | null
  lines: number
  body: ReturnType<typeof createHash>
  packs: number
  events: number
  first: number
  readonly hashes: Map<number, string>
  readonly checkpoints: FoundCheckpoint[]
  readonly faults: ChainFault[]
}

const blame = (reading: Reading, fault: ChainFault): void => {
  if (reading.faults.length < faultsMax) reading.faults.push(fault)
}

/** The pack is complete: holds its hash, and does it follow the one before? */
const endPack = (reading: Reading, lastLine: number): void => {
  const { pack, before } = reading
  if (pack === null) return
  const at = { firstLine: pack.line, lastLine }
  const name = `pack ${pack.sequence}`
  if (before !== null && pack.sequence !== before.sequence + 1) {
    const message = `between pack ${before.sequence} and ${name} others are missing`
    blame(reading, { kind: 'gap', ...at, message })
  } else if (before !== null && pack.previous !== before.hash) {
    const message = `${name} does not follow the pack before it`
    blame(reading, { kind: 'altered', ...at, message })
  }
  if (before === null && pack.sequence === 1 && pack.previous !== genesis) {
    blame(reading, { kind: 'altered', ...at, message: `${name} is not the beginning of a chain` })
  }
  if (reading.lines !== pack.events) {
    const message = `${name} has ${reading.lines} events and says that it has ${pack.events}`
    blame(reading, { kind: 'altered', ...at, message })
  } else if (pack.previous === null) {
    const message = `${name} does not say what it follows, so its lines cannot be checked`
    blame(reading, { kind: 'altered', ...at, message })
  } else if (reading.body.digest('hex') !== pack.hash) {
    const lines = pack.events === 1 ? 'its line was' : 'one of its lines was'
    blame(reading, { kind: 'altered', ...at, message: `${name}: ${lines} altered` })
  }
  reading.hashes.set(pack.sequence, pack.hash)
  reading.before = pack
  reading.pack = null
}

const startPack = (reading: Reading, pack: Pack): void => {
  reading.pack = pack
  reading.lines = 0
  reading.body = createHash('sha256').update(pack.previous ?? '', 'hex')
  reading.packs += 1
  if (reading.packs === 1) reading.first = pack.sequence
}

const takeLine = (reading: Reading, text: string, line: number): void => {
  const value = parse(text)
  if (value === null) {
    blame(reading, { kind: 'unreadable', firstLine: line, lastLine: line, message: 'no JSON' })
  }
  const pack = packOf(value, line)
  if (pack !== null) {
    endPack(reading, line - 1)
    startPack(reading, pack)
    return
  }
  const early = value === null ? '' : textOf(value, 'checkpoint')
  if (reading.pack === null && early !== '') {
    reading.checkpoints.push({ text: early, line })
    return
  }
  reading.body.update(`${text}\n`)
  reading.lines += 1
  reading.events += 1
  const found = value === null ? '' : checkpointIn(value)
  if (found !== '') reading.checkpoints.push({ text: found, line })
}

/** Against the packs as they are in the file, and their signatures. */
const judgeCheckpoint = (
  reading: Reading,
  { text, line }: FoundCheckpoint,
  keys: Json | null,
): 'held' | 'unsigned' | 'wrong' | 'elsewhere' => {
  const at = { firstLine: line, lastLine: line, kind: 'checkpoint' as const }
  const read: Checkpoint = readCheckpoint(text, keys)
  if (read.kind === 'forged') {
    blame(reading, { ...at, message: `a checkpoint is not what was signed: ${read.message}` })
    return 'wrong'
  }
  const { sequence, hash } = read.claims
  const last = reading.before?.sequence ?? 0
  if (sequence > last) {
    const message = `a checkpoint is of pack ${sequence}, and the file ends with pack ${last}`
    blame(reading, { ...at, kind: 'cut', message })
    return 'wrong'
  }
  const found = reading.hashes.get(sequence)
  if (found === undefined) return 'elsewhere'
  if (found !== hash) {
    const message = `pack ${sequence} is another one than was signed`
    blame(reading, { ...at, message })
    return 'wrong'
  }
  return read.kind === 'unsigned' ? 'unsigned' : 'held'
}

/**
 * @param lines of the export, without their ends
 * @param keys the key set of the server; null: signatures are not checked
 * @param kept a checkpoint that was kept elsewhere
 */
export const verifyChain = async (
  lines: AsyncIterable<string>,
  keys: Json | null,
  kept: string | null,
): Promise<ChainReport> => {
  const reading: Reading = {
    pack: null,
    before: null,
    lines: 0,
    body: createHash('sha256'),
    packs: 0,
    events: 0,
    first: 0,
    hashes: new Map(),
    checkpoints: [],
    faults: [],
  }
  let line = 0
  for await (const text of lines) {
    line += 1
    takeLine(reading, text, line)
  }
  endPack(reading, line)
  const all =
    kept === null ? reading.checkpoints : [...reading.checkpoints, { text: kept, line: 0 }]
  const verdicts = all.map((each) => judgeCheckpoint(reading, each, keys))
  return {
    packs: reading.packs,
    events: reading.events,
    firstSequence: reading.first,
    lastSequence: reading.before?.sequence ?? 0,
    hash: reading.before?.hash ?? genesis,
    checkpoints: verdicts.filter((each) => each === 'held').length,
    unsigned: verdicts.filter((each) => each === 'unsigned').length,
    faults: reading.faults,
  }
}
