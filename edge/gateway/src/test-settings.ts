/** What a gateway is made of where nothing is said of it. Tests only. */
import { type GatewaySettings, gatewayLimitsUsual } from './gateway-settings.ts'
import { identityFieldsUsual } from './identity-fields.ts'

export const testSettings = (
  wishes: Pick<GatewaySettings, 'guard'> & Partial<GatewaySettings>,
): GatewaySettings => ({
  routes: [],
  upstream: null,
  forwardAuth: false,
  trustedProxies: [],
  identity: identityFieldsUsual,
  passToken: false,
  limits: gatewayLimitsUsual,
  tls: null,
  ...wishes,
})
