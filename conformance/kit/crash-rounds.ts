/** `kill -9` under load, again and again: what was acknowledged must still be so. */
import { setTimeout as sleep } from 'node:timers/promises'
import { introspect, issue, revoke } from './afterlife.ts'
import { askToken, askWithAssertion } from './ask.ts'
import { type KeyClient, makeClient, makeKeyClient, rs } from './fixtures.ts'
import { freePort } from './free-port.ts'
import { send } from './http.ts'
import { makeAssertion, makePair } from './jwt.ts'
import { type MintmarkDomain, startMintmark } from './mintmark-domain.ts'
import type { Client } from './test-domain.ts'

/** What the server has acknowledged, and so may not forget. */
export interface Acknowledged {
  readonly revoked: string[]
  readonly usedAssertions: string[]
  /** Names of applications by their id; null: deleted. */
  readonly applications: Map<string, string | null>
  /** Clients by their state of activation. */
  readonly activation: Map<string, { readonly client: Client; readonly active: boolean }>
  /** Sent, and cut off before the answer came: may count, or not. */
  readonly unknownAssertions: string[]
}

/** What so many rounds came to. */
export interface CrashReport {
  readonly rounds: number
  readonly acknowledged: number
  /** Each a sentence; empty: all is well. */
  readonly faults: readonly string[]
  /** From the kill until the next process called itself ready, its start included. */
  readonly downMs: readonly number[]
}

export interface CrashOptions {
  readonly rounds: number
  /** How long the load runs before the kill, at most. */
  readonly loadMsMax: number
  readonly workers: number
  readonly onRound?: (round: number) => void
}

/** Of a server whose port may change. */
export const issuer = 'https://issuer.example'
export const nothingAcknowledged = (): Acknowledged => ({
  revoked: [],
  usedAssertions: [],
  applications: new Map(),
  activation: new Map(),
  unknownAssertions: [],
})

/** So many of the older acknowledgements are looked at again in a round. */
const samplesMax = 20
/** Acknowledgements in a round before it may be killed. */
const acknowledgedMin = 12

/** Who asks while it lasts. */
export interface Actors {
  readonly api: Client
  readonly plain: Client
  readonly signer: KeyClient
  readonly switched: readonly Client[]
}

export const makeActors = async (domain: MintmarkDomain): Promise<Actors> => ({
  api: (await rs(domain)).client as Client,
  plain: await makeClient(domain),
  signer: await makeKeyClient(domain, [makePair('ES256')]),
  switched: await Promise.all([1, 2].map(() => makeClient(domain))),
})

type Act = () => Promise<void>

/** Every writer repeats its act until the server is gone; what fails then is unknown, not wrong. */
export const load = (domain: MintmarkDomain, actors: Actors, done: Acknowledged, round: number) => {
  const { plain, signer, switched } = actors
  let count = 0
  const acts: readonly Act[] = [
    async () => {
      const token = await issue(domain, plain)
      if ((await revoke(domain, plain, token)).status === 200) done.revoked.push(token)
    },
    async () => {
      const claims = { exp: Math.floor(Date.now() / 1000) + 290 }
      const assertion = makeAssertion(signer, issuer, signer.pair, { claims })
      done.unknownAssertions.push(assertion)
      const answer = await askWithAssertion(domain, assertion)
      done.unknownAssertions.splice(done.unknownAssertions.indexOf(assertion), 1)
      if (answer.status === 200) done.usedAssertions.push(assertion)
    },
    async () => {
      count += 1
      const displayName = `Crash ${round} ${count}`
      const created = await domain.admin.call('POST', '/Apps', {
        schemas: ['urn:ietf:params:scim:schemas:oracle:idcs:App'],
        displayName,
        basedOnTemplate: { value: 'CustomWebAppTemplateId' },
        isOAuthClient: true,
        clientType: 'confidential',
      })
      const id = String(created['id'])
      done.applications.set(id, displayName)
      if (count % 3 !== 0) return
      done.applications.delete(id)
      await domain.admin.call('DELETE', `/Apps/${id}`)
      done.applications.set(id, null)
    },
    async () => {
      for (const client of switched) {
        const active = done.activation.get(client.id)?.active === false
        done.activation.delete(client.id)
        await domain.setActive(client, active)
        done.activation.set(client.id, { client, active })
      }
    },
  ]
  let running = true
  const repeat = async (act: Act): Promise<void> => {
    while (running) await act()
  }
  const ended = Promise.allSettled([...acts, ...acts.slice(0, 2)].map(repeat))
  return {
    stop: async () => {
      running = false
      await ended
    },
  }
}

const sample = <T>(all: readonly T[], last: number): readonly T[] => {
  const newest = all.slice(-last)
  const older = all.slice(0, -last)
  const step = Math.max(1, Math.floor(older.length / samplesMax))
  return [...newest, ...older.filter((_, at) => at % step === 0)]
}

/** Looks whether what was acknowledged is so. @returns faults, each a sentence */
export const check = async (
  domain: MintmarkDomain,
  { api }: Actors,
  done: Acknowledged,
): Promise<readonly string[]> => {
  const faults: string[] = []
  const expect = (isSo: boolean, fault: string): void => {
    if (!isSo) faults.push(fault)
  }
  for (const token of sample(done.revoked, 60)) {
    const answer = await introspect(domain, api, token)
    expect(answer.json?.['active'] === false, `a revoked token: ${answer.status} ${answer.text}`)
  }
  for (const assertion of done.usedAssertions.slice(-80)) {
    const answer = await askWithAssertion(domain, assertion)
    expect(answer.status === 401, `a used assertion: ${answer.status}`)
  }
  for (const assertion of done.unknownAssertions.splice(0)) {
    // it may have been the kill that came first; but then once, and not twice
    await askWithAssertion(domain, assertion)
    const answer = await askWithAssertion(domain, assertion)
    expect(answer.status === 401, `an assertion for the second time: ${answer.status}`)
  }
  for (const [id, name] of sample([...done.applications], 60)) {
    const { status, json } = await domain.admin.ask('GET', `/Apps/${id}`)
    if (name === null) expect(status === 404, `a deleted application: ${status}`)
    else expect(json?.['displayName'] === name, `an application: ${status}`)
  }
  for (const { client, active } of done.activation.values()) {
    const { status } = await askToken(domain, client)
    expect(status === (active ? 200 : 401), `${active ? 'active' : 'inactive'}: ${status}`)
  }
  return faults
}

export const countOf = (done: Acknowledged): number =>
  done.revoked.length + done.usedAssertions.length + done.applications.size + done.activation.size

/** Asks until nobody answers any more, and then until somebody is ready again. */
const untilReady = async (url: string, afterMs: number): Promise<void> => {
  const patienceMs = 15_000
  let wasDown = false
  while (performance.now() - afterMs < patienceMs) {
    await sleep(5)
    const answer = await send({ url: `${url}/readyz`, method: 'GET' }).catch(() => null)
    if (answer === null) wasDown = true
    if (answer?.status === 200 && wasDown) return
  }
}

/** A machine with other work to do needs longer to write as much. */
const untilAcknowledged = async (done: Acknowledged, count: number): Promise<void> => {
  const givenUpMs = performance.now() + 10_000
  while (countOf(done) < count && performance.now() < givenUpMs) await sleep(2)
}

/** Runs the rounds on one data directory. */
export const runCrashRounds = async (options: CrashOptions): Promise<CrashReport> => {
  const environment = {
    MINTMARK_ISSUER: issuer,
    MINTMARK_LISTEN: `127.0.0.1:${await freePort()}`,
    MINTMARK_WORKERS: String(options.workers),
  }
  let domain = await startMintmark({ environment })
  const faults: string[] = []
  const downMs: number[] = []
  const done = nothingAcknowledged()
  try {
    const actors = await makeActors(domain)
    for (let round = 1; round <= options.rounds; round += 1) {
      const writers = load(domain, actors, done, round)
      await untilAcknowledged(done, countOf(done) + acknowledgedMin)
      await sleep(20 + Math.random() * options.loadMsMax)
      const killedAt = performance.now()
      domain.process().child.kill('SIGKILL')
      const restarted = writers.stop().then(() => domain.restart({ signal: 'SIGKILL' }))
      // should the start fail, it says why better than we could
      await Promise.race([untilReady(domain.url, killedAt), restarted])
      downMs.push(performance.now() - killedAt)
      domain = await restarted
      const found = await check(domain, actors, done)
      faults.push(...found.map((fault) => `round ${round}: ${fault}`))
      options.onRound?.(round)
    }
  } finally {
    await domain.stop()
  }
  return { rounds: options.rounds, acknowledged: countOf(done), faults, downMs }
}
