/** `/metrics`, `/healthz` and `/readyz` on a port of their own, which callers do not reach. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Guard } from '@mintmark/guard/guard'
import { metricsContentType } from './gateway-metrics.ts'

export interface MetricsDoorOptions {
  render(): string
  guard(): Guard
  /** It takes no more requests. */
  isStopping(): boolean
}

export interface MetricsDoor {
  readonly url: string
  close(): Promise<void>
}

const connectionsMax = 100
const readyMsMax = 5000

/** Why no request should be sent here now; none: it can answer. */
const troubles = async ({ guard, isStopping }: MetricsDoorOptions): Promise<readonly string[]> => {
  if (isStopping()) return ['stopping']
  const { revocations } = guard().status()
  if (revocations !== null && revocations.state !== 'following') {
    return [`revocations ${revocations.state}`]
  }
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error('no answer')), readyMsMax).unref()
  })
  try {
    await Promise.race([guard().ready(), late])
    return []
  } catch {
    // The log has why; this page says only what a prober needs.
    return ['issuer unreachable']
  }
}

/** @throws Error when the port is taken */
export const openMetricsDoor = async (
  at: { readonly host: string; readonly port: number },
  options: MetricsDoorOptions,
): Promise<MetricsDoor> => {
  const server = createServer(async (request, response) => {
    const send = (status: number, type: string, body: string) => {
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
    }
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    switch (isRead ? request.url?.split('?', 1)[0] : null) {
      case '/metrics':
        return send(200, metricsContentType, options.render())
      case '/healthz':
        return send(200, 'text/plain', 'ok\n')
      case '/readyz': {
        const reasons = await troubles(options)
        const ready = reasons.length === 0
        return send(ready ? 200 : 503, 'application/json', JSON.stringify({ ready, reasons }))
      }
      default:
        return send(404, 'text/plain', 'Here are /metrics, /healthz and /readyz.\n')
    }
  })
  server.maxConnections = connectionsMax
  server.requestTimeout = 10_000
  await new Promise<void>((fulfil, reject) => {
    server.once('error', reject)
    server.listen(at.port, at.host, fulfil)
  })
  const { port } = server.address() as AddressInfo
  const host = at.host.includes(':') ? `[${at.host}]` : at.host
  return {
    url: `http://${host}:${port}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((fulfil) => server.close(fulfil))
    },
  }
}
