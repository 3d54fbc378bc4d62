/** What a token leaves on the disk: growth of the file, and how audit events are packed. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createApi, createSecretClient, enterDomain, tokenRequest } from './domain.ts'
import { type BenchOptions, type Figure, figure, type ScenarioResult } from './result.ts'
import { openStage, oursIsMissing, type Stage } from './stage.ts'
import { spreadOf } from './statistics.ts'
import { type Home, isBuilt, makeHome, removeHome, startMintmark } from './subjects/mintmark.ts'

/** As many tokens as this for each one that the run introspects: 100,000 by default. */
const tokensEach = 10
/** A caller alone has a commit for each token, so fewer tell enough. */
const aloneShare = 0.1
const secondsMax = 300

interface Stand {
  readonly fileBytes: number
  readonly packs: number
  readonly events: number
  readonly packedBytes: number
}

const databaseFile = ({ dataDirectory }: Home): string => {
  const name = readdirSync(dataDirectory).find((file) => file.endsWith('.db'))
  if (name === undefined) throw new Error('no database in the data directory')
  return join(dataDirectory, name)
}

/** What the file holds once the server has ended, and its log with it. */
function readStand(home: Home): Stand {
  const file = databaseFile(home)
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    const row = database
      .prepare(
        `SELECT count(*) AS packs, coalesce(sum(event_count), 0) AS events,
           coalesce(sum(length(body)), 0) AS packedBytes FROM audit_pack`,
      )
      .get() as unknown as Omit<Stand, 'fileBytes'>
    return { ...row, fileBytes: statSync(file).size }
  } finally {
    database.close()
  }
}

/** Hands out so many tokens to so many callers, from one start to an orderly end. */
async function issue(stage: Stage, home: Home, tokens: number, callers: number): Promise<void> {
  const server = await startMintmark(home, 1, { cores: stage.placement.server })
  try {
    const report = await stage.load.run({
      list: 'tokens',
      port: server.port,
      connections: callers,
      expectedStatus: 200,
      warmupSeconds: 0,
      seconds: secondsMax,
      requestsMax: tokens,
      poll: stage.plan.poll,
    })
    if (report.completed !== tokens) throw new Error(`${report.completed} of ${tokens} tokens`)
  } finally {
    await server.stop()
  }
}

function figuresOf(callers: number, before: Stand, after: Stand, tokens: number): Figure[] {
  const grown = after.fileBytes - before.fileBytes
  const packs = after.packs - before.packs
  const events = after.events - before.events
  const packedBytes = after.packedBytes - before.packedBytes
  const label = callers === 1 ? '1 caller' : `${callers} callers`
  const tell = (name: string, unit: string, value: number): Figure =>
    figure(`${name}, ${label}`, unit, spreadOf([value]))
  return [
    tell('growth', 'MB per million tokens', grown / tokens),
    tell('growth', 'bytes per token', grown / tokens),
    tell('audit events in a packed row', '', events / packs),
    tell('packed row', 'bytes', packedBytes / packs),
    tell('growth beyond the packed rows', 'bytes per token', (grown - packedBytes) / tokens),
  ]
}

/** Growth by many callers at once, who share commits, and by one alone, who does not. */
export async function measureGrowth(
  options: BenchOptions,
): Promise<Omit<ScenarioResult, 'name' | 'about'>> {
  const nothing = { measurements: [], ratios: [], figures: [], skipped: [] }
  if (!isBuilt()) return { ...nothing, skipped: [oursIsMissing] }
  await using ended = new AsyncDisposableStack()
  const stage = openStage(options, 1, ended)
  const home = makeHome()
  ended.defer(() => removeHome(home))
  const first = await startMintmark(home, 1)
  try {
    const domain = await enterDomain(first)
    const api = await createApi(domain, 'ES256')
    const client = await createSecretClient(domain, api)
    await stage.load.prepare('tokens', [tokenRequest(client, api.scope)])
  } finally {
    await first.stop()
  }
  const figures: Figure[] = []
  const many = options.tokens * tokensEach
  for (const [callers, tokens] of [
    [options.connections, many],
    [1, Math.ceil(many * aloneShare)],
  ] as const) {
    const before = readStand(home)
    await issue(stage, home, tokens, callers)
    figures.push(...figuresOf(callers, before, readStand(home), tokens))
  }
  return { ...nothing, figures }
}
