/**
 * Oracle Integration: tokens are validated offline, revocations and deactivations come by the feed;
 * the client application must hold an app role of the instance, which the domain is asked for.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createClient } from '@mintmark/client'
import { type Caller, type Requirement, readRequirement, type Verdict } from '@mintmark/guard'
import { guard } from '@mintmark/guard/node'
import { nodeRequest, sendAnswer } from '@mintmark/guard/node-request'
import { listenSecurely, sendJson, setting } from '../listen-securely.ts'
import { rolesFromDomain } from './app-roles.ts'

const url = setting('INTEGRATION_URL', 'https://localhost:9444')
const domainUrl = setting('DOMAIN_URL', 'https://localhost:8482')
const issuer = setting('MINTMARK_ISSUER', 'http://localhost:8480')
/** The instance's own application in the domain, which holds Authenticator Client. */
const instance = {
  clientId: setting('INTEGRATION_INSTANCE_CLIENT_ID'),
  clientSecret: setting('INTEGRATION_INSTANCE_CLIENT_SECRET'),
}
const domain = createClient({
  ...instance,
  issuer,
  domainUrl,
  tokenEndpoint: `${domainUrl}/oauth2/v1/token`,
  scope: 'urn:opc:idm:__myscopes__',
})
const domainToken = async (): Promise<string> => (await domain.token()).value

const auth = guard({
  issuer,
  // The primary audience, whatever address the instance is reached at.
  audience: setting('INTEGRATION_AUDIENCE', 'https://3f9c.integration.example:443'),
  profile: 'identity-domain',
  realm: 'integration',
  resource: `${url}/ic/api/`,
  clockSkewSeconds: 0,
  jwksUri: `${domainUrl}/admin/v1/SigningCert/jwk`,
  keySetToken: domainToken,
  revocations: {
    token: domainToken,
    endpoint: `${domainUrl}/api/v1/revocations`,
  },
  accounts: {
    find: rolesFromDomain({
      domainUrl,
      appName: setting('INTEGRATION_APP', 'Integration'),
      seconds: Number(setting('ROLE_SECONDS', '60')),
      token: domainToken,
    }),
  },
  onEvent: (event) => console.log(JSON.stringify(event)),
})

type Refused = Extract<Verdict, { readonly ok: false }>

const challenge = { 'www-authenticate': 'Bearer realm="integration"' }

/** The instance says 401 of a client that the domain does not assert, where others say 403. */
const refuse = (response: ServerResponse, { answer, refusal }: Refused): void => {
  if (refusal.reason.startsWith('ACCOUNT_')) {
    const body = JSON.stringify({ ...JSON.parse(answer.body), status: 401 })
    sendAnswer(response, { status: 401, headers: { ...answer.headers, ...challenge }, body })
  } else sendAnswer(response, answer)
}

const refuseRole = (
  response: ServerResponse,
  clientId: string,
  wanted: readonly string[],
): void => {
  const title = 'The caller lacks an app role'
  const detail = `Client ${clientId} has no app role ${wanted.join(' or ')}; assign one to it.`
  response.setHeaders(new Map(Object.entries(challenge)))
  sendJson(response, 401, { title, status: 401, detail, reason: 'ROLE_MISSING' })
}

interface Route {
  readonly needs: Requirement
  /** App roles of which the client application holds one. */
  readonly roles: readonly string[]
  answer(request: IncomingMessage, caller: Caller): object
}

const routes = new Map<string, Route>(
  Object.entries({
    'GET /ic/api/integration/v1/flows/rest/ECHO/1.0/': {
      needs: readRequirement('urn:opc:resource:consumer::all'),
      roles: ['ServiceInvoker'],
      answer: (request) => ({ echo: new URL(request.url ?? '', url).search.slice(1) }),
    },
    'GET /ic/api/integration/v1/integrations': {
      needs: readRequirement({ anyScope: ['/ic/api/', 'ic/api/'] }),
      roles: ['ServiceUser', 'ServiceDeveloper', 'ServiceAdministrator'],
      answer: () => ({ items: [{ code: 'ECHO', version: '1.0', status: 'ACTIVATED' }] }),
    },
  }),
)

await auth.core.ready()
const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  if (auth.metadata(request, response)) return
  const path = (request.url ?? '').split('?', 1)[0]
  const route = routes.get(`${request.method} ${path}`)
  if (route === undefined) return sendJson(response, 404, { title: 'There is nothing here' })
  const verdict = await auth.core.check(nodeRequest(request), route.needs)
  if (!verdict.ok) return refuse(response, verdict)
  const { caller } = verdict
  const held = caller.account?.attributes?.['roles']
  const isAllowed = Array.isArray(held) && route.roles.some((role) => held.includes(role))
  if (!isAllowed) return refuseRole(response, caller.clientId, route.roles)
  sendJson(response, 200, { ranAs: caller.account?.name, ...route.answer(request, caller) })
}

listenSecurely(url, answer, () => {
  auth.core.close()
  domain.close()
})
