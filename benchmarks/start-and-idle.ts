import { get } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { residentMemory } from './process-cost.ts'
import { type Figure, figure } from './result.ts'
import { spreadOf } from './statistics.ts'
import { isBuilt, type Mintmark, makeHome, removeHome, startMintmark } from './subjects/mintmark.ts'

const pollMillis = 2
const readyMillisMax = 30_000
const idleMillis = 2_000

function statusOf(url: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    request.on('error', () => resolve(undefined))
  })
}

/** Milliseconds from spawning the process to the first 200 of /readyz. */
export async function readyMillis(server: Mintmark): Promise<number> {
  const listeningAt = performance.now()
  const url = `http://127.0.0.1:${server.port}/readyz`
  while ((await statusOf(url)) !== 200) {
    if (performance.now() - listeningAt > readyMillisMax) throw new Error('never ready')
    await wait(pollMillis)
  }
  return server.listeningMillis + (performance.now() - listeningAt)
}

interface StartSamples {
  readonly first: number[]
  readonly again: number[]
  readonly rss: number[]
  readonly pss: number[]
}

/** A first start on nothing, then a second one on what the first left behind. */
async function sampleStart(workers: number, samples: StartSamples): Promise<void> {
  const home = makeHome()
  try {
    for (const ready of [samples.first, samples.again]) {
      const server = await startMintmark(home, workers)
      try {
        ready.push(await readyMillis(server))
        await wait(idleMillis)
        const memory = residentMemory(server.pid)
        samples.rss.push(memory.totalBytes / 2 ** 20)
        samples.pss.push(memory.proportionalBytes / 2 ** 20)
      } finally {
        await server.stop()
      }
    }
  } finally {
    removeHome(home)
  }
}

/** Start times and memory at rest, with one worker and with two; undefined if ours is not built. */
export async function measureStart(rounds: number): Promise<readonly Figure[] | undefined> {
  if (!isBuilt()) return undefined
  const figures: Figure[] = []
  for (const workers of [1, 2]) {
    const samples: StartSamples = { first: [], again: [], rss: [], pss: [] }
    for (let round = 0; round < rounds; round += 1) await sampleStart(workers, samples)
    const label = workers === 1 ? '1 worker' : `${workers} workers`
    figures.push(
      figure(`first start to ready, ${label}`, 'ms', spreadOf(samples.first), 500),
      figure(`restart to ready, ${label}`, 'ms', spreadOf(samples.again), 500),
      // The sum over several processes counts what they share several times over: bare node:http
      // in a primary and two workers is above 180 MB by that measure, so the promise is for one.
      figure(`RSS at rest, ${label}`, 'MB', spreadOf(samples.rss), workers === 1 ? 120 : undefined),
      figure(`PSS at rest, ${label}`, 'MB', spreadOf(samples.pss)),
    )
  }
  return figures
}
