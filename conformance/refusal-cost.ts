/*
 * What a refusal costs: `node conformance/refusal-cost.ts [samples]` asks with wrong secrets and
 * unknown clients in turn and prints the medians. They should be within 5 % of each other; it is
 * printed and not asserted, because a busy machine may say anything.
 */
import { Agent, request } from 'node:http'
import { basic } from './kit/http.ts'
import { startMintmark } from './kit/mintmark-domain.ts'
import { refusedClients } from './kit/refused-clients.ts'
import { tokenPath } from './kit/test-domain.ts'

const samples = Number(process.argv[2] ?? 2000)
const warmUp = 300

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

const agent = new Agent({ keepAlive: true, maxSockets: 1 })
const body = 'grant_type=client_credentials'

/** Microseconds from the first byte sent to the last one received. */
const ask = (url: URL, authorization: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const headers = {
      authorization,
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': body.length,
    }
    const { port, pathname: path } = url
    const options = { agent, host: '127.0.0.1', port, path, method: 'POST', headers }
    const started = performance.now()
    const sent = request(options, (response) => {
      response.resume()
      response.once('end', () => {
        if (response.statusCode === 401) resolve((performance.now() - started) * 1000)
        else reject(new Error(`answered ${response.statusCode}`))
      })
    })
    sent.once('error', reject)
    sent.end(body)
  })

const domain = await startMintmark()
try {
  const refused = await refusedClients(domain)
  const url = new URL(domain.url + tokenPath)
  const names = Object.keys(refused)
  const times = new Map<string, number[]>(names.map((name) => [name, []]))
  for (let at = 0; at < samples + warmUp; at += 1) {
    // each goes first as often as the others
    const order = names.map((_, index) => names[(index + at) % names.length] as string)
    for (const name of order) {
      const { clientId, secret } = refused[name]?.() ?? { clientId: '', secret: '' }
      const microseconds = await ask(url, basic(clientId, secret))
      if (at >= warmUp) times.get(name)?.push(microseconds)
    }
  }
  const reference = median(times.get('unknown client') ?? [])
  console.log(`medians of ${samples} samples each, taken in turn`)
  for (const name of names) {
    const value = median(times.get(name) ?? [])
    const percent = (100 * (value / reference - 1)).toFixed(1)
    console.log(`${name.padEnd(34)} ${value.toFixed(0).padStart(6)} µs  ${percent.padStart(5)} %`)
  }
} finally {
  await domain.stop()
}
