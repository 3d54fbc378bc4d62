import { bearerToken } from './rows/bearer-token.ts'
import { clientAssertion } from './rows/client-assertion.ts'
import { clientCredentialsGrant } from './rows/client-credentials-grant.ts'
import { clientSecret } from './rows/client-secret.ts'
import { dpop } from './rows/dpop.ts'
import { errorAnswers } from './rows/error-answers.ts'
import { everyDoor } from './rows/every-door.ts'
import { fapi } from './rows/fapi.ts'
import { introspection } from './rows/introspection.ts'
import { jose } from './rows/jose.ts'
import { jwtAccessToken } from './rows/jwt-access-token.ts'
import { mutualTls } from './rows/mutual-tls.ts'
import { resourceIndicator } from './rows/resource-indicator.ts'
import { resourceMetadata } from './rows/resource-metadata.ts'
import { revocation } from './rows/revocation.ts'
import type { RowGroup } from './rows/row.ts'
import { securityPractice } from './rows/security-practice.ts'
import { serverMetadata } from './rows/server-metadata.ts'
import { signedIntrospection } from './rows/signed-introspection.ts'
import { tokenEndpoint } from './rows/token-endpoint.ts'

/** Every demand of the standards on this server, in the order of the page. */
export const rowGroups: readonly RowGroup[] = [
  tokenEndpoint,
  clientSecret,
  clientCredentialsGrant,
  errorAnswers,
  everyDoor,
  bearerToken,
  revocation,
  introspection,
  signedIntrospection,
  clientAssertion,
  mutualTls,
  dpop,
  fapi,
  serverMetadata,
  resourceIndicator,
  jwtAccessToken,
  resourceMetadata,
  securityPractice,
  jose,
]
