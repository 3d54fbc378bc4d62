/** The same small API with nothing in it that checks: behind a gateway. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { GatewayRoute } from '@mintmark/gateway/gateway-route'
import { startGateway } from '@mintmark/gateway/start-gateway'
import { testSettings } from '@mintmark/gateway/test-settings'
import type { GuardOptions } from '@mintmark/guard/guard-options'
import { readRequirement } from '@mintmark/guard/requirement'
import { demands, type GuardedApi } from './guarded-api.ts'

const routes: readonly GatewayRoute[] = Object.entries(demands).map(([route, wish]) => {
  const [method = '', pattern = ''] = route.split(' ')
  return { pattern, methods: [method], requirement: readRequirement(wish) }
})

/** Starts API and gateway; what reaches the API gets 200. */
export const startGatewayApi = async (guard: GuardOptions): Promise<GuardedApi> => {
  const api = createServer((request, response) => {
    response.end(JSON.stringify({ client: request.headers['x-client-id'] }))
  })
  await new Promise<void>((fulfil) => api.listen(0, '127.0.0.1', fulfil))
  const settings = testSettings({
    guard,
    routes,
    upstream: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
  })
  const gateway = await startGateway(settings, { host: '127.0.0.1', port: 0 }, () => {})
  const stop = async () => {
    await gateway.stop(0)
    api.closeAllConnections()
    api.close()
  }
  return { url: gateway.url, stop }
}
