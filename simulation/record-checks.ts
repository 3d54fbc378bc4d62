import type { Application } from '@mintmark/registry/application'
import type { AuditEvent } from '@mintmark/registry/audit-event'
import type { Statements } from '@mintmark/storage/database'
import { findBrokenPack } from '@mintmark/storage/tables/audit-pack'
import { readStoredBody } from '@mintmark/storage/tables/pack-body'
import { checkOutputs } from './output-checks.ts'
import { breakPromise, type ClientState, must, type Scene } from './scene.ts'

/** All that is on record, a line each, read beside the world. */
const linesOf = ({ database, data }: Scene): readonly string[] =>
  database
    .look('SELECT body FROM audit_pack WHERE domain_id = $1 ORDER BY sequence', [data.domainId])
    .flatMap((row) =>
      Buffer.from(readStoredBody(row['body'] as Uint8Array))
        .toString('utf8')
        .trimEnd()
        .split('\n'),
    )

/** How often each id stands on record as done. */
const countDone = (events: readonly AuditEvent[]) => {
  const tokens = new Map<string, number>()
  const changes = new Map<string, number>()
  const count = (counts: Map<string, number>, name: string): void => {
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  for (const { action, result, object, ecid } of events) {
    if (result !== 'ok') continue
    if (action === 'token') for (const jti of (object ?? '').split(' ')) count(tokens, jti)
    else count(changes, ecid)
  }
  return { tokens, changes }
}

/** INV-5: everything that was answered stands on record once, and nothing that was refused. */
const checkRecord = async (scene: Scene): Promise<void> => {
  const { database, data } = scene
  const statements: Statements = {
    all: async (sql, params) => database.look(sql, params),
    run: async () => ({ changes: 0 }),
  }
  const brokenAt = await findBrokenPack(statements, data.domainId)
  must(scene, brokenAt === null, 'INV-5', `pack ${brokenAt} does not fit the chain`)
  const lines = linesOf(scene)
  checkOutputs(scene, lines.join('\n'))
  const { tokens, changes } = countDone(lines.map((line) => JSON.parse(line) as AuditEvent))
  for (const { jti } of scene.tokens) {
    const count = tokens.get(jti) ?? 0
    must(scene, count === 1, 'INV-5', `token ${jti} stands on record ${count} times`)
  }
  for (const [ecid, how] of scene.changes) {
    const count = changes.get(ecid) ?? 0
    if (how === 'done')
      must(scene, count === 1, 'INV-5', `change ${ecid} is recorded ${count} times`)
    if (how === 'refused') must(scene, count === 0, 'INV-5', `${ecid} was refused and is recorded`)
  }
  for (const { ecids, isDone } of scene.repeats) {
    const count = ecids.reduce((sum, ecid) => sum + (changes.get(ecid) ?? 0), 0)
    must(scene, count <= 1, 'INV-8', `a repeated request has had ${count} effects`)
    if (isDone) must(scene, count === 1, 'INV-5', 'a repeated request is not on record')
  }
}

/** INV-1: what is stored of a client is what the acknowledged changes have made. */
export const checkStored = (scene: Scene, at: number): void => {
  const nowMs = scene.world.nowMs()
  const state = scene.clients[at] as ClientState
  const [row] = scene.database.look(
    'SELECT record FROM application WHERE domain_id = $1 AND id = $2',
    [scene.data.domainId, state.known.id],
  )
  if (row === undefined) {
    breakPromise(scene, 'INV-1', `client ${at} is gone`)
    return
  }
  const stored = JSON.parse(String(row['record'])) as Application
  const grants = (stored.client?.policy.allowedScopes ?? [])
    .map((each) => each.split('/').at(-1))
    .sort()
    .join(' ')
  const found = { activity: stored.active, description: stored.description ?? '', grants }
  for (const name of ['activity', 'description', 'grants'] as const) {
    const possible = state[name].during(nowMs, nowMs) as ReadonlySet<unknown>
    const told = [...possible].join(' or ')
    const isThere = possible.has(found[name])
    must(scene, isThere, 'INV-1', `${name} of client ${at} is ${found[name]}, not ${told}`)
  }
}

/** When the world is at rest. */
export const checkRecords = async (scene: Scene): Promise<void> => {
  await checkRecord(scene)
  for (const at of scene.clients.keys()) checkStored(scene, at)
}
