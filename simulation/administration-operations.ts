import type { AdministrationAnswer } from '@mintmark/server/administration/command'
import type { KeyOutcome } from '@mintmark/server/upkeep/change-keys'
import { noteEnding, whileEnding } from './endings.ts'
import { fqsOf } from './first-data.ts'
import {
  type AdministrationRequest,
  type Answered,
  askAdministration,
  askOAuth,
  basicOf,
  nextEcid,
} from './network.ts'
import { checkOutput } from './output-checks.ts'
import type { Step } from './plan.ts'
import { checkStored } from './record-checks.ts'
import type { Register } from './register.ts'
import { allScopes, must, noteOperation, type Scene, type SecretBox } from './scene.ts'
import { askTokenWith, clientOf } from './token-operations.ts'

const core = 'urn:ietf:params:scim:schemas:oracle:idcs:'
/** Its answer tells a secret, once. */
const regeneratorPath = '/AppClientSecretRegenerator'
const patchSchema = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

/** The administrator's token, asked for when there is none. */
const administratorToken = async (scene: Scene, node: number): Promise<string | null> => {
  if (scene.administratorToken !== null) return scene.administratorToken
  noteOperation(scene)
  const { clientId, secret } = scene.data.administrator
  const at = () => scene.nodes[node] as Scene['nodes'][number]
  const answer = await askOAuth(scene.network, scene.people, at, {
    door: 'token',
    source: '10.0.0.1',
    authorization: basicOf(clientId, secret),
    form: 'grant_type=client_credentials&scope=urn%3Aopc%3Aidm%3A__myscopes__',
  })
  if (typeof answer === 'string' || answer.status !== 200) return null
  scene.administratorToken = String(answer.body['access_token'])
  return scene.administratorToken
}

type Call = Pick<AdministrationRequest, 'method' | 'path' | 'body'> & {
  readonly headers?: Readonly<Record<string, string>>
}

/** How one call ended: `null` where nothing was asked at all. */
export interface Ended {
  readonly ecid: string
  readonly answer: Answered<AdministrationAnswer>
  readonly how: 'done' | 'refused' | 'unknown'
}

const howOf = (answer: Answered<AdministrationAnswer>): Ended['how'] => {
  if (answer === 'refused') return 'refused'
  if (answer === 'lost' || answer.status >= 500) return 'unknown'
  return answer.status < 300 ? 'done' : 'refused'
}

const administer = async (scene: Scene, node: number, call: Call): Promise<Ended | null> => {
  const token = await administratorToken(scene, node)
  if (token === null) return null
  noteOperation(scene)
  const ecid = nextEcid()
  const headers = { 'content-type': 'application/scim+json', ...call.headers }
  const at = () => scene.nodes[node] as Scene['nodes'][number]
  const request = { ...call, headers, token, ecid }
  const answer = await askAdministration(scene.network, scene.people, at, request)
  if (typeof answer !== 'string' && call.path !== regeneratorPath) {
    checkOutput(scene, `the answer of ${call.path}`, JSON.stringify(answer.body))
  }
  const how = howOf(answer)
  const status = typeof answer === 'string' ? answer : answer.status
  scene.world.tell(`${call.method} ${call.path.slice(0, 24)} at ${node}: ${status}`)
  if (typeof answer !== 'string' && answer.status === 401) scene.administratorToken = null
  if (call.method !== 'GET') scene.changes.set(ecid, how)
  return { ecid, answer, how }
}

/** Tells a register how the call for its change ended. */
const change = async <Value>(
  scene: Scene,
  step: Step,
  register: Register<Value>,
  value: Value,
  call: Call,
): Promise<Ended | null> => {
  const write = register.change(value, scene.world.nowMs())
  const ended = await administer(scene, step.node, call)
  if (ended === null || ended.how === 'refused') write.refuse()
  else if (ended.how === 'done') {
    write.acknowledge(scene.world.nowMs())
    checkStored(scene, step.client)
  }
  return ended
}

/** Tokens of a client that are there while it runs may end by it. */
const ending = async (
  scene: Scene,
  client: number,
  work: () => Promise<Ended | null>,
): Promise<void> => {
  const ended = await whileEnding(scene, client, work, (each) => each?.how === 'unknown')
  // what was so before is no change, and leaves no record
  if (ended?.how === 'done') scene.changes.set(ended.ecid, 'done or so before')
}

export const setActive = async (scene: Scene, step: Step, active: boolean): Promise<void> => {
  const { known, activity, deactivatedMs } = clientOf(scene, step)
  await ending(scene, step.client, async () => {
    const ended = await change(scene, step, activity, active, {
      method: 'PUT',
      path: `/AppStatusChanger/${known.id}`,
      body: { schemas: [`${core}AppStatusChanger`], active },
    })
    if (!active && ended?.how === 'done') deactivatedMs.push(scene.world.nowMs())
    return ended
  })
}

export const setGrants = async (scene: Scene, step: Step, isWide: boolean): Promise<void> => {
  const { known, grants } = clientOf(scene, step)
  const fqs = fqsOf('write')
  const operation = isWide
    ? { op: 'add', path: 'allowedScopes', value: [{ fqs }] }
    : { op: 'remove', path: `allowedScopes[fqs eq "${fqs}"]` }
  await ending(scene, step.client, () =>
    change(scene, step, grants, isWide ? allScopes : 'read', {
      method: 'PATCH',
      path: `/Apps/${known.id}`,
      body: { schemas: [patchSchema], Operations: [operation] },
    }),
  )
}

interface AppBody {
  readonly meta: { readonly version: string }
}

/** Reads, then writes only over what was read. */
export const describe = async (scene: Scene, step: Step): Promise<void> => {
  const { known, description, written } = clientOf(scene, step)
  const path = `/Apps/${known.id}`
  const read = await administer(scene, step.node, { method: 'GET', path, body: null })
  if (read?.how !== 'done' || typeof read.answer === 'string') return
  const { version } = (read.answer.body as AppBody).meta
  const node = Math.floor(step.pick * scene.nodes.length)
  const value = `said ${nextEcid()}`
  const ended = await change(scene, { ...step, node }, description, value, {
    method: 'PATCH',
    path,
    headers: { 'if-match': version },
    body: { schemas: [patchSchema], Operations: [{ op: 'replace', path: 'description', value }] },
  })
  if (ended?.how !== 'done') return
  const before = written.get(version)
  must(scene, before === undefined, 'INV-12', `${before} was overwritten unseen by ${value}`)
  written.set(version, value)
}

/** Asks until there is an answer, and sometimes once more, always with the same retry token. */
export const regenerate = async (scene: Scene, step: Step): Promise<void> => {
  const state = clientOf(scene, step)
  const box: SecretBox = { text: null }
  const write = state.secrets.change(box, scene.world.nowMs())
  const retryToken = nextEcid()
  const ecids: string[] = []
  const triesMax = 4
  let isSure = true
  let more = step.pick < 0.5 ? 1 : 0
  for (let at = 0; at < triesMax; at += 1) {
    const ended = await administer(scene, (step.node + at) % scene.nodes.length, {
      method: 'POST',
      path: regeneratorPath,
      headers: { 'opc-retry-token': retryToken },
      body: { schemas: [`${core}AppClientSecretRegenerator`], appId: state.known.id },
    })
    if (ended === null) continue
    ecids.push(ended.ecid)
    if (ended.how === 'unknown') isSure = false
    const isJudged = typeof ended.answer !== 'string' && ended.answer.status !== 401
    if (ended.how === 'refused' && isJudged) {
      must(scene, box.text === null, 'INV-8', 'what was done was refused when it was repeated')
      continue
    }
    if (ended.how !== 'done' || typeof ended.answer === 'string') continue
    const secret = String((ended.answer.body as Record<string, unknown>)['clientSecret'])
    const isSame = box.text === null || box.text === secret
    must(scene, isSame, 'INV-8', 'the same retry token got another secret')
    if (box.text === null) {
      write.acknowledge(scene.world.nowMs())
      scene.secrets.push(secret)
    }
    box.text = secret
    if (more === 0) break
    more -= 1
  }
  const { secret } = state
  if (box.text !== null) state.secret = box.text
  else if (isSure) write.refuse()
  // of those that were answered, at most one has done it
  for (const ecid of ecids) scene.changes.delete(ecid)
  scene.repeats.push({ ecids, isDone: box.text !== null })
  if (box.text === null) return
  // no server takes the one before, whatever its clock says
  await Promise.all(scene.nodes.map((_, node) => askTokenWith(scene, { ...step, node }, secret)))
}

const changeKeys = async (
  scene: Scene,
  step: Step,
  command: { kind: 'rotate'; algorithms: ['ES256', 'RS256'] } | { kind: 'withdraw'; what: object },
): Promise<Answered<KeyOutcome | 'failed'>> => {
  noteOperation(scene)
  const ecid = nextEcid()
  const answer = await scene.network.send<KeyOutcome | 'failed'>(
    scene.people,
    () => scene.nodes[step.node] as Scene['nodes'][number],
    ({ services }, answered) => {
      if (services.outOfTouch() !== null) return answered('failed')
      const whole = { ...command, ecid, actor: 'root', source: '10.0.0.1' }
      services
        .changeKeys(whole as Parameters<typeof services.changeKeys>[0])
        .then(answered, () => answered('failed'))
    },
  )
  const how = typeof answer === 'string' ? answer : answer.kind
  scene.world.tell(`${command.kind} keys at ${step.node}: ${how}`)
  return answer
}

export const rotateKeys = async (scene: Scene, step: Step): Promise<void> => {
  await changeKeys(scene, step, { kind: 'rotate', algorithms: ['ES256', 'RS256'] })
}

export const withdrawKey = async (scene: Scene, step: Step): Promise<void> => {
  scene.keys.emergencies += 1
  for (const token of scene.tokens) {
    token.mayBeDead = true
    scene.keys.mayBeGone.add(token.kid)
  }
  scene.administratorToken = null
  const algorithm = step.pick < 0.7 ? 'RS256' : 'ES256'
  const answer = await changeKeys(scene, step, { kind: 'withdraw', what: { algorithm } })
  for (const token of scene.tokens) token.mayBeDead = true
  noteEnding(scene, 'all', scene.world.nowMs())
  scene.administratorToken = null
  // one without an answer may be carried out at any time
  if (typeof answer === 'string' || answer.kind !== 'done') return
  scene.keys.emergencies -= 1
  for (const kid of answer.withdrawn) {
    scene.withdrawn.set(kid, scene.world.nowMs())
    scene.keys.mayBeGone.add(kid)
  }
}
