import { sign } from 'node:crypto'
import { whileEnding } from './endings.ts'
import { fqsOf } from './first-data.ts'
import { type Answered, askOAuth, basicOf } from './network.ts'
import { checkOutput } from './output-checks.ts'
import { burstGuesses, isAtOnce, replayedAtOnce, type Step } from './plan.ts'
import type { ClientState, HeldToken, Scene } from './scene.ts'
import { must, noteOperation } from './scene.ts'
import { type DoorName, issuer, type OAuthAnswer } from './server-node.ts'
import { checkIntrospection, checkJudgement, checkToken } from './token-checks.ts'

let sources = 0

export const resetSources = (): void => {
  sources = 0
}

/** Each honest request comes from an address of its own, so that no other locks it out. */
const freshSource = (): string => {
  sources += 1
  return `10.2.${(sources >> 8) & 255}.${sources & 255}`
}

const tell = (scene: Scene, what: string, answer: Answered<OAuthAnswer>): void =>
  scene.world.tell(
    typeof answer === 'string'
      ? `${what}: ${answer}`
      : `${what}: ${answer.status} ${answer.body['error'] ?? answer.body['active'] ?? ''}`,
  )

const ask = async (
  scene: Scene,
  node: number,
  door: DoorName,
  request: {
    authorization: string | null
    form: Readonly<Record<string, string>>
    source?: string
  },
): Promise<Answered<OAuthAnswer>> => {
  const { authorization, source = freshSource() } = request
  noteOperation(scene)
  const form = new URLSearchParams(request.form).toString()
  const at = () => scene.nodes[node] as Scene['nodes'][number]
  const answer = await askOAuth(scene.network, scene.people, at, {
    ...{ door, source, authorization, form },
  })
  if (typeof answer !== 'string') checkOutput(scene, `the answer of ${door}`, answer.text)
  return answer
}

export const clientOf = (scene: Scene, step: Step): ClientState =>
  scene.clients[step.client] as ClientState

const scopeOf = ({ pick }: Step): string =>
  pick < 0.4 ? fqsOf('read') : pick < 0.7 ? fqsOf('write') : `${fqsOf('read')} ${fqsOf('write')}`

const form = { grant_type: 'client_credentials' }

export const askToken = (scene: Scene, step: Step): Promise<void> =>
  askTokenWith(scene, step, clientOf(scene, step).secret)

/** With a secret that may have ended. */
export const askTokenWith = async (scene: Scene, step: Step, secret: string): Promise<void> => {
  const state = clientOf(scene, step)
  const startedMs = scene.world.nowMs()
  const answer = await ask(scene, step.node, 'token', {
    authorization: basicOf(state.known.clientId, secret),
    form: { ...form, scope: scopeOf(step) },
  })
  tell(scene, `token of ${step.client} at ${step.node}`, answer)
  if (typeof answer === 'string' || answer.status !== 200) return
  checkToken(scene, { client: step.client, secret, startedMs, body: answer.body })
}

/** RFC 7523: signed by the key of the client; the model's signatures are as good. */
const assertionOf = (scene: Scene, { clientId }: ClientState['known'], jti: string): string => {
  const nowSeconds = Math.floor(scene.world.nowMs() / 1000)
  const claims = { iss: clientId, sub: clientId, aud: issuer, jti, exp: nowSeconds + 120 }
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const input = `${encode({ alg: 'ES256', kid: 'c' })}.${encode({ ...claims, iat: nowSeconds })}`
  const key = scene.data.assertionKey
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`
}

const bearerType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

const askByAssertion = async (
  scene: Scene,
  step: Step,
  node: number,
  assertion: { readonly text: string; readonly jti: string },
): Promise<void> => {
  const state = clientOf(scene, step)
  const startedMs = scene.world.nowMs()
  const answer = await ask(scene, node, 'token', {
    authorization: null,
    form: {
      ...form,
      scope: fqsOf('read'),
      client_assertion_type: bearerType,
      client_assertion: assertion.text,
    },
  })
  tell(scene, `token of ${step.client} at ${node} by ${assertion.jti}`, answer)
  if (typeof answer === 'string' || answer.status !== 200) return
  checkToken(scene, { client: step.client, secret: null, startedMs, body: answer.body })
  const before = state.successes.get(assertion.jti) ?? 0
  state.successes.set(assertion.jti, before + 1)
  must(scene, before === 0, 'INV-3', `assertion ${assertion.jti} was taken ${before + 1} times`)
}

let assertions = 0

/** One assertion at several servers, at once or one after the other. */
export const replay = async (scene: Scene, step: Step, isRepeated: boolean): Promise<void> => {
  assertions += 1
  const jti = `${scene.world.nowMs().toFixed(3)}/${assertions % 1000}`
  const assertion = { jti, text: assertionOf(scene, clientOf(scene, step).known, jti) }
  if (!isRepeated) return askByAssertion(scene, step, step.node, assertion)
  const nodes = scene.nodes.length
  if (isAtOnce(step.pick)) {
    await Promise.all(
      Array.from({ length: replayedAtOnce }, (_, each) =>
        askByAssertion(scene, step, (step.node + each) % nodes, assertion),
      ),
    )
    return
  }
  await askByAssertion(scene, step, step.node, assertion)
  await new Promise((resolve) => setTimeout(resolve, step.amount * 4000))
  await askByAssertion(scene, step, (step.node + 1) % nodes, assertion)
}

export const resetAssertions = (): void => {
  assertions = 0
}

/** Mostly one of the latest. */
export const pickToken = ({ tokens }: Scene, { pick }: Step): HeldToken | null =>
  tokens[Math.max(0, tokens.length - 1 - Math.floor(pick * pick * 24))] ?? null

/** Where there is no token yet, one is asked for. */
export const introspect = async (scene: Scene, step: Step): Promise<void> => {
  const token = pickToken(scene, step)
  if (token === null) return askToken(scene, step)
  const startedMs = scene.world.nowMs()
  const { api } = scene.data
  const answer = await ask(scene, step.node, 'introspect', {
    authorization: basicOf(api.clientId, api.secret),
    form: { token: token.text },
  })
  tell(scene, `introspect ${token.jti.slice(0, 8)} at ${step.node}`, answer)
  if (typeof answer === 'string' || answer.status !== 200) return
  checkIntrospection(scene, token, startedMs, answer.body['active'] === true)
}

export const revoke = async (scene: Scene, step: Step): Promise<void> => {
  const token = pickToken(scene, step)
  if (token === null) return askToken(scene, step)
  const { known, secret } = scene.clients[token.client] as ClientState
  token.mayBeDead = true
  const answer = await ask(scene, step.node, 'revoke', {
    authorization: basicOf(known.clientId, secret),
    form: { token: token.text },
  })
  tell(scene, `revoke ${token.jti.slice(0, 8)} at ${step.node}`, answer)
  if (typeof answer === 'string' || answer.status !== 200) return
  token.revokedMs ??= scene.world.nowMs()
}

export const revokeAll = async (scene: Scene, step: Step): Promise<void> => {
  const state = clientOf(scene, step)
  const invokedMs = scene.world.nowMs()
  const request = {
    authorization: basicOf(state.known.clientId, state.secret),
    form: { all_tokens: 'true' },
  }
  const answer = await whileEnding(
    scene,
    step.client,
    () => ask(scene, step.node, 'revoke', request),
    (each) => each === 'lost',
  )
  tell(scene, `revoke all of ${step.client} at ${step.node}`, answer)
  if (typeof answer === 'string' || answer.status !== 200) return
  state.ended.push({ invokedMs, ackedMs: scene.world.nowMs() })
}

const guessOnce = async (scene: Scene, step: Step, node: number, secret: string): Promise<void> => {
  const source = `10.1.${step.client}.${step.pick < 0.5 ? 1 : 2}`
  scene.secrets.push(secret)
  const startedMs = scene.world.nowMs()
  const { known } = clientOf(scene, step)
  const answer = await ask(scene, node, 'token', {
    authorization: basicOf(known.clientId, secret),
    form,
    source,
  })
  tell(scene, `guess for ${step.client} at ${node} from ${source}`, answer)
  if (typeof answer === 'string') return
  checkJudgement(scene, clientOf(scene, step), { source, startedMs, status: answer.status })
}

export const guess = (scene: Scene, step: Step): Promise<void> =>
  guessOnce(scene, step, step.node, `wrong ${step.amount}`)

/** Many guesses at once at all servers, then with the right one. */
export const guessMuch = async (scene: Scene, step: Step): Promise<void> => {
  const nodes = scene.nodes.length
  await Promise.all(
    Array.from({ length: burstGuesses }, (_, at) =>
      guessOnce(scene, step, (step.node + at) % nodes, `wrong ${step.amount} ${at}`),
    ),
  )
  await guessOnce(scene, step, step.node, clientOf(scene, step).secret)
}
