/** A gateway in a process of its own, of which the memory is measured. Tests only. */
import { gatewayLimitsUsual } from './gateway-settings.ts'
import { identityFieldsUsual } from './identity-fields.ts'
import { startGateway } from './start-gateway.ts'

const gateway = await startGateway(
  {
    guard: { issuer: 'https://issuer.test', audience: 'https://api.test' },
    routes: [{ pattern: '/**', methods: [], requirement: null }],
    upstream: process.argv[2] ?? null,
    forwardAuth: false,
    trustedProxies: [],
    identity: identityFieldsUsual,
    passToken: false,
    limits: { ...gatewayLimitsUsual, bodyBytesMax: Number.MAX_SAFE_INTEGER },
    tls: null,
  },
  { host: '127.0.0.1', port: 0 },
  (message) => console.error(message),
)
process.send?.(Number(new URL(gateway.url).port))
// Each message asks for the most memory there ever was, in kB.
process.on('message', () => process.send?.(process.resourceUsage().maxRSS))
process.on('disconnect', () => process.exit())
