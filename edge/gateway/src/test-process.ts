/** A gateway in a process of its own, of which the memory is measured. Tests only. */
import { gatewayLimitsUsual } from './gateway-settings.ts'
import { startGateway } from './start-gateway.ts'
import { testSettings } from './test-settings.ts'

const gateway = await startGateway(
  testSettings({
    guard: { issuer: 'https://issuer.test', audience: 'https://api.test' },
    routes: [{ pattern: '/**', methods: [], requirement: null }],
    upstream: process.argv[2] ?? null,
    limits: { ...gatewayLimitsUsual, bodyBytesMax: Number.MAX_SAFE_INTEGER },
  }),
  { host: '127.0.0.1', port: 0 },
  (message) => console.error(message),
)
process.send?.(Number(new URL(gateway.url).port))
// Each message asks for the most memory there ever was, in kB.
process.on('message', () => process.send?.(process.resourceUsage().maxRSS))
process.on('disconnect', () => process.exit())
